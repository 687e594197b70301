import { basename, extname } from 'node:path';
import { dotText } from '../../draw/dot.ts';
import { drawnFlow } from '../../draw/flow-of.ts';
import { layoutOf } from '../../draw/layout.ts';
import { mermaidText } from '../../draw/mermaid.ts';
import { type Picture, withoutIdleLoopbacks } from '../../draw/picture.ts';
import { pictureOf } from '../../draw/picture-of.ts';
import { svgDocument } from '../../draw/svg.ts';
import type { DrawnFlow } from '../../draw/way.ts';
import { accountOf } from '../../explain/account.ts';
import { type Flow, runFlow } from '../../explain/flow.ts';
import { missingStack } from '../../world/stack-names.ts';
import type { World } from '../../world/world.ts';
import { writeWhole } from '../files.ts';
import { openTopology } from '../sources.ts';
import { EXIT } from './exit.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { sayHalt } from './say-halt.ts';
import { print, refuse, say } from './terminal.ts';

export interface GraphOptions extends LimitOptions {
  readonly format: 'svg' | 'mermaid' | 'dot';
  readonly path?: { readonly from: string; readonly flow: Flow };
  readonly output?: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** `cutaway graph`: the network of a topology as it was built, and over it the way of one flow. */
export function drawTopology(file: string, options: GraphOptions): undefined {
  const traced = options.path !== undefined;
  const opened = openTopology(file, {
    ...{ seed: options.seed, trace: traced, capture: traced },
    limits: limitsOf(options),
  });
  if ('problems' in opened) return refuse(opened.problems, options.json === true);
  const { world } = opened;
  const whole = pictureOf(world);
  const flow = options.path === undefined ? undefined : traceFlow(world, whole, options.path);
  if (flow === 'unknown') return undefined;
  const used = new Set([...(flow?.there ?? []), ...(flow?.back ?? [])].map(({ id }) => id));
  const picture = withoutIdleLoopbacks(whole, used);
  const title = basename(file, extname(file));
  const text = options.json === true ? jsonText(picture, flow) : drawn(options.format, picture, title, flow);
  if (options.output === undefined) print(text);
  else writeWhole(options.output, text);
}

function drawn(format: GraphOptions['format'], picture: Picture, title: string, flow: DrawnFlow | undefined): string {
  if (format === 'mermaid') return mermaidText(picture, flow);
  return format === 'dot' ? dotText(picture, title, flow) : svgDocument(layoutOf(picture), title, flow);
}

function jsonText(picture: Picture, flow: DrawnFlow | undefined): string {
  return `${JSON.stringify({ schema: 'cutaway/graph/1', ...picture, ...(flow === undefined ? {} : { flow }) })}\n`;
}

function traceFlow(
  world: World,
  picture: Picture,
  { from, flow }: NonNullable<GraphOptions['path']>,
): DrawnFlow | 'unknown' {
  const stack = world.find(from);
  if (stack === undefined) {
    const { message, hint } = missingStack(world, from);
    say(`error: --path: ${message}; ${hint}`);
    process.exitCode = EXIT.usage;
    return 'unknown';
  }
  const run = runFlow(world, stack, flow);
  sayHalt(world);
  return drawnFlow(picture, accountOf(world, run));
}
