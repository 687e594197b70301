import { assert } from '../core/assert.ts';
import type { RecordedStep, Recorder, StepKind } from './trace.ts';

const BIRTHS: readonly StepKind[] = ['originate', 'clone', 'segment', 'fragment', 'reassemble'];
const ENDS: readonly StepKind[] = ['deliver', 'consume', 'drop'];
/** What may happen to a packet once a device has sent it; a bridge device sends by its ports. */
const AFTER_TRANSMIT: readonly StepKind[] = ['receive', 'punt', 'bridge', 'because', 'drop'];

/**
 * Asserts that every recorded packet lived by the rules: it is born once, at its first step; it ends once, at its last;
 * and what a device sent is received by another one, handed to a program, or dropped. A packet may still be on its way.
 * Packets that were put into a world from outside have no birth of their own.
 */
export function checkTraces(recorder: Recorder): void {
  for (const { number } of recorder.packets()) {
    const steps = recorder.stepsOf(number);
    for (const [index, step] of steps.entries()) checkStep(step, steps[index - 1], index === steps.length - 1);
  }
}

function checkStep(step: RecordedStep, before: RecordedStep | undefined, isLast: boolean): void {
  const where = `packet ${step.packet}, ${step.kind} at ${step.time} ns in ${step.place.title}`;
  assert(before === undefined || !BIRTHS.includes(step.kind), `${where}: born twice`);
  assert(isLast || !ENDS.includes(step.kind), `${where}: something follows its end`);
  assert(before === undefined || before.time <= step.time, `${where}: before ${before?.kind}`);
  assert(before?.kind !== 'transmit' || AFTER_TRANSMIT.includes(step.kind), `${where}: follows a transmit`);
}
