import { basename, dirname, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Problem } from '../../core/problem.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter } from '../../filter/filter.ts';
import { deriveSteps } from '../../replay/derive.ts';
import { type CapturedFlows, flowsOf } from '../../replay/replay.ts';
import { letArrive, runScenario } from '../../scenario/runner.ts';
import { readScenario, type ScenarioSource } from '../../scenario/scenario-source.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { missingStack } from '../../world/stack-names.ts';
import { buildSource, type Loaded, type TopologySource } from '../../world/topology-source.ts';
import type { World } from '../../world/world.ts';
import { readBytes, writeWhole } from '../files.ts';
import { isScenarioFile, loadLab, loadScenario, loadTopology } from '../sources.ts';

export interface ReplayOptions {
  /** The capture file. */
  readonly read: string;
  /** The stack that sends. */
  readonly from: string;
  readonly map: ReadonlyMap<Ipv4, Ipv4>;
  /** Where the derived scenario goes. */
  readonly save: string | undefined;
  /** Which frames count, '' for all. */
  readonly filter: string;
}

/** A scenario that was derived from a capture, with what the capture held. */
export interface Replay {
  readonly source: ScenarioSource;
  /** The text that was derived, and read. */
  readonly text: string;
  readonly captured: CapturedFlows;
  /** Bytes that were not captured and are zeros. */
  readonly missing: number;
}

/** Faults of the command line, to be told apart from those of files. */
export type NoReplay = { readonly problems: readonly Problem[]; readonly isUsage: boolean };

/** More flows than a person follows. */
const MOST_FLOWS = 2000;

/** Derives a scenario from the flows of a capture: steps of `options.from` in the lab of `file`. */
export function deriveReplay(file: string, options: ReplayOptions): Replay | NoReplay {
  const lab = labOf(file, options.save);
  if ('problems' in lab) return { problems: lab.problems, isUsage: false };
  const { world, topology, steps } = lab;
  if (world.find(options.from) === undefined) return usage(missingStack(world, options.from));
  const compiled = compileFilter(options.filter, filterNames(world));
  if ('problem' in compiled) return { problems: [compiled.problem], isUsage: true };
  const read = readBytes(options.read);
  if ('problem' in read) return { problems: [read.problem], isUsage: false };
  const captured = flowsOf(read.bytes, compiled.filter);
  if ('message' in captured) {
    const message = `${options.read}: byte ${captured.offset}: ${captured.message}`;
    return { problems: [{ code: 'CAPTURE', message }], isUsage: false };
  }
  if (captured.flows.length > MOST_FLOWS) {
    const message = `${options.read} has ${captured.flows.length} flows, and ${MOST_FLOWS} at most are replayed`;
    return usage({ message, hint: 'pick some by a filter expression' });
  }
  const { from, map } = options;
  const derived = deriveSteps(captured.flows, { from, map, start: lab.start });
  const name = `replay-${basename(options.read).replace(/[^A-Za-z0-9_.-]/g, '_')}`.slice(0, 60);
  const title = `flows of ${basename(options.read)}, sent by ${options.from}`;
  const text = stringify({ name, title, topology, steps: [...steps, ...derived.steps] }, { lineWidth: 0 });
  const place = options.save ?? resolve('replay.yaml');
  const loaded = readScenario(text, place, (path) => loadTopology(resolve(dirname(place), path)));
  if ('problems' in loaded) return { problems: loaded.problems, isUsage: false };
  if (options.save !== undefined) writeWhole(options.save, text);
  return { source: loaded.source, text, captured, missing: derived.missing };
}

interface Lab {
  readonly world: World;
  /** For the derived file: a path from there, or the whole topology. */
  readonly topology: unknown;
  /** Of the lab's own scenario; they come first. */
  readonly steps: readonly unknown[];
  /** When those have ended, in nanoseconds. */
  readonly start: number;
}

function labOf(file: string, save: string | undefined): Lab | { readonly problems: readonly Problem[] } {
  const pathTo = (target: string): string => relative(dirname(resolve(save ?? 'replay.yaml')), resolve(target));
  const options = { seed: 1, trace: false, capture: false } as const;
  if (!isScenarioFile(file)) {
    const loaded: Loaded<TopologySource> = loadLab(file);
    if ('problems' in loaded) return loaded;
    const { world, problems } = buildSource(loaded.source, options);
    return problems.length > 0 ? { problems } : { world, topology: pathTo(file), steps: [], start: 0 };
  }
  const loaded = loadScenario(file);
  if ('problems' in loaded) return loaded;
  const { scenario, document, topology } = loaded.source;
  const { world } = buildSource(topology, { ...options, seed: scenario.seed });
  runScenario(world, scenario);
  letArrive(world, scenario);
  const { topology: named, steps = [] } = document.value as { topology: unknown; steps?: readonly unknown[] };
  return {
    world,
    topology: typeof named === 'string' ? pathTo(resolve(dirname(file), named)) : named,
    steps,
    start: Math.ceil(world.clock.now / 1e9) * 1e9,
  };
}

function usage({ message, hint }: { readonly message: string; readonly hint: string }): NoReplay {
  return { problems: [{ code: 'BAD_VALUE', message, hint }], isUsage: true };
}

/** What was read and what of it cannot be replayed, in lines. */
export function replayText({ captured, missing }: Replay): string {
  const { flows, frames, picked, leftOut } = captured;
  const ofThem = picked === frames ? '' : `, ${picked} of them picked by the filter`;
  const lines = [`${frames} frames${ofThem}: ${flows.length} flows to replay`];
  for (const [what, count] of leftOut)
    lines.push(`  not replayed: ${count} ${count === 1 ? 'packet' : 'packets'} of ${what}`);
  if (missing > 0) lines.push(`  ${missing} bytes of TCP were not captured: zeros are sent for them`);
  return lines.join('\n');
}

/** The same as data. */
export function replayJson({ captured, missing }: Replay) {
  const { flows, frames, picked, leftOut } = captured;
  const left = [...leftOut].map(([what, packets]) => ({ what, packets }));
  return { schema: 'cutaway/replay/1', frames, picked, flows: flows.length, leftOut: left, missingBytes: missing };
}
