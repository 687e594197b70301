import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameReader, writeFrames } from './golden-frame.ts';

const frame = fc.record({
  time: fc.integer(),
  direction: fc.constantFrom('in' as const, 'out' as const),
  bytes: fc.uint8Array({ maxLength: 90 }).chain((bytes) =>
    // Headers of IPv4 and TCP in front now and then, so that there are groups to be like those before.
    fc.constantFrom(bytes, Uint8Array.of(...new Array(12).fill(2), 8, 0, 0x45, ...new Array(8).fill(0), 6, ...bytes)),
  ),
});

it('frames of a capture of any length come back byte for byte', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), (some, times) => {
      const frames = Array.from({ length: times }, () => some).flat();
      const reader = new FrameReader();
      expect(writeFrames(frames).map((line) => reader.read(line))).toEqual(frames);
    }),
    { numRuns: 60 },
  );
});

it('what is the same as before a frame that is not there is no frame', () => {
  expect(new FrameReader().read('0 in =')).toBeUndefined();
  expect(new FrameReader().read('0 in 00 _4.11')).toBeUndefined();
});
