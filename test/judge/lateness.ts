import type { ScenarioStep } from '../../sim/scenario/scenario-schema.ts';
import { isProbeStep } from '../../sim/scenario/start-probe.ts';
import type { Comparison } from './compare/compare.ts';
import { PROCESS_START } from './process-start.ts';
import type { StepRecord, WorldRecord } from './record.ts';

/** In the simulator a program sends within this, in ns, or it does not begin with a frame. */
const AT_ONCE = 1_000_000;

/**
 * The steps of the kernel's record, each begun as late as its first frame shows that its program did: on a busy machine
 * that is long after the step, and whatever goes on meanwhile is further on than it would be.
 */
export function withLateStarts(
  steps: readonly ScenarioStep[],
  simulator: WorldRecord,
  kernel: WorldRecord,
  { pairs }: Comparison,
): StepRecord[] {
  return kernel.steps.map((record, index) => {
    const [step, mine] = [steps[index], simulator.steps[index]];
    if (step === undefined || mine === undefined || !isProbeStep(step)) return record;
    const node = String((Object.values(step).find((value) => typeof value === 'object') as { from?: unknown })?.from);
    const lateness = [...pairs]
      .filter(([seen]) => seen.record.direction === 'out' && nodeOf(seen.point) === node)
      .map(([seen, its]) => ({ after: seen.record.time - mine.started, its: its.record.time - record.started }))
      .filter(({ after, its }) => after >= 0 && after < AT_ONCE && its >= 0 && its - after <= PROCESS_START)
      .sort((a, b) => a.after - b.after)
      .map(({ after, its }) => Math.max(0, its - after));
    return { ...record, started: record.started + (lateness[0] ?? 0) };
  });
}

function nodeOf(point: string): string {
  return point.slice(0, point.lastIndexOf(':'));
}
