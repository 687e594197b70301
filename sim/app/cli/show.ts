import { formatSeconds, type SimTime } from '../../core/time.ts';
import { arriveInSlices, playScenario } from '../../scenario/runner.ts';
import type { ScenarioSource } from '../../scenario/scenario-source.ts';
import { readQuestion, type TableEntry, tablesOfStack } from '../../show/ask/ask.ts';
import { isMisunderstood, type Question } from '../../show/ask/question.ts';
import { alignColumns } from '../../show/table.ts';
import { missingStack } from '../../world/stack-names.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { buildSource } from '../../world/topology-source.ts';
import type { Stack, World } from '../../world/world.ts';
import { isScenarioFile, loadScenario, openTopology } from '../sources.ts';
import { EXIT } from './exit.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { SLICE, withProgress } from './progress.ts';
import { sayHalt } from './say-halt.ts';
import { print, refuse, say } from './terminal.ts';

export interface ShowOptions extends LimitOptions {
  readonly style?: 'linux' | 'comware';
  readonly at?: SimTime;
  readonly seed?: number;
  readonly json?: boolean;
}

/** `cutaway show`: a table of one stack, or of each; without a table, what there is. */
export async function showTables(
  file: string,
  what: string | undefined,
  name: string | undefined,
  options: ShowOptions,
): Promise<void> {
  const read = what === undefined ? undefined : readQuestion(what, options.style);
  // A question that is none may be the name of a stack: then it is asked what there is of it.
  const mayBeStack = read !== undefined && isMisunderstood(read) && name === undefined;
  if (read !== undefined && isMisunderstood(read) && !mayBeStack) return fail(read.problem, read.hint);
  const world = await openWorld(file, options);
  if (world === undefined) return undefined;
  const wanted = mayBeStack ? what : name;
  const found = wanted === undefined ? undefined : world.find(wanted);
  if (read !== undefined && isMisunderstood(read)) {
    if (found === undefined) return fail(read.problem, read.hint);
    return listTables(world, [found], options);
  }
  if (wanted !== undefined && found === undefined) {
    const { message, hint } = missingStack(world, wanted);
    return fail(message, hint);
  }
  if (read === undefined) return listTables(world, found === undefined ? world.stacks() : [found], options);
  return answer(world, found, read, options);
}

const UNHEARD = { trace: false, capture: false } as const;

/** The world of a topology as it is after `--at`; of a scenario at its end, or when it had run so far. */
async function openWorld(file: string, options: ShowOptions): Promise<World | undefined> {
  if (isScenarioFile(file)) {
    const loaded = loadScenario(file);
    return 'problems' in loaded ? refuse(loaded.problems, options.json === true) : await runTo(loaded.source, options);
  }
  const opened = openTopology(file, { ...UNHEARD, seed: options.seed ?? 1, limits: limitsOf(options) });
  if ('problems' in opened) return refuse(opened.problems, options.json === true);
  const { world } = opened;
  const { at } = options;
  if (at === undefined) return world;
  await follow(playScenario(world, { steps: [], until: at }, { stopAt: at, slice: SLICE }));
  return world.halt === undefined ? world : halted(world);
}

async function runTo(source: ScenarioSource, options: ShowOptions): Promise<World | undefined> {
  const { at, seed } = options;
  const scenario = { ...source.scenario, seed: seed ?? source.scenario.seed };
  const { world } = buildSource(source.topology, { ...UNHEARD, seed: scenario.seed, limits: limitsOf(options) });
  const until = { slice: SLICE, ...(at === undefined ? {} : { stopAt: at }) };
  const run = await follow(playScenario(world, scenario, until));
  if (!run.cut) await follow(arriveInSlices(world, scenario, until));
  if (world.halt !== undefined) return halted(world);
  if (at !== undefined && !run.cut && world.clock.now < at) {
    const end = `${formatSeconds(world.clock.now)} s`;
    return fail(`the scenario ends at ${end}`, 'it goes on for longer with "until: TIME" in its file');
  }
  return world;
}

/** What is run is always one. */
function follow<T>(work: Generator<SimTime, T>): Promise<T> {
  return withProgress((progress) => {
    progress.begin(1, 'scenario', 'run');
    return progress.follow(work, progress.reached);
  });
}

/** What the tables hold in the middle of a storm is no answer. */
function halted(world: World): undefined {
  sayHalt(world);
  return undefined;
}

function answer(world: World, found: Stack | undefined, question: Question, options: ShowOptions): undefined {
  const snapshots = (found === undefined ? world.stacks() : [found]).map((stack) => world.snapshot(stack));
  const able = snapshots.filter((snapshot) => canAnswer(snapshot, question, found !== undefined));
  if (able.length === 0) return fail(...whyNot(world, found, question));
  const refusals = able.map((snapshot) => question.refusal?.(snapshot));
  const [refusal] = refusals;
  if (refusal !== undefined && refusals.every((one) => one !== undefined)) return fail(refusal);
  const shown = able.filter((_, index) => refusals[index] === undefined);
  for (const snapshot of shown) {
    if (options.json === true) {
      const { title, time: now } = snapshot;
      const head = { schema: 'cutaway/show/1', stack: title, time: now, command: question.command };
      print(JSON.stringify({ ...head, [question.key]: question.rows(snapshot) }));
    } else {
      if (found === undefined && snapshots.length > 1) print(`# ${snapshot.title}`);
      print(question.text(snapshot));
    }
  }
}

/** The kernel beneath Comware is a stack of its own: of all stacks it is shown once. */
function canAnswer({ comware, device }: StackSnapshot, { of }: Question, isNamed: boolean): boolean {
  if (of === 'any') return true;
  if (of === 'docker') return device !== undefined;
  return of === 'comware' ? comware !== undefined : comware === undefined || isNamed;
}

function whyNot(world: World, found: Stack | undefined, { of, command }: Question): [string, string?] {
  const devices = world.stacks().filter((stack) => stack.comware !== undefined);
  const whose = of === 'docker' ? 'Comware devices, where Docker runs' : 'Comware devices';
  if (devices.length === 0) return [`"${command}" is for ${whose}, and this topology has none`];
  const hint = `ask ${devices.map((stack) => stack.title).join(' or ')}`;
  return [`"${command}" is for ${whose}, and ${found?.title} is none`, hint];
}

function listTables(world: World, stacks: readonly Stack[], options: ShowOptions): undefined {
  for (const stack of stacks) {
    const snapshot = world.snapshot(stack);
    const tables = tablesOfStack(snapshot);
    if (options.json === true) {
      print(JSON.stringify({ schema: 'cutaway/show/1', stack: snapshot.title, time: snapshot.time, tables }));
    } else print(`# ${snapshot.title}\n${listText(tables)}`);
  }
}

function listText(tables: readonly TableEntry[]): string {
  return alignColumns(
    tables.map(({ command, name, rows }) => [command, name, `${rows} ${rows === 1 ? 'row' : 'rows'}`]),
  );
}

function fail(message: string, hint?: string): undefined {
  say(`error: ${message}${hint === undefined ? '' : `; ${hint}`}`);
  process.exitCode = EXIT.usage;
  return undefined;
}
