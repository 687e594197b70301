import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { concat, put8, put16, put32, u8, u16, u32 } from '../../sim/wire/bytes.ts';

describe('network byte order', () => {
  it('puts the high byte first', () => {
    const bytes = new Uint8Array(7);
    put8(bytes, 0, 0x01);
    put16(bytes, 1, 0x0203);
    put32(bytes, 3, 0xf4050607);
    expect([...bytes]).toEqual([1, 2, 3, 0xf4, 5, 6, 7]);
    expect([u8(bytes, 0), u16(bytes, 1), u32(bytes, 3)]).toEqual([0x01, 0x0203, 0xf4050607]);
  });

  it('reads back what was put, unsigned, and leaves the bytes beside it alone', () => {
    const cases = fc.record({ value: fc.nat({ max: 0xffffffff }), at: fc.nat({ max: 4 }) });
    fc.assert(
      fc.property(cases, ({ value, at }) => {
        const bytes = new Uint8Array(8).fill(0xa5);
        put32(bytes, at, value);
        expect(u32(bytes, at)).toBe(value);
        put16(bytes, at, value & 0xffff);
        expect(u16(bytes, at)).toBe(value & 0xffff);
        put8(bytes, at, value & 0xff);
        expect(u8(bytes, at)).toBe(value & 0xff);
        const beside = [...bytes.subarray(0, at), ...bytes.subarray(at + 4)];
        expect(beside.every((byte) => byte === 0xa5)).toBe(true);
      }),
    );
  });

  it('pieces are put together in their order', () => {
    const parts = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)];
    expect([[...concat(parts)], concat([]).length]).toEqual([[1, 2, 3], 0]);
  });

  it('an access outside the buffer is a bug, on either side, and writes nothing', () => {
    const accesses: [size: number, access: (bytes: Uint8Array, offset: number) => unknown][] = [
      [1, u8],
      [2, u16],
      [4, u32],
      [1, (bytes, offset) => put8(bytes, offset, 1)],
      [2, (bytes, offset) => put16(bytes, offset, 1)],
      [4, (bytes, offset) => put32(bytes, offset, 1)],
    ];
    for (const [size, access] of accesses) {
      const bytes = new Uint8Array(8);
      access(bytes, 8 - size);
      bytes.fill(0);
      for (const offset of [-1, 8 - size + 1, 8, 100]) {
        expect(() => access(bytes, offset)).toThrow(SimulatorBug);
      }
      expect([...bytes]).toEqual(new Array(8).fill(0));
    }
  });
});
