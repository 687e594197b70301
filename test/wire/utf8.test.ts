import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToUtf8Length, decodeUtf8, encodeUtf8 } from '../../sim/wire/utf8.ts';

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

  it('is read as the platform reads it, whatever the bytes (law)', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      anyText.map((text) => encodeUtf8(text)),
      fc
        .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5))
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (read) => {
        expect(decodeUtf8(read)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(read)));
      }),
      { numRuns: 500 },
    );
  });

  it('takes one to four bytes a character, each up to its last', () => {
    const texts = ['\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}', '\ud800'];
    expect(texts.map((text) => encodeUtf8(text).length)).toEqual([1, 2, 2, 3, 3, 4, 4, 3]);
    for (const text of texts) {
      const { length } = encodeUtf8(text);
      expect([cutToUtf8Length(text, length), cutToUtf8Length(text, length - 1)]).toEqual([text, '']);
    }
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
