import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byCaptureOrder, type CapturedFrame } from '../../sim/capture/captured-frame.ts';
import { merged } from '../../sim/capture/merged.ts';
import { ns } from '../../sim/core/time.ts';
import { frame } from './frames.ts';

const anyLists = fc.array(
  fc.array(
    fc.record({ time: fc.nat(2).map(ns), serial: fc.nat(1), packet: fc.nat(99) }).map((fields) => frame(fields)),
    { maxLength: 6 },
  ),
  { maxLength: 9 },
);

/** Makes its records anew whenever it is read. */
function readAnew(frames: readonly CapturedFrame[]): Iterable<CapturedFrame> & { readonly length: number } {
  return {
    length: frames.length,
    *[Symbol.iterator]() {
      for (const one of frames) yield { ...one };
    },
  };
}

describe('frames of several points', () => {
  it('come by time and serial, and equal ones as a sort leaves them: by their point, and as they were given', () => {
    fc.assert(
      fc.property(anyLists, fc.boolean(), (lists, isAnew) => {
        const model = lists
          .flatMap((frames, source) => frames.map((one) => ({ frame: one, source })))
          .sort((a, b) => byCaptureOrder(a.frame, b.frame));
        const given = isAnew ? lists.map(readAnew) : lists;
        expect(Array.from(merged(given), ({ frame: one, source }) => ({ frame: one, source }))).toEqual(model);
      }),
    );
  });

  it('are none of none', () => {
    expect([...merged([]), ...merged([[], []])]).toEqual([]);
  });
});
