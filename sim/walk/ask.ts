import { lineageSteps } from '../packet/stations.ts';
import { mayBeAsked, questionAt } from './predict.ts';
import type { Asking } from './state.ts';
import { stackOf } from './stop-index.ts';
import type { Details, Tape } from './tape.ts';

/**
 * The first decision of a stop, from a step on, that has more than one way out; 'reading' while the tables that it is
 * made on have not been read.
 */
export function questionIn(tape: Tape, details: Details, stop: number, from: number): Asking | 'reading' | undefined {
  const { index, moments } = tape;
  const packet = index.packet(stop);
  const title = stackOf(index.station(stop));
  const steps = lineageSteps(details.recorder, packet);
  const own = steps.filter(
    (step) =>
      step.packet === packet && step.order >= Math.max(from, index.first(stop)) && step.order <= index.last(stop),
  );
  for (const step of own) {
    if (step.order === 0 || !mayBeAsked(step)) continue;
    const tables = moments.at(step.order - 1, title);
    if (tables === undefined) return 'reading';
    if (tables === 'absent') continue;
    const before = steps.filter(({ order }) => order < step.order);
    const question = questionAt(step, tables, before);
    if (question !== undefined) return { stop, order: step.order, question, choice: 0, isRevealed: false };
  }
  return undefined;
}
