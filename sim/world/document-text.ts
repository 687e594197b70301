import type { SourcePlace } from '../core/problem.ts';

/**
 * The text of a user's file and its lines. Offsets count UTF-16 code units from 0, as editors' columns do. A line ends
 * with \n or \r\n; a byte order mark is no part of it.
 */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];
  /** Behind the last character that shows: what is missing at the end of a file is missed there. */
  readonly #visibleEnd: number;

  constructor(text: string, file: string) {
    this.file = file;
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#lineStarts = lineStarts(this.text);
    this.#visibleEnd = this.text.trimEnd().length;
  }

  /** Number of lines; an empty text has one. */
  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** Line `number`, counted from 1, without its line ending; empty outside the file. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return '';
    const next = this.#lineStarts[number];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  /** The line that holds `offset`, counted from 1. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Marks `start` up to `end`, or up to the end of its first line. */
  place(start: number, end: number): SourcePlace {
    const from = Math.max(0, Math.min(start, this.#visibleEnd));
    const line = this.lineAt(from);
    return this.placeInLine(line, from - (this.#lineStarts[line - 1] ?? 0), end - from);
  }

  /** Marks `length` characters of line `number` (from 1), `column` characters (from 0) into it, as far as there are any. */
  placeInLine(number: number, column: number, length: number): SourcePlace {
    const text = this.line(number);
    const from = Math.max(0, Math.min(column, text.length));
    return {
      file: this.file,
      line: number,
      column: from + 1,
      length: Math.max(1, Math.min(length, text.length - from)),
      text,
    };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
