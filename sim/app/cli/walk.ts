import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Limits } from '../../core/limits.ts';
import type { Problem } from '../../core/problem.ts';
import { filterNames } from '../../explain/lab-names.ts';
import { compileFilter, type Filter } from '../../filter/filter.ts';
import { visible } from '../../show/problem-excerpt.ts';
import { plainWalk } from '../../walk/plain.ts';
import { buildReel, playOfFlow, type Reel } from '../../walk/reel.ts';
import type { Entry } from '../../walk/start.ts';
import { type Language, same } from '../../walk/styled.ts';
import { Tape } from '../../walk/tape.ts';
import { flowIn, flowsOf } from '../../whatif/flow-list.ts';
import { buildSource } from '../../world/topology-source.ts';
import { isScenarioFile, loadScenario, loadTopology } from '../sources.ts';
import type { Shelf } from '../tui/app.tsx';
import { bundledShelf, SCENARIO_FOLDERS } from './bundled.ts';
import { type FlowOptions, flowOf, flowOptionsGiven, stackOf } from './flow-options.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { type Progress, withProgress } from './progress.ts';
import { sayHalt } from './say-halt.ts';
import { print, refuse, refuseFilter, refuseUsage, say } from './terminal.ts';

export interface WalkOptions extends FlowOptions, LimitOptions {
  readonly filter?: string;
  readonly lang?: Language;
  readonly text?: boolean;
}

/** What there is to walk, or why there is nothing. */
type Opened = { readonly shelf: Shelf; readonly first: Entry | undefined } | Refused;
type Refused = { readonly problems: readonly Problem[] } | { readonly usage: string };

/** `cutaway walk`: in a terminal the walkthrough, elsewhere the same as text. */
export async function walk(word: string | undefined, options: WalkOptions): Promise<void> {
  const opened =
    word === undefined ? { shelf: bundledShelf(limitsOf(options)), first: undefined } : openFile(fileOf(word), options);
  if ('problems' in opened) return refuse(opened.problems, false);
  if ('usage' in opened) return refuseUsage(opened.usage);
  const language = options.lang ?? localLanguage(process.env);
  if (options.text === true || !isInteractive()) return walkAsText(opened.shelf, opened.first, language, options);
  const filter = opened.first === undefined ? undefined : filterFor(opened.shelf, opened.first, options.filter);
  if (filter !== undefined && 'problem' in filter) return refuseFilter(filter.problem, false);
  const { walkOnTerminal } = await import('../tui/walk-on-terminal.tsx');
  await walkOnTerminal({ ...opened, language, filter });
}

/** The locale decides, as POSIX orders its variables. */
function localLanguage({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}

/** A terminal at both ends that can move its cursor. */
function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

/** A scenario that comes with it may be called by its name: `fig11`, or `11` for the figure. */
function fileOf(word: string): string {
  if (existsSync(word) || !/^[\w.-]+$/.test(word)) return word;
  const names = [word, ...(/^\d+$/.test(word) ? [`fig${word.padStart(2, '0')}`] : [])];
  const files = SCENARIO_FOLDERS.flatMap((folder) => names.map((name) => join(folder, `${name}.yaml`)));
  return files.find((file) => existsSync(file)) ?? word;
}

function openFile(file: string, options: WalkOptions): Opened {
  return isScenarioFile(file) ? openScenario(file, options) : openTopology(file, options);
}

function openScenario(file: string, options: WalkOptions): Opened {
  const given = flowOptionsGiven(options);
  if (given.length > 0) return { usage: `${given.join(', ')}: a scenario says itself what is sent` };
  const loaded = loadScenario(file);
  if ('problems' in loaded) return loaded;
  const { scenario, topology } = loaded.source;
  const play = { ...scenario, seed: options.seed ?? scenario.seed };
  return oneReel(
    { topology: topology.topology, play, changes: [], limits: limitsOf(options) },
    scenario.name,
    scenario.title ?? '',
  );
}

/** One flow of a topology, or without --from and --to all there are, to choose from. */
function openTopology(file: string, options: WalkOptions): Opened {
  const loaded = loadTopology(file);
  if ('problems' in loaded) return loaded;
  const { source } = loaded;
  const seed = options.seed ?? 1;
  const { world, problems } = buildSource(source, { seed, trace: false, capture: false });
  if (problems.length > 0) return { problems };
  const { topology } = source;
  const name = topology.name ?? basename(file).replace(/\.ya?ml$/, '');
  if (options.from === undefined && options.to === undefined) {
    if (options.text === true || !isInteractive())
      return { usage: 'a topology needs --from STACK and --to ADDRESS[:PORT]' };
    return allFlows(name, world, topology, seed, limitsOf(options));
  }
  const flow = flowOf(options);
  if (typeof flow === 'string') return { usage: flow };
  const stack = stackOf(world, options.from ?? '');
  if (typeof stack === 'string') return { usage: stack };
  return oneReel(
    { topology, play: playOfFlow(name, stack.title, flow, seed), changes: [], limits: limitsOf(options) },
    name,
    '',
  );
}

function oneReel(reel: Reel, name: string, title: string): Opened {
  const entry: Entry = { key: name, name, title, figure: reel.play.figure, group: same('') };
  return { shelf: { entries: [entry], open: () => reel }, first: entry };
}

/** Every flow that a network gives rise to, as something to be walked. */
function allFlows(
  name: string,
  world: ReturnType<typeof buildSource>['world'],
  topology: Reel['topology'],
  seed: number,
  limits: Limits,
): Opened {
  const flows = flowsOf(world).flatMap((names) => flowIn(world, names) ?? []);
  const reels = new Map(
    flows.map(({ from, to, flow }) => {
      const entry: Entry = {
        key: `${from} ${to}`,
        name: from,
        title: `-> ${to}`,
        figure: undefined,
        group: same(name),
      };
      return [entry, { topology, play: playOfFlow(name, from, flow, seed), changes: [], limits }] as const;
    }),
  );
  if (reels.size === 0) return { usage: 'nobody here has an address that another node could ask: what is to be sent?' };
  return { shelf: { entries: [...reels.keys()], open: (entry) => reels.get(entry) ?? '' }, first: undefined };
}

/** The expression of --filter with the names of the lab. */
function filterFor(
  shelf: Shelf,
  entry: Entry,
  text: string | undefined,
): { readonly text: string; readonly filter: Filter } | { readonly problem: Problem } | undefined {
  const reel = shelf.open(entry);
  if (text === undefined || typeof reel === 'string') return undefined;
  const built = buildReel(reel, { trace: false, capture: false });
  if ('fault' in built) return undefined;
  const compiled = compileFilter(text, filterNames(built.world));
  return 'problem' in compiled ? compiled : { text, filter: compiled.filter };
}

async function walkAsText(
  shelf: Shelf,
  first: Entry | undefined,
  language: Language,
  options: WalkOptions,
): Promise<void> {
  if (first === undefined) {
    for (const { name, title } of shelf.entries) print(`${name}  ${visible(title)}`);
    say('this is no terminal: cutaway walk NAME prints one of these as text');
    return;
  }
  const filter = filterFor(shelf, first, options.filter);
  if (filter !== undefined && 'problem' in filter) return refuseFilter(filter.problem, false);
  const reel = shelf.open(first);
  if (typeof reel === 'string') return refuseUsage(reel);
  // All of it is told: all of it is kept.
  const tape = new Tape(reel, Number.POSITIVE_INFINITY);
  await withProgress(async (progress) => {
    progress.begin(1, 'scenario', 'run');
    await workOff(tape, progress);
    if (filter === undefined) return;
    tape.filtered(filter.filter);
    await workOff(tape, progress);
  });
  const state = { filter, follow: undefined, all: false };
  for (const text of plainWalk(tape, state, language)) print(`${text.split('\n').map(visible).join('\n')}\n`);
  sayHalt(tape.world);
}

async function workOff(tape: Tape, progress: Progress): Promise<void> {
  while (tape.work()) {
    progress.reached(tape.world.clock.now);
    await progress.turn();
  }
}
