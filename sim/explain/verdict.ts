import type { Recorder } from '../packet/recorder.ts';
import { descendants, lineageSteps } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import { isRealDrop, mainLine } from '../scenario/probe-report.ts';

/**
 * What became of a packet, its copies and pieces.
 *
 * DELIVERED: a program has it, or the stack it was for has used it up. DROPPED: it died, and its sender was not told.
 * REJECTED: it died and its sender was told, by an ICMP error, a RST or its own stack. FORWARDED_OUT: it went out to
 * stations that are not in the model. UNDECIDED: it still waits, or the run was stopped before it ended.
 */
export type Verdict = 'DELIVERED' | 'DROPPED' | 'REJECTED' | 'FORWARDED_OUT' | 'UNDECIDED';

/** The packet, of those that `root` became, that tells what became of it, and the verdict. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly main: number;
}

/**
 * Judges a packet by how its copies and pieces ended. `arrivedAs` is what they caused, if the sender got that; `isTold`
 * says that the sender learnt of the end.
 */
export function outcomeOf(recorder: Recorder, root: number, caused: number, isTold: boolean): Outcome {
  const main = mainLine(recorder, root, caused);
  const end = recorder.stepsOf(main).at(-1);
  if (isGoodEnd(end)) return { verdict: 'DELIVERED', main };
  if (isTold) return { verdict: 'REJECTED', main };
  const ends = descendants(recorder, root).map((number) => recorder.stepsOf(number).at(-1));
  if (ends.some((one) => isRealDrop(one) && !isNoFurtherPort(recorder, one))) return { verdict: 'DROPPED', main };
  if (ends.every((one) => one !== undefined && hasEnded(one)) && wasSent(recorder, main)) {
    return { verdict: 'FORWARDED_OUT', main };
  }
  return { verdict: ends.some((one) => isNoFurtherPort(recorder, one)) ? 'DROPPED' : 'UNDECIDED', main };
}

/** A program has it, or a protocol used it up: forwarding and bridges only pass on or drop. */
function isGoodEnd(end: RecordedStep | undefined): boolean {
  if (end?.kind === 'deliver') return true;
  return end?.kind === 'consume' && (end.component === 'Inet stack' || end.component === 'Comware stack');
}

function hasEnded(step: RecordedStep): boolean {
  return step.kind === 'drop' || step.kind === 'consume' || step.kind === 'deliver';
}

/** A bridge has no port but the one it came by, so that nothing else decided: whoever it is for is not in the model. */
function isNoFurtherPort(recorder: Recorder, end: RecordedStep | undefined): boolean {
  if (end?.kind !== 'drop' || end.reason !== 'kernel:NO_TX_TARGET' || end.function !== 'br_flood') return false;
  return recorder.stepsOf(end.packet).at(-2)?.kind !== 'because';
}

function wasSent(recorder: Recorder, packet: number): boolean {
  return lineageSteps(recorder, packet).some((step) => step.kind === 'transmit');
}
