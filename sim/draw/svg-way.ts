import { type Drawing, type Label, type Point, pathText, round } from './drawing.ts';
import { escapeXml } from './escape.ts';
import { labelText } from './svg-label.ts';
import { textWidth } from './text-width.ts';
import type { DrawnFlow, WayPoint } from './way.ts';
import { type Direction, type LaidWay, WayLayer } from './way-lines.ts';

/** A flow as it is laid over a drawing: lines for under its texts, marks for over them, and the list for below. */
export interface FlowLayer {
  readonly lines: string;
  readonly marks: string;
  readonly list: { readonly text: string; readonly width: number; readonly height: number };
}

const SIZE = 10;
const ROW = 15;

export function layFlow(drawing: Drawing, flow: DrawnFlow): FlowLayer {
  const layer = new WayLayer(drawing);
  const ways = (['there', 'back'] as const).map((direction) => {
    const points = flow[direction].filter(({ id }) => layer.has(id));
    return { direction, points, laid: layer.lay(points, direction) };
  });
  return {
    lines: ways.map(({ direction, laid }) => lineText(direction, laid)).join(''),
    marks: ways.map(({ direction, points, laid }) => marksText(direction, points, laid)).join(''),
    list: listOf(flow),
  };
}

function lineText(direction: Direction, { hops }: LaidWay): string {
  const [first] = hops;
  if (first === undefined) return '';
  return `<path class="way ${direction}" d="${pathText(
    first.from,
    hops.flatMap(({ strokes }) => strokes),
  )}"/>`;
}

/** The numbers of the stations: one mark for all visits to the same point. */
function marksText(direction: Direction, points: readonly WayPoint[], { marks }: LaidWay): string {
  const groups = new Map<string, { at: Point; points: WayPoint[] }>();
  for (const [index, point] of points.entries()) {
    const at = marks[index];
    if (at === undefined || (point.number === 0 && !point.dropped)) continue;
    const key = `${round(at.x)} ${round(at.y)}`;
    const group = groups.get(key) ?? { at, points: [] };
    group.points.push(point);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ at, points: here }) => markText(direction, at, here)).join('');
}

function markText(direction: Direction, at: Point, points: readonly WayPoint[]): string {
  const numbers = points.flatMap(({ number }) => (number === 0 ? [] : [number])).join(',');
  const dropped = points.some((point) => point.dropped);
  const text = dropped ? `${numbers} ✕`.trim() : numbers;
  const pill = pillText(text, at, `mark ${dropped ? 'dropped' : direction}`, 'on-mark');
  const translated = [...new Set(points.flatMap((point) => (point.translated === '' ? [] : [point.translated])))];
  if (translated.length === 0) return pill;
  return `${pill}${pillText(translated.join(' '), { x: at.x + (direction === 'there' ? 22 : -22), y: at.y - 13 }, 'mark change', 'on-change')}`;
}

function pillText(text: string, { x, y }: Point, look: string, on: string): string {
  const size = 9;
  const width = Math.max(15, textWidth(text, size) + 7);
  const rect = `x="${round(x - width / 2)}" y="${round(y - 7.5)}" width="${round(width)}" height="15" rx="7.5"`;
  const label: Label = { text, x, anchor: 'middle', y: y + 3.2, size, bold: true, quiet: false };
  return `<rect class="${look}" ${rect}/>${labelText(label, on)}`;
}

/** What stands below the picture: the flow, its verdict, and each way with its stations and what changed there. */
function listOf(flow: DrawnFlow): FlowLayer['list'] {
  const parts: string[] = [];
  let width = 0;
  const line = (text: string, x: number, y: number, more: Partial<Label> = {}): number => {
    const label: Label = { text, x, anchor: 'start', y, size: SIZE, bold: false, quiet: false, ...more };
    parts.push(labelText(label));
    const end = x + textWidth(text, label.size, label.bold);
    width = Math.max(width, end + 20);
    return end;
  };
  const column = (direction: Direction, x: number): { right: number; bottom: number } => {
    let [y, right] = [TOP, x];
    if (flow[direction].length === 0) return { right, bottom: y - ROW };
    parts.push(`<path class="way ${direction}" d="M${round(x)} ${y - 4}h22"/>`);
    line(direction, x + 30, y, { bold: true });
    for (const point of flow[direction]) {
      if (point.number === 0 && point.notes.length === 0) continue;
      y += ROW;
      const mark = [...(point.number === 0 ? [] : [point.number]), ...(point.dropped ? ['✕'] : [])].join(' ');
      const look = `mark ${point.dropped ? 'dropped' : direction}`;
      if (mark !== '') parts.push(pillText(mark, { x: x + 11, y: y - 3.5 }, look, 'on-mark'));
      const text = [point.station, ...point.notes].filter((one) => one !== '').join(' · ');
      right = Math.max(right, line(text, x + 30, y));
    }
    return { right, bottom: y };
  };
  line(`${flow.title}: ${flow.verdict}`, 20, ROW + 4, { size: 12, bold: true });
  const there = column('there', 20);
  const back = column('back', there.right + (flow.there.length === 0 ? 0 : 40));
  let y = Math.max(there.bottom, back.bottom);
  for (const remark of flow.remarks) {
    y += ROW;
    line(remark, 20, y);
  }
  return { text: `<g aria-label="${escapeXml(flow.title)}">${parts.join('')}</g>`, width, height: y + 14 };
}

/** Baseline of the first line below the title. */
const TOP = 2 * ROW + 10;
