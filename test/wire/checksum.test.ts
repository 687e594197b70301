import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { put16 } from '../../sim/wire/bytes.ts';
import { checksum, fold, pseudoHeader, sum, updateChecksum, updateChecksum32 } from '../../sim/wire/checksum.ts';

const octets = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
/** 16-bit words, with the two zeros of ones' complement often among them. */
const word = fc.oneof(fc.constantFrom(0, 0xffff, 1, 0xfffe), fc.nat({ max: 0xffff }));

/** RFC 1071 as it is defined: end-around carry after every addition. */
function byDefinition(bytes: Uint8Array): number {
  let total = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    total += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return 0xffff - total;
}

describe('Internet checksum', () => {
  it('of the example in RFC 1071 section 3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(sum(bytes, 0, 8)).toBe(0x2ddf0);
    expect(checksum(bytes, 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  it('is the ones’ complement sum by definition, for odd lengths too', () => {
    fc.assert(
      fc.property(fc.oneof(octets(0, 200), octets(250, 700)), fc.nat({ max: 7 }), (bytes, offset) => {
        const buffer = new Uint8Array(offset + bytes.length);
        buffer.set(bytes, offset);
        expect(checksum(buffer, offset, bytes.length)).toBe(byDefinition(bytes));
        // In memory it begins where it likes, too.
        expect(checksum(buffer.subarray(offset), 0, bytes.length)).toBe(byDefinition(bytes));
      }),
    );
  });

  it('over data that holds its own checksum is 0', () => {
    fc.assert(
      fc.property(octets(2, 100), (bytes) => {
        put16(bytes, 0, 0);
        put16(bytes, 0, checksum(bytes, 0, bytes.length));
        expect(checksum(bytes, 0, bytes.length)).toBe(0);
      }),
    );
  });

  it('can be summed up in pieces of even length', () => {
    fc.assert(
      fc.property(octets(0, 100), fc.nat({ max: 50 }), (bytes, half) => {
        const cut = Math.min(half * 2, bytes.length & ~1);
        const front = sum(bytes, 0, cut);
        expect(checksum(bytes, cut, bytes.length - cut, front)).toBe(checksum(bytes, 0, bytes.length));
      }),
    );
  });

  it('reads only its own range', () => {
    fc.assert(
      fc.property(octets(0, 20), octets(0, 21), octets(0, 20), (before, bytes, after) => {
        const all = Uint8Array.of(...before, ...bytes, ...after);
        expect(checksum(all, before.length, bytes.length)).toBe(checksum(bytes, 0, bytes.length));
      }),
    );
  });

  it('does not lose carries of a long run of ones', () => {
    const bytes = new Uint8Array(65535).fill(0xff);
    expect(checksum(bytes, 0, bytes.length)).toBe(byDefinition(bytes));
    expect(fold(0xffff * 0x10000)).toBe(0);
  });

  it('looks at no byte outside the buffer', () => {
    const bytes = new Uint8Array(20);
    expect(sum(bytes, 0, 20)).toBe(0);
    expect(sum(bytes, 20, 0)).toBe(0);
    for (const [offset, length] of [
      [0, 21],
      [1, 20],
      [-1, 5],
      [21, 0],
    ] as const)
      expect(() => sum(bytes, offset, length)).toThrow(SimulatorBug);
  });

  it('covers addresses, protocol and length by the pseudo header', () => {
    const laid = Uint8Array.of(10, 0, 0, 1, 255, 255, 255, 255, 0, 17, 0x12, 0x34);
    expect(fold(pseudoHeader(0x0a000001, 0xffffffff, 17, 0x1234))).toBe(checksum(laid, 0, laid.length));
  });
});

describe('incremental update (RFC 1624)', () => {
  /** Data that holds a checksum in word 0 and cannot sum up to zero: a 1 stands in its last word. */
  const covered = fc
    .tuple(fc.array(word, { minLength: 2, maxLength: 20 }), fc.nat())
    .map(([words, index]) => ({ words, index: 1 + (index % (words.length - 1)) }));

  function laidDown(words: readonly number[]): Uint8Array {
    const bytes = new Uint8Array(words.length * 2 + 2);
    words.forEach((value, index) => {
      put16(bytes, index * 2, value);
    });
    put16(bytes, words.length * 2, 1);
    put16(bytes, 0, 0);
    put16(bytes, 0, checksum(bytes, 0, bytes.length));
    return bytes;
  }

  it('equals computing it afresh, whatever word changes into whatever, 0 and 0xffff included', () => {
    fc.assert(
      fc.property(covered, word, ({ words, index }, after) => {
        const before = words[index] ?? 0;
        const old = checksumField(laidDown(words));
        const fresh = checksumField(laidDown(words.with(index, after)));
        expect(updateChecksum(old, before, after)).toBe(fresh);
      }),
      { numRuns: 2000 },
    );
  });

  it('the example of RFC 1624 section 4: 0x5555 to 0x3285 in data with checksum 0xdd2f gives 0', () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0);
  });

  it('of 32 bits is that of their two words', () => {
    const both = updateChecksum(updateChecksum(0x1234, 0x0a00, 0xc000), 0x0001, 0x0201);
    expect(updateChecksum32(0x1234, 0x0a000001, 0xc0000201)).toBe(both);
  });

  it('there and back again is where it began', () => {
    fc.assert(
      fc.property(covered, word, ({ words, index }, after) => {
        const old = checksumField(laidDown(words));
        const before = words[index] ?? 0;
        expect(updateChecksum(updateChecksum(old, before, after), after, before)).toBe(old);
      }),
    );
  });

  function checksumField(bytes: Uint8Array): number {
    return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  }
});
