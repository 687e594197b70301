import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignColumns, pad, renderTable, textWidth } from '../../sim/show/table.ts';

describe('a table', () => {
  it('is as wide as its widest cells, and no line ends in blanks', () => {
    expect(renderTable([{ header: 'A' }, { header: 'BB', align: 'right' }, { header: 'C' }], [['xyz', '1', '']])).toBe(
      'A   BB C\nxyz  1\n',
    );
  });

  it('keeps least widths and gaps, and has no header line where no column has one', () => {
    expect(renderTable([{ width: 4, gap: '|' }, {}], [['a', 'b'], ['c']])).toBe('a   |b\nc   |\n');
    expect(renderTable([{}, {}], [])).toBe('');
  });

  it('gives Chinese two columns a character', () => {
    expect(textWidth('内核协议栈')).toBe(10);
    expect(textWidth('ｅｔｈ０')).toBe(8);
    expect(textWidth('e\u0301th0')).toBe(4);
    expect(
      alignColumns([
        ['内核', 'x'],
        ['Comware', 'y'],
      ]),
    ).toBe('内核     x\nComware  y\n');
    expect(pad('内核', 6, 'right')).toBe('  内核');
  });

  it('law: the second column begins at the same place in every line', () => {
    const cell = fc.stringMatching(/^[a-z内核Ｘ]{1,9}$/);
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), (cells) => {
        const lines = alignColumns(cells.map((text) => [text, '|']))
          .trimEnd()
          .split('\n');
        expect(new Set(lines.map((line) => textWidth(line))).size).toBe(1);
      }),
    );
  });
});
