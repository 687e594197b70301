import type { Band, Placed } from './bands.ts';
import type { DrawnWire, Label, Point, Rect, Stroke } from './drawing.ts';
import type { Columns, Line, Slot } from './order.ts';
import type { PictureWire } from './picture.ts';
import { textWidth } from './text-width.ts';
import { cableLabel, wireTip } from './wire-text.ts';

/* Cables as lines: curves in the channels between columns, straight through the lanes of columns that they pass. */

interface Ground {
  readonly cables: readonly PictureWire[];
  readonly nodeOf: ReadonlyMap<string, number>;
  readonly laid: Columns;
  readonly bands: readonly Band[];
  readonly placed: Placed;
  /** Of all shapes, by id. */
  readonly rects: ReadonlyMap<string, Rect>;
}

const LABEL_SIZE = 9;
/** How far a line swings out that ends at the side it begins at. */
const SWING = 44;

export function cableLines(ground: Ground): DrawnWire[] {
  const { cables, laid } = ground;
  const wires: DrawnWire[] = [];
  const taken: Rect[] = [];
  for (const [edge, cable] of cables.entries()) {
    const lines = laid.lines.flatMap((between, column) =>
      between.filter((line) => line.edge === edge).map((line) => ({ line, column })),
    );
    const drawn = laid.within.includes(edge) ? within(ground, cable, edge) : across(ground, cable, lines);
    if (drawn === undefined) continue;
    const { plugged, kind, ends } = cable;
    const label = labelFor(cableLabel(cable), drawn, taken);
    wires.push({ kind, ends, ...drawn, plugged, label, tip: wireTip(cable) });
  }
  return wires;
}

interface Drawn {
  readonly from: Point;
  readonly strokes: readonly Stroke[];
}

function isLeftward({ bands }: Ground, column: number): boolean {
  return bands.find(({ last }) => column <= last)?.leftward ?? false;
}

/** The edge of a column by which its lines leave to the next, or come in from the one before. */
function boundary(ground: Ground, column: number, forward: boolean): number {
  const { left, right } = ground.placed.edges[column] ?? { left: 0, right: 0 };
  return forward === isLeftward(ground, column) ? left : right;
}

/** Where a line ends at a slot of a column: at the side of the device, or at the edge of the column for a lane. */
function endAt(ground: Ground, cable: PictureWire, slot: Slot, column: number, forward: boolean): Point {
  if (slot.kind === 'lane') {
    const { y = 0 } = ground.placed.at.get(slot) ?? {};
    return { x: boundary(ground, column, forward), y: y + 5 };
  }
  const id = cable.ends.find((end) => ground.nodeOf.get(end) === slot.node) ?? '';
  return sideOf(ground, id, forward === isLeftward(ground, column));
}

function sideOf({ rects }: Ground, id: string, left: boolean): Point {
  const { x, y, width, height } = rects.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
  return { x: left ? x : x + width, y: y + height / 2 };
}

/** From column to column. */
function across(
  ground: Ground,
  cable: PictureWire,
  lines: readonly { readonly line: Line; readonly column: number }[],
): Drawn | undefined {
  const [first] = lines;
  if (first === undefined) return undefined;
  const from = endAt(ground, cable, first.line.from, first.column, true);
  const strokes: Stroke[] = [];
  for (const { line, column } of lines) {
    const start = endAt(ground, cable, line.from, column, true);
    const end = endAt(ground, cable, line.to, column + 1, false);
    const a = { x: boundary(ground, column, true), y: start.y };
    const b = { x: boundary(ground, column + 1, false), y: end.y };
    strokes.push({ to: a });
    const turns = isLeftward(ground, column) !== isLeftward(ground, column + 1);
    if (turns) strokes.push(swing(a, b, isLeftward(ground, column) ? -1 : 1));
    else if (Math.abs(a.y - b.y) < 0.5) strokes.push({ to: b });
    else
      strokes.push({
        to: b,
        by: [
          { x: (a.x + b.x) / 2, y: a.y },
          { x: (a.x + b.x) / 2, y: b.y },
        ],
      });
    strokes.push({ to: end });
    if (line.to.kind === 'lane') strokes.push({ to: { x: boundary(ground, column + 1, true), y: end.y } });
  }
  const isTurned = ground.nodeOf.get(cable.ends[0]) !== nodeOfSlot(first.line.from);
  return isTurned ? turned(from, strokes) : { from, strokes };
}

function nodeOfSlot(slot: Slot): number {
  return slot.kind === 'node' ? slot.node : -1;
}

/** So that it begins at the first end of its cable. */
function turned(from: Point, strokes: readonly Stroke[]): Drawn {
  const points = [from, ...strokes.map(({ to }) => to)];
  const back = strokes.map(({ by }, index): Stroke => {
    const to = points[index] ?? from;
    return by === undefined ? { to } : { to, by: [by[1], by[0]] };
  });
  return { from: points.at(-1) ?? from, strokes: back.reverse() };
}

/** Between two devices of one column, or of one node. */
function within(ground: Ground, cable: PictureWire, edge: number): Drawn {
  const column = ground.laid.columns.findIndex((slots) =>
    slots.some((slot) => slot.kind === 'node' && slot.node === ground.nodeOf.get(cable.ends[0])),
  );
  const left = isLeftward(ground, column);
  const [from, to] = cable.ends.map((end) => sideOf(ground, end, left)) as [Point, Point];
  const x = boundary(ground, column, true);
  const [a, b] = [
    { x, y: from.y },
    { x, y: to.y },
  ];
  const steps = [{ to: a }, swing(a, b, left ? -0.8 - 0.05 * (edge % 5) : 0.8 + 0.05 * (edge % 5)), { to }];
  return { from, strokes: steps };
}

function swing(a: Point, b: Point, direction: number): Stroke {
  const x = (direction > 0 ? Math.max(a.x, b.x) : Math.min(a.x, b.x)) + SWING * direction;
  return {
    to: b,
    by: [
      { x, y: a.y },
      { x, y: b.y },
    ],
  };
}

/** On the middle of a stroke that has room for it; none where every place is taken. */
function labelFor(text: string, { from, strokes }: Drawn, taken: Rect[]): Label | undefined {
  if (text === '') return undefined;
  const width = textWidth(text, LABEL_SIZE);
  let start = from;
  for (const stroke of strokes) {
    const middle = middleOf(start, stroke);
    const isLong = stroke.by !== undefined || Math.abs(stroke.to.x - start.x) > width + 4;
    start = stroke.to;
    if (!isLong) continue;
    const y = stroke.by === undefined ? middle.y - 4 : middle.y + 3;
    const rect = { x: middle.x - width / 2, y: y - LABEL_SIZE, width, height: LABEL_SIZE + 3 };
    if (taken.some((other) => overlap(rect, other))) continue;
    taken.push(rect);
    return { text, x: middle.x, anchor: 'middle', y, size: LABEL_SIZE, bold: false, quiet: true };
  }
  return undefined;
}

function middleOf(a: Point, { to, by }: Stroke): Point {
  if (by === undefined) return { x: (a.x + to.x) / 2, y: (a.y + to.y) / 2 };
  const mean = (key: 'x' | 'y'): number => (a[key] + 3 * by[0][key] + 3 * by[1][key] + to[key]) / 8;
  return { x: mean('x'), y: mean('y') };
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
