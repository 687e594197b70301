import type { WayPoint } from '../../draw/way.ts';
import { textWidth } from '../../show/table.ts';
import { fitLine, type Line, lineText, type Size, span } from '../styled.ts';
import { cutText, type Point, type Polyline, type Sheet } from './cells.ts';
import type { Diagram } from './layout.ts';
import type { Link, Scene, Spot } from './scene.ts';

/* One moment of a diagram: the way so far heavy, the packet on it, and where it is lit. */

export interface DiagramMoment {
  /** Ids of boxes and interfaces that the packet has passed, in their order. */
  readonly way: readonly string[];
  /** Where it is: the last of them, or the next one; '' where there is no packet. */
  readonly at: string;
  readonly dropped: boolean;
  /** How far it has come from the place before, 0 to 1; nothing: it has arrived. */
  readonly glide?: number;
}

/** The ids of a way, for a moment of a diagram. */
export function idsOf(way: readonly WayPoint[]): string[] {
  return way.map(({ id }) => id);
}

const PACKET = '◆';
const DEAD = '✗';
const PASSED = '●';

export function drawDiagram(diagram: Diagram, moment: DiagramMoment): Line[] {
  const { scene } = diagram;
  const sheet = diagram.sheet.copy();
  if (moment.at === '') return shown(sheet, diagram.size, { x: 0, y: 0 });
  const way = moment.way.at(-1) === moment.at ? moment.way : [...moment.way, moment.at];
  const keys = way.map((id) => keyOf(scene, id));
  const glide = way.length > 1 ? Math.max(0, Math.min(1, moment.glide ?? 1)) : 1;
  const legs = keys.slice(1).map((key, index) => lineBetween(scene, keys[index], key));
  const last = glide < 1 ? cellsOf(legs.at(-1) ?? [], sheet) : [];
  const come = Math.min(last.length - 1, Math.floor(glide * last.length));
  const arrived = glide === 1;
  for (const line of arrived ? legs : legs.slice(0, -1)) for (const one of line) sheet.stroke(one, 'heavy');
  const part = last.slice(0, come + 1);
  for (const [index, point] of part.entries()) {
    const before = part[index - 1];
    if (before !== undefined && touches(before, point)) sheet.stroke([before, point], 'heavy');
  }
  const passed = new Set(keys.slice(0, -1));
  if (arrived) passed.delete(keys.at(-1));
  for (const key of passed) markPassed(sheet, key === undefined ? undefined : scene.spots.get(key));
  return withPacket(diagram, sheet, moment, keys, arrived ? undefined : (last[come] ?? before(scene, keys, glide)));
}

/** Where nothing is drawn between two places, the packet jumps at half time. */
function before(scene: Scene, keys: readonly (string | undefined)[], glide: number): Point | undefined {
  const key = keys.at(glide < 0.5 ? -2 : -1);
  return key === undefined ? undefined : scene.spots.get(key)?.mark;
}

function touches(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y) === 1;
}

/** The spot at which an id is found. */
function keyOf({ spots, aliases }: Scene, id: string): string | undefined {
  if (spots.has(id)) return id;
  const alias = aliases.get(id);
  return alias !== undefined && spots.has(alias) ? alias : undefined;
}

/** Puts the packet there, and shows the part of the sheet that it is in. */
function withPacket(
  { scene, size }: Diagram,
  sheet: Sheet,
  { at, dropped }: DiagramMoment,
  keys: readonly (string | undefined)[],
  onTheWay: Point | undefined,
): Line[] {
  const sign = dropped && onTheWay === undefined ? DEAD : PACKET;
  const tone = sign === DEAD ? 'bad' : 'packet';
  const key = keys.at(-1);
  const spot = key === undefined ? undefined : scene.spots.get(key);
  const point = onTheWay ?? spot?.mark;
  if (point === undefined) return offSheet(sheet, size, sign, at);
  if (onTheWay === undefined && spot !== undefined) light(sheet, spot, spot.name === '' ? '' : spot.name, dropped);
  if (onTheWay === undefined && spot !== undefined && key?.startsWith('fold ')) nameInFold(sheet, spot, at, dropped);
  sheet.text(point.x, point.y, sign, tone);
  return shown(sheet, size, point);
}

/** What is drawn nowhere: named in the lowest row. */
function offSheet(sheet: Sheet, size: Size, sign: string, at: string): Line[] {
  const lines = shown(sheet, size, { x: 0, y: 0 });
  const isDead = sign === DEAD;
  const label = fitLine([span(` ${at}`, isDead ? 'bad' : 'lit')], size.width - 1);
  return [...lines.slice(0, -1), [span(sign, isDead ? 'bad' : 'packet'), ...label]].slice(0, size.height);
}

function light(sheet: Sheet, spot: Spot, name: string, dropped: boolean): void {
  if (spot.rect !== undefined) sheet.rectangle(spot.rect, 'heavy');
  for (const bar of spot.bars) sheet.stroke(bar, 'heavy');
  const tone = dropped ? 'bad' : 'lit';
  if (name === '') return;
  sheet.text(spot.mark.x, spot.mark.y, ' '.repeat(spot.at.x - spot.mark.x), tone);
  sheet.text(spot.at.x, spot.at.y, name, tone);
  if (spot.bars.length > 0) {
    sheet.text(spot.mark.x - 1, spot.mark.y, ' ', tone);
    sheet.text(spot.at.x + textWidth(name), spot.at.y, ' ', tone);
  }
}

function nameInFold(sheet: Sheet, spot: Spot, at: string, dropped: boolean): void {
  if (spot.name !== '') return;
  const tone = dropped ? 'bad' : 'lit';
  const [what = at, where = ''] = at.split('@');
  sheet.text(spot.mark.x + 1, spot.mark.y, ` ${cutText(where.split('/').at(-1) ?? what, 8)} `, tone);
}

function markPassed(sheet: Sheet, spot: Spot | undefined): void {
  if (spot === undefined) return;
  if (spot.rect !== undefined) sheet.rectangle(spot.rect, 'heavy');
  for (const bar of spot.bars) sheet.stroke(bar, 'heavy');
  if (spot.name === '') return;
  sheet.text(spot.at.x, spot.at.y, spot.name, 'path');
  sheet.text(spot.mark.x, spot.mark.y, PASSED, 'path');
}

/** The shortest way along what is drawn; nothing where there is none. */
function lineBetween(scene: Scene, from: string | undefined, to: string | undefined): readonly Polyline[] {
  if (from === undefined || to === undefined || from === to) return [];
  const came = new Map<string, { readonly from: string; readonly link: Link }>();
  const queue = [from];
  for (const vertex of queue) {
    if (vertex === to) break;
    for (const link of scene.links.get(vertex) ?? []) {
      if (link.to === from || came.has(link.to)) continue;
      came.set(link.to, { from: vertex, link });
      queue.push(link.to);
    }
  }
  const lines: Polyline[] = [];
  for (let at = to; at !== from; ) {
    const step = came.get(at);
    if (step === undefined || lines.length > MOST_LINKS) return [];
    lines.unshift(step.link.line);
    at = step.from;
  }
  return lines;
}

/** A way over more than that is none: the packet has gone elsewhere. */
const MOST_LINKS = 9;

/** The cells of lines one after another, without those that a text covers. */
function cellsOf(lines: readonly Polyline[], sheet: Sheet): Point[] {
  const cells: Point[] = [];
  for (const line of lines) {
    for (const [index, corner] of line.entries()) {
      const start = line[index - 1] ?? corner;
      const [dx, dy] = [Math.sign(corner.x - start.x), Math.sign(corner.y - start.y)];
      for (let { x, y } = start; ; x += dx, y += dy) {
        const last = cells.at(-1);
        if (last?.x !== x || last.y !== y) cells.push({ x, y });
        if (x === corner.x && y === corner.y) break;
      }
    }
  }
  return cells.filter(({ x, y }) => !sheet.isText(x, y));
}

/** The part of a sheet around the packet; it moves by half a screen, so that it rests while the packet runs. */
function shown(sheet: Sheet, size: Size, point: Point): Line[] {
  const x = offsetOf(point.x, sheet.width, size.width);
  const free = size.height - sheet.height;
  const y = free > 0 ? -Math.floor(free / 2) : offsetOf(point.y, sheet.height, size.height);
  const lines = sheet.lines({ x, y }, size);
  if (x > 0) markEdge(lines, 'left');
  if (x + size.width < sheet.width) markEdge(lines, 'right');
  return lines;
}

/** Says that there is more beyond an edge, in the row nearest to the middle that has nothing to say there itself. */
function markEdge(lines: Line[], side: 'left' | 'right'): void {
  const middle = (lines.length - 1) / 2;
  const rows = [...lines.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  const edgeOf = (row: number): string => {
    const text = lineText(lines[row] ?? []);
    return (side === 'left' ? text[0] : text.at(-1)) ?? '';
  };
  const row = rows.find((one) => edgeOf(one) === ' ') ?? rows.find((one) => /[─│━┃]/.test(edgeOf(one)));
  const own = row === undefined ? undefined : lines[row];
  if (row === undefined || own === undefined) return;
  lines[row] = side === 'left' ? [span('◀', 'key'), ...withoutFirst(own)] : [...withoutLast(own), span('▶', 'key')];
}

function withoutFirst([first, ...rest]: Line): Line {
  if (first === undefined || first.text.length <= 1) return rest;
  return [{ ...first, text: first.text.slice(1) }, ...rest];
}

function withoutLast(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined || last.text.length <= 1) return line.slice(0, -1);
  return [...line.slice(0, -1), { ...last, text: last.text.slice(0, -1) }];
}

function offsetOf(point: number, whole: number, size: number): number {
  if (whole <= size) return 0;
  const half = Math.max(1, Math.floor(size / 2));
  const page = Math.max(0, Math.round((point - size / 2) / half));
  const offset = Math.min(whole - size, page * half);
  // Never out of sight, however small the terminal.
  return Math.max(point - size + 1, Math.min(point, offset));
}
