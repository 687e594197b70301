import { textWidth } from '../../show/table.ts';
import { type Line, type Size, type Span, span, type Tone } from '../styled.ts';

/*
 * A sheet of cells: each has up to four arms, light, heavy or double, or a character of a text. Arms become box-drawing
 * characters only at the end, so that lines which meet join.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line along the axes: the corners it passes. */
export type Polyline = readonly Point[];

export type Weight = 'light' | 'heavy' | 'double';

const WEIGHT = { light: 1, heavy: 2, double: 3 } as const;

/** Bits of a cell's arms, two each. */
const UP = 6;
const RIGHT = 4;
const DOWN = 2;
const LEFT = 0;

/** By the arms up, right, down and left as digits of base 3: none, light, heavy. */
const SINGLE = ' ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋';

/** Double from left to right with light arms up and down: by right, left, up, down. */
const DOUBLE: Readonly<Record<string, string>> = {
  '1100': '═',
  '1000': '═',
  '0100': '═',
  '1110': '╧',
  '1101': '╤',
  '1111': '╪',
  '1010': '╘',
  '1001': '╒',
  '0110': '╛',
  '0101': '╕',
  '1011': '╞',
  '0111': '╡',
};

/** Stands in the second column of a wide character. */
const TAIL = '';

export class Sheet {
  readonly width: number;
  readonly height: number;
  readonly #arms: Uint8Array;
  /** A character of a text, where there is one. */
  readonly #chars: (string | undefined)[];
  readonly #tones: Tone[];

  constructor(width: number, height: number, from?: Sheet) {
    this.width = width;
    this.height = height;
    this.#arms = from === undefined ? new Uint8Array(width * height) : from.#arms.slice();
    this.#chars = from === undefined ? Array<string | undefined>(width * height).fill(undefined) : [...from.#chars];
    this.#tones = from === undefined ? Array<Tone>(width * height).fill('quiet') : [...from.#tones];
  }

  copy(): Sheet {
    return new Sheet(this.width, this.height, this);
  }

  stroke(line: Polyline, weight: Weight): void {
    for (let index = 1; index < line.length; index++) {
      const [a, b] = [line[index - 1], line[index]];
      if (a !== undefined && b !== undefined) this.#segment(a, b, WEIGHT[weight]);
    }
  }

  rectangle({ x, y, width, height }: Rect, weight: Weight): void {
    const [right, bottom] = [x + width - 1, y + height - 1];
    this.stroke(
      [
        { x, y },
        { x: right, y },
        { x: right, y: bottom },
        { x, y: bottom },
        { x, y },
      ],
      weight,
    );
  }

  #segment(a: Point, b: Point, weight: number): void {
    if (a.y === b.y) {
      const [from, to] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
      for (let x = from; x < to; x++) {
        this.#arm(x, a.y, RIGHT, weight);
        this.#arm(x + 1, a.y, LEFT, weight);
      }
      return;
    }
    const [from, to] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
    for (let y = from; y < to; y++) {
      this.#arm(a.x, y, DOWN, weight);
      this.#arm(a.x, y + 1, UP, weight);
    }
  }

  #arm(x: number, y: number, side: number, weight: number): void {
    const at = this.#index(x, y);
    if (at < 0) return;
    const own = ((this.#arms[at] ?? 0) >> side) & 3;
    const next = own === WEIGHT.heavy || weight === WEIGHT.heavy ? WEIGHT.heavy : Math.max(own, weight);
    this.#arms[at] = ((this.#arms[at] ?? 0) & ~(3 << side)) | (next << side);
  }

  /** Writes over whatever is there; what does not fit on the sheet is left out. */
  text(x: number, y: number, text: string, tone: Tone): void {
    let at = x;
    for (const character of text) {
      const wide = textWidth(character);
      if (wide === 0) continue;
      if (wide === 1 || at + 1 < this.width) this.#put(at, y, character, tone);
      if (wide === 2) this.#put(at + 1, y, TAIL, tone);
      at += wide;
    }
  }

  #put(x: number, y: number, character: string, tone: Tone): void {
    const at = this.#index(x, y);
    if (at < 0) return;
    // Half a wide character cannot stay behind.
    if (character !== TAIL && this.#chars[at] === TAIL && x > 0) this.#chars[at - 1] = ' ';
    if (this.#chars[at + 1] === TAIL && character !== TAIL && textWidth(character) === 1) this.#chars[at + 1] = ' ';
    this.#chars[at] = character;
    this.#tones[at] = tone;
  }

  /** Whether a text stands there, not a line. */
  isText(x: number, y: number): boolean {
    const at = this.#index(x, y);
    return at >= 0 && this.#chars[at] !== undefined;
  }

  #index(x: number, y: number): number {
    return x < 0 || y < 0 || x >= this.width || y >= this.height ? -1 : y * this.width + x;
  }

  /** A part of the sheet as lines; what lies beside the sheet is blank. */
  lines(from: Point, { width, height }: Size): Line[] {
    return Array.from({ length: height }, (_, row) => this.#line(from.x, from.y + row, width));
  }

  #line(x: number, y: number, width: number): Line {
    const spans: Span[] = [];
    let text = '';
    let tone: Tone = 'plain';
    for (let column = x; column < x + width; column++) {
      const [character, own] = this.#cell(column, y, column === x, column === x + width - 1);
      if (own !== tone && text !== '') {
        spans.push(span(text, tone));
        text = '';
      }
      tone = own;
      text += character;
    }
    return text === '' ? spans : [...spans, span(text, tone)];
  }

  /** At the edges of what is shown, a wide character that is cut in two is left out. */
  #cell(x: number, y: number, isFirst: boolean, isLast: boolean): [string, Tone] {
    const at = this.#index(x, y);
    if (at < 0) return [' ', 'plain'];
    const character = this.#chars[at];
    const tone = this.#tones[at] ?? 'plain';
    if (character === TAIL) return [isFirst ? ' ' : '', tone];
    if (character !== undefined) return [isLast && textWidth(character) === 2 ? ' ' : character, tone];
    const arms = this.#arms[at] ?? 0;
    if (arms === 0) return [' ', 'plain'];
    return [armsCharacter(arms), isHeavy(arms) ? 'path' : 'quiet'];
  }
}

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

function isHeavy(arms: number): boolean {
  return [UP, RIGHT, DOWN, LEFT].some((side) => ((arms >> side) & 3) === WEIGHT.heavy);
}

function armsCharacter(arms: number): string {
  const [up, right, down, left] = [UP, RIGHT, DOWN, LEFT].map((side) => (arms >> side) & 3) as [
    number,
    number,
    number,
    number,
  ];
  if ((right === WEIGHT.double || left === WEIGHT.double) && !isHeavy(arms)) {
    const key = [right, left, up, down].map((one) => (one === 0 ? 0 : 1)).join('');
    return DOUBLE[key] ?? '═';
  }
  // No character joins double and heavy.
  const [u, r, d, l] = [up, right, down, left].map((one) => (one === WEIGHT.double ? WEIGHT.light : one)) as [
    number,
    number,
    number,
    number,
  ];
  return SINGLE[u * 27 + r * 9 + d * 3 + l] ?? ' ';
}

/** The beginning of a text that fits, with `…` where it is cut. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let room = width - 1;
  for (const character of text) {
    room -= textWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return width <= 0 ? '' : `${kept}…`;
}
