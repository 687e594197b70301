import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../sim/show/table.ts';
import { wrapText } from '../../sim/show/wrap.ts';

describe('wrapping', () => {
  it('breaks between words, and keeps the lines that are there', () => {
    expect(wrapText('a default route out of vrfif0', 12)).toEqual(['a default', 'route out of', 'vrfif0']);
    expect(wrapText('one\ntwo three', 20)).toEqual(['one', 'two three']);
    expect(wrapText('', 10)).toEqual(['']);
  });

  it('breaks Chinese between any two characters, which take two columns each', () => {
    expect(wrapText('出接口为 Loop0', 6)).toEqual(['出接口', '为', 'Loop0']);
    expect(wrapText('直连路由', 5)).toEqual(['直连', '路由']);
  });

  it('cuts a word that is longer than a line', () => {
    expect(wrapText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
  });

  it('law: no line is too wide, and nothing but blanks is lost', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '接', '口', '，', '/', '0'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (whole, width) => {
        const lines = wrapText(whole, width);
        expect(lines.every((line) => textWidth(line) <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
      }),
    );
  });
});
