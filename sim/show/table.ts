/** How a column stands in its width. */
export type Alignment = 'left' | 'right';

export interface Column {
  readonly header?: string;
  readonly align?: Alignment;
  /** Least width, in columns of the terminal. */
  readonly width?: number;
  /** What separates it from the next one; a blank unless given. */
  readonly gap?: string;
}

/**
 * Lines up rows under headers: every column is as wide as its widest cell. The last one is not padded and no line ends
 * in blanks. Without any header there is no line of them.
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const hasHeader = columns.some((column) => column.header !== undefined);
  const lines = hasHeader ? [columns.map((column) => column.header ?? ''), ...rows] : rows;
  const widths = columns.map((column, index) =>
    lines.reduce((most, cells) => Math.max(most, textWidth(cells[index] ?? '')), column.width ?? 0),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align) + (column.gap ?? ' '))
      .join('')
      .trimEnd();
  return lines.map((cells) => `${line(cells)}\n`).join('');
}

/** Lines up rows of text two blanks apart; the first may be the headers. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const count = rows.reduce((most, cells) => Math.max(most, cells.length), 0);
  return renderTable(
    Array.from({ length: count }, () => ({ gap: '  ' })),
    rows,
  );
}

/** `text` in `width` columns of the terminal; longer text stays whole. */
export function pad(text: string, width: number, align: Alignment = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** How many columns of a terminal a text takes: Chinese, Japanese and Korean characters and full-width forms take two. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += isCombining(character) ? 0 : isWide(character) ? 2 : 1;
  return width;
}

const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

function isCombining(character: string): boolean {
  return character > '~' && COMBINING.test(character);
}

/** First and last code point of what UAX #11 calls wide or full-width, in blocks; ambiguous ones are narrow. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function isWide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && WIDE.some(([first, last]) => code >= first && code <= last);
}
