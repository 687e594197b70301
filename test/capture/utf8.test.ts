import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToUtf8Length, encodeUtf8 } from '../../sim/capture/utf8.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0xd700, max: 0xe0ff })).map((units) => String.fromCharCode(...units)),
);

describe('UTF-8', () => {
  it('is what the platform encodes, lone surrogates included (law)', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      }),
    );
  });

  it('cuts a text to the most characters that fit (law)', () => {
    fc.assert(
      fc.property(anyText, fc.nat(20), (text, limit) => {
        const cut = cutToUtf8Length(text, limit);
        const following = [...text.slice(cut.length)][0] ?? '';
        expect(text.startsWith(cut)).toBe(true);
        expect(encodeUtf8(cut).length).toBeLessThanOrEqual(limit);
        if (following !== '') expect(encodeUtf8(cut + following).length).toBeGreaterThan(limit);
      }),
    );
  });
});
