import type { SourcePlace } from '../core/problem.ts';

/** Columns of the source line that are shown. */
const WIDTH = 120;
/** Columns shown in front of the caret, where the line must be cut. */
const BEFORE = 40;
const TAB_WIDTH = 4;
const ELLIPSIS = '…';

/** One character of a line as it is printed. */
interface Cell {
  readonly text: string;
  /** Columns of the terminal that it takes. */
  readonly width: number;
  readonly marked: boolean;
}

/** The source line of `place`, harmless and at most 120 columns wide, and the line of carets that goes under it. */
export function excerpt(place: SourcePlace): { readonly source: string; readonly caret: string } {
  const { cells, cutBefore, cutAfter } = window(place);
  const source = cells.map((cell) => cell.text).join('');
  const first = cells.findIndex((cell) => cell.marked);
  const before = widthOf(first === -1 ? cells : cells.slice(0, first));
  const marked = widthOf(cells.filter((cell) => cell.marked));
  return {
    source: `${cutBefore ? ELLIPSIS : ''}${source}${cutAfter ? ELLIPSIS : ''}`,
    caret: `${' '.repeat(before + (cutBefore ? 1 : 0))}${'^'.repeat(Math.max(1, marked))}`,
  };
}

/** What is shown of the line: all of it, or the part around the caret that fits. */
function window(place: SourcePlace): { cells: Cell[]; cutBefore: boolean; cutAfter: boolean } {
  // Lines may be megabytes long: only what could be shown is looked at.
  const mark = place.column - 1;
  const from = Math.max(0, mark - WIDTH);
  const to = mark + WIDTH;
  const cells = cellsOf(place.text.slice(from, to), mark - from, place.length);
  const room = WIDTH - 2;
  if (from === 0 && to >= place.text.length && widthOf(cells) <= WIDTH) {
    return { cells, cutBefore: false, cutAfter: false };
  }
  const markedFrom = cells.findIndex((cell) => cell.marked);
  const caret = markedFrom === -1 ? cells.length : markedFrom;
  let begin = caret;
  // With nothing behind the caret, the room behind it is used in front.
  const spare = Math.max(0, room - BEFORE - widthOf(cells.slice(caret)));
  for (let width = 0; begin > 0; begin--) {
    width += cells[begin - 1]?.width ?? 0;
    if (width > BEFORE + spare) break;
  }
  const left = widthOf(cells.slice(begin, caret));
  let end = caret;
  for (let width = left; end < cells.length; end++) {
    width += cells[end]?.width ?? 0;
    if (width > room) break;
  }
  return {
    cells: cells.slice(begin, end),
    cutBefore: from > 0 || begin > 0,
    cutAfter: to < place.text.length || end < cells.length,
  };
}

function cellsOf(text: string, mark: number, length: number): Cell[] {
  const cells: Cell[] = [];
  let index = 0;
  for (const character of text) {
    const marked = index >= mark && index < mark + length;
    if (character === '\t') cells.push({ text: ' '.repeat(TAB_WIDTH), width: TAB_WIDTH, marked });
    else {
      const shown = visible(character);
      cells.push({ text: shown, width: shown === character ? columns(character) : shown.length, marked });
    }
    index += character.length;
  }
  return cells;
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

/** Columns a printable character takes: 2 for East Asian ones and emoji, 0 for marks that combine (UAX 11). */
function columns(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/**
 * `text` with everything that could move the cursor, colour the screen or turn the reading direction written as an
 * escape: control and format characters, line and paragraph separators, halves of surrogate pairs.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16);
    if (point.length <= 2) return `\\x${point.padStart(2, '0')}`;
    return point.length <= 4 ? `\\u${point.padStart(4, '0')}` : `\\u{${point}}`;
  });
}
