import type { Problem } from '../../core/problem.ts';
import type { AskedFlow } from '../../whatif/asked-flow.ts';
import { type Change, changeProblem, changeText, isChangeFault, parseChange, type Verb } from '../../whatif/change.ts';
import { compareFlows, type Diff, type Side } from '../../whatif/diff.ts';
import { askedIn } from '../../whatif/flow-list.ts';
import { buildWorld } from '../../world/build.ts';
import { buildSource } from '../../world/topology-source.ts';
import { isScenarioFile, loadScenario, loadTopology } from '../sources.ts';
import { diffText } from './diff-text.ts';
import { EXIT } from './exit.ts';
import { type LimitOptions, limitsOf } from './limits.ts';
import { withProgress } from './progress.ts';
import { paletteFor, print, refuse, refuseUsage, say } from './terminal.ts';

export interface DiffCommandOptions extends LimitOptions {
  readonly flow?: readonly AskedFlow[];
  readonly limit: number;
  readonly seed?: number;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

export interface TypedChange {
  readonly verb: Verb;
  readonly line: string;
}

interface OpenedSide {
  readonly side: Side;
  readonly file: string;
}

/** `cutaway diff`: which flows changed fate between two networks, and where their ways part. */
export async function compare(
  a: string,
  b: string | undefined,
  changes: readonly TypedChange[],
  options: DiffCommandOptions,
): Promise<void> {
  if (b === undefined && changes.length === 0) {
    return refuseUsage('compare it with what? Write a second file, or changes: --set "gw: net.ipv4.ip_forward=1"');
  }
  const read = readChanges(changes);
  if ('problem' in read) return refuseChange(read.problem, options);
  const before = open(a, [], options);
  if ('problems' in before) return refuse(before.problems, options.json === true);
  const after = open(b ?? a, read.changes, options);
  if ('problems' in after) return refuse(after.problems, options.json === true);
  if ((before.side.scenario === undefined) !== (after.side.scenario === undefined)) {
    return refuseUsage('one file is a scenario and the other a topology: compare two of a kind');
  }
  const asked = options.flow ?? [];
  if (asked.length > 0 && before.side.scenario !== undefined)
    return refuseUsage('the flows of a scenario are its steps: leave --flow');
  const unknown = asked.find((flow) => [before, after].every(({ side }) => !isKnown(side, flow)));
  if (unknown !== undefined)
    return refuseUsage(`neither network has a flow "${unknown.text}": who sends, and to whom?`);
  const diff = await withProgress((progress) => {
    progress.begin(0, 'flow', 'compared');
    return progress.follow(compareFlows(before.side, after.side, { asked, limit: options.limit }), progress.stands);
  });
  if ('fault' in diff) return refuseChange(changeProblem(diff), options);
  report(before, after, diff, options);
}

function isKnown({ topology, seed }: Side, flow: AskedFlow): boolean {
  const { world } = buildWorld(topology, { seed, trace: false, capture: false });
  return askedIn(world, flow) !== undefined;
}

function readChanges(changes: readonly TypedChange[]): { readonly changes: Change[] } | { readonly problem: Problem } {
  const read: Change[] = [];
  for (const { verb, line } of changes) {
    const change = parseChange(verb, line);
    if (isChangeFault(change)) return { problem: changeProblem({ change: { verb, line }, fault: change }) };
    read.push(change);
  }
  return { changes: read };
}

/** A change that cannot be made is a mistake on the command line. */
function refuseChange(problem: Problem, options: DiffCommandOptions): undefined {
  refuse([problem], options.json === true);
  process.exitCode = EXIT.usage;
  return undefined;
}

function open(
  file: string,
  changes: readonly Change[],
  options: DiffCommandOptions,
): OpenedSide | { readonly problems: readonly Problem[] } {
  const { seed } = options;
  const limits = limitsOf(options);
  if (isScenarioFile(file)) {
    const loaded = loadScenario(file);
    if ('problems' in loaded) return loaded;
    const { scenario, topology } = loaded.source;
    const seeded = seed === undefined ? scenario : { ...scenario, seed };
    return { file, side: { topology: topology.topology, seed: seeded.seed, scenario: seeded, changes, limits } };
  }
  const loaded = loadTopology(file);
  if ('problems' in loaded) return loaded;
  const { problems } = buildSource(loaded.source, { seed: seed ?? 1, trace: false, capture: false });
  if (problems.length > 0) return { problems };
  return { file, side: { topology: loaded.source.topology, seed: seed ?? 1, scenario: undefined, changes, limits } };
}

function report(before: OpenedSide, after: OpenedSide, diff: Diff, options: DiffCommandOptions): void {
  if (options.json === true) {
    const sideJson = ({ file, side }: OpenedSide) => ({
      file,
      changes: side.changes.map(({ verb, line }) => ({ verb, line })),
    });
    print(JSON.stringify({ schema: 'cutaway/diff/1', before: sideJson(before), after: sideJson(after), ...diff }));
  } else {
    print(`before: ${before.file}\nafter:  ${[after.file, ...after.side.changes.map(changeText)].join(' ')}\n`);
    print(diffText(diff, paletteFor(process.stdout, process.env)));
  }
  if (diff.left > 0) {
    say(`${diff.left} more flows were not sent: --limit ${diff.compared + diff.left} compares all, --flow chooses`);
  }
  const isSame = diff.changed.length + diff.onlyBefore.length + diff.onlyAfter.length === 0;
  if (options.exitCode === true && !isSame) process.exitCode = EXIT.failed;
}
