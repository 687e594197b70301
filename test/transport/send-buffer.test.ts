import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SendBuffer } from '../../sim/transport/tcp/send-buffer.ts';

const START = 0xffff_f000;

it('law: what was written is found by its sequence number until it is acknowledged, past the wrap too', () => {
  const step = fc.record({
    write: fc.oneof(fc.nat(300), fc.integer({ min: 4000, max: 4200 }), fc.integer({ min: 8000, max: 20_000 })),
    acknowledge: fc.double({ min: 0, max: 1, noNaN: true }),
    read: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const buffer = new SendBuffer(START);
      let [written, acknowledged] = [0, 0];
      const byteAt = (place: number): number => (place * 7 + (place >>> 8)) & 255;
      for (const { write, acknowledge, read } of steps) {
        const from = written;
        buffer.append(Uint8Array.from({ length: write }, (_, at) => byteAt(from + at)));
        written += write;
        acknowledged += Math.floor(acknowledge * (written - acknowledged));
        buffer.acknowledge((START + acknowledged) >>> 0);
        expect([buffer.length, buffer.end]).toEqual([written - acknowledged, (START + written) >>> 0]);
        const start = acknowledged + Math.floor(read[0] * buffer.length);
        const length = Math.floor(read[1] * (written - start));
        const target = new Uint8Array(length + 2).fill(0xee);
        buffer.copy((START + start) >>> 0, length, target, 1);
        const expected = [0xee, ...Array.from({ length }, (_, at) => byteAt(start + at)), 0xee];
        expect(Buffer.compare(target, Uint8Array.from(expected))).toBe(0);
      }
    }),
  );
});

it('has nothing of what is acknowledged, nor what is not written', () => {
  const buffer = new SendBuffer(100);
  buffer.append(new Uint8Array(50));
  buffer.acknowledge(120);
  expect(() => buffer.copy(119, 1, new Uint8Array(9), 0)).toThrow('to send');
  expect(() => buffer.copy(149, 2, new Uint8Array(9), 0)).toThrow('to send');
  buffer.copy(149, 1, new Uint8Array(9), 0);
});
