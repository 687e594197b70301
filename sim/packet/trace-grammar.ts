import { assert } from '../core/assert.ts';
import type { SimTime } from '../core/time.ts';
import type { Recorder } from './recorder.ts';
import type { StepKind } from './trace.ts';

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
    let before: { readonly kind: StepKind; readonly time: SimTime } | undefined;
    recorder.visit(number, ({ kind }, time, place) => {
      const fault = before === undefined ? undefined : faultAfter(before, kind, time);
      assert(fault === undefined, `packet ${number}, ${kind} at ${time} ns in ${place.title}: ${fault}`);
      before = { kind, time };
    });
  }
}

/** Why a step may not come after the one before it. */
function faultAfter(
  before: { readonly kind: StepKind; readonly time: SimTime },
  kind: StepKind,
  time: SimTime,
): string | undefined {
  if (BIRTHS.includes(kind)) return 'born twice';
  if (ENDS.includes(before.kind)) return `follows its end, ${before.kind}`;
  if (before.time > time) return `before ${before.kind}`;
  return before.kind === 'transmit' && !AFTER_TRANSMIT.includes(kind) ? 'follows a transmit' : undefined;
}
