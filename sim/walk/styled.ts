import { textWidth } from '../show/table.ts';

/*
 * What a pane shows: lines of text in tones. A tone says what a text means; which colour or weight that is, the terminal's
 * face decides, and no tone is the only sign of anything.
 */

/** Of the words on the screen. */
export type Language = 'en' | 'zh';
export type Words = Readonly<Record<Language, string>>;

/** What devices print, and names, are the same in both. */
export function same(text: string): Words {
  return { en: text, zh: text };
}

export type Tone =
  | 'plain'
  /** Less important: frames, hints, what was not touched. */
  | 'quiet'
  | 'strong'
  /** Names of panes, nodes and namespaces. */
  | 'title'
  /** Where the packet is now; the row that decided. */
  | 'lit'
  /** The way so far. */
  | 'path'
  /** The packet itself. */
  | 'packet'
  /** A header field, an address or a port that was rewritten here. */
  | 'changed'
  | 'good'
  /** A death, a failed expectation. */
  | 'bad'
  /** A key to press. */
  | 'key';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

export interface Size {
  /** In columns and rows of a terminal. */
  readonly width: number;
  readonly height: number;
}

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

export function line(text: string, tone: Tone = 'plain'): Line {
  return [{ text, tone }];
}

export function lineWidth(spans: Line): number {
  return spans.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** As plain text. */
export function lineText(spans: Line): string {
  return spans.map(({ text }) => text).join('');
}

/** Exactly `width` columns: cut with `…` where it is longer, blanks behind it where it is shorter. */
export function fitLine(spans: Line, width: number): Line {
  const own = lineWidth(spans);
  if (own === width) return spans;
  if (own < width) return [...spans, span(' '.repeat(width - own))];
  if (width <= 0) return [];
  const kept: Span[] = [];
  let room = width - 1;
  for (const { text, tone } of spans) {
    const part = cut(text, room);
    if (part !== '') kept.push({ text: part, tone });
    room -= textWidth(part);
    if (part !== text) return [...kept, span('…', tone), span(' '.repeat(room))];
  }
  return kept;
}

/** The beginning of a text that fits into `width` columns; never half a wide character. */
function cut(text: string, width: number): string {
  let room = width;
  let end = 0;
  for (const character of text) {
    room -= textWidth(character);
    if (room < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Exactly `height` lines of exactly `width` columns. */
export function fitBlock(lines: readonly Line[], { width, height }: Size): Line[] {
  return Array.from({ length: height }, (_, index) => fitLine(lines[index] ?? [], width));
}
