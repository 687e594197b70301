import { planNetns } from '../../sim/netns/plan.ts';
import type { RecordedStep } from '../../sim/packet/trace.ts';
import type { ScenarioSource } from '../../sim/scenario/scenario-source.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import { type Comparison, compareWorlds } from './compare/compare.ts';
import type { Named } from './compare/pairing.ts';
import { withLateStarts } from './lateness.ts';
import { quietTail, staysQuiet } from './quiet-end.ts';
import { whyNotJudged } from './real/judgeable.ts';
import { runInKernel } from './real/run.ts';
import type { WorldRecord } from './record.ts';
import { runSimulated, type SimulatedRun } from './simulated.ts';

export interface JudgeOptions {
  /** Of the names of namespaces; runs at the same time need different ones. */
  readonly prefix: string;
  /** Ask the kernel for its drop reasons, where it can be asked. */
  readonly drops: boolean;
  /** A recorded run of the kernel, in place of one now. */
  readonly golden?: WorldRecord;
}

export type Verdict =
  | { readonly kind: 'not judged'; readonly reasons: readonly string[] }
  | {
      readonly kind: 'agreed' | 'differs';
      readonly comparison: Comparison;
      readonly kernel: WorldRecord;
      readonly simulator: WorldRecord;
      /** Steps of the simulator's trace, of one packet. */
      readonly stepsOf: (packet: number) => readonly RecordedStep[];
    };

/** How often a run is made anew whose tables took so long to read that the world went on meanwhile. */
const MOST_RUNS = 4;

/** One description, two worlds: the scenario in the kernel and in the simulator, compared. */
export async function judgeScenario(source: ScenarioSource, options: JudgeOptions): Promise<Verdict> {
  const reasons = whyNotJudged(source);
  if (reasons.length > 0) return { kind: 'not judged', reasons };
  const { kernel, simulated } = await playBoth(source, options);
  const first = compared(source, kernel, simulated);
  if (first.kind === 'agreed' || options.golden !== undefined) return first;
  const steps = withLateStarts(source.scenario.steps, simulated.record, kernel, first.comparison);
  const again = runSimulated(source, { kernel: { ...kernel, steps }, byItsClock: true });
  const second = compared(source, kernel, again);
  return second.kind === 'agreed' ? second : first;
}

type Judged = Exclude<Verdict, { readonly kind: 'not judged' }>;

function compared(source: ScenarioSource, kernel: WorldRecord, { record: simulator, stepsOf }: SimulatedRun): Judged {
  const comparison = compareWorlds(simulator, kernel, { named: namedNumbers(source) });
  const kind = comparison.differences.length === 0 ? 'agreed' : 'differs';
  return { kind, comparison, kernel, simulator, stepsOf };
}

async function playBoth(
  source: ScenarioSource,
  options: JudgeOptions,
): Promise<{ readonly kernel: WorldRecord; readonly simulated: SimulatedRun }> {
  const { golden } = options;
  if (golden !== undefined) {
    return { kernel: golden, simulated: runSimulated(source, { kernel: golden, byItsClock: false }) };
  }
  for (let run = 1; ; run++) {
    const kernel = await inKernel(source, options);
    const simulated = runSimulated(source, { kernel, byItsClock: true });
    const { read = kernel.until, until } = kernel;
    if (run === MOST_RUNS || staysQuiet(simulated.world, read - until)) return { kernel, simulated };
  }
}

/**
 * Ports and identifiers that the files name, which no stack chose at random: every number in them outside an address.
 * The ends of a range are left out (`40000-40010`, `40000 40010`): what is chosen from it is chosen by the stack.
 */
export function namedNumbers({ scenario, topology }: ScenarioSource): Named {
  const text = JSON.stringify([scenario, topology.topology]).replaceAll(/\d+\.\d+\.\d+\.\d+/g, '');
  const range = /\b(\d{3,5})[- ](\d{3,5})\b/g;
  const ranges = [...text.matchAll(range)].map(([, first, last]) => [Number(first), Number(last)] as const);
  const numbers = new Set([...text.replaceAll(range, '').matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  return { has: (port) => numbers.has(port), ranges };
}

async function inKernel(source: ScenarioSource, { prefix, drops }: JudgeOptions): Promise<WorldRecord> {
  const { world } = buildSource(source.topology, { seed: source.scenario.seed, trace: false, capture: false });
  const planned = planNetns(source.topology.topology, world, { prefix });
  if ('findings' in planned) throw new Error(planned.findings.map((finding) => finding.message).join('; '));
  return runInKernel(source, planned.plan, { prefix, tail: quietTail(source), drops });
}
