/* What a layout makes of a picture: rectangles, texts and lines, in units of CSS pixels, y downwards. */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One line of text; `y` is its baseline. */
export interface Label {
  readonly text: string;
  /** Its left end, or its middle. */
  readonly x: number;
  readonly anchor: 'start' | 'middle';
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
  /** Less important. */
  readonly quiet: boolean;
}

/** What a shape looks like. */
export type Tone = 'node' | 'space' | 'idle' | 'application' | 'kernel' | 'comware' | 'bridge' | 'device' | 'port';

/** A rectangle with its texts, all of which lie in it. */
export interface Shape {
  /** Of a box or a device, the id it has in the picture; of a node or a namespace its name. */
  readonly id: string;
  readonly tone: Tone;
  readonly rect: Rect;
  readonly labels: readonly Label[];
  /** What there is to say about it beyond its texts; one line each. */
  readonly tip: string;
  /** Not up, or without carrier. */
  readonly down: boolean;
}

/** A piece of a line: straight to `to`, or a curve to it by two control points (as SVG's C). */
export interface Stroke {
  readonly to: Point;
  readonly by?: readonly [Point, Point];
}

/** A cable or a veth pair as it is drawn, from the edge of one device to that of the other. */
export interface DrawnWire {
  readonly kind: 'cable' | 'veth';
  /** Ids of the devices. */
  readonly ends: readonly [string, string];
  readonly from: Point;
  readonly strokes: readonly Stroke[];
  readonly plugged: boolean;
  readonly label: Label | undefined;
  readonly tip: string;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Outer ones before those that lie in them. */
  readonly shapes: readonly Shape[];
  readonly wires: readonly DrawnWire[];
}

export function moveShape(shape: Shape, dx: number, dy: number): Shape {
  const { rect, labels } = shape;
  return {
    ...shape,
    rect: { ...rect, x: rect.x + dx, y: rect.y + dy },
    labels: labels.map((label) => ({ ...label, x: label.x + dx, y: label.y + dy })),
  };
}

export function movePoint({ x, y }: Point, dx: number, dy: number): Point {
  return { x: x + dx, y: y + dy };
}

export function moveStroke({ to, by }: Stroke, dx: number, dy: number): Stroke {
  const moved = { to: movePoint(to, dx, dy) };
  return by === undefined ? moved : { ...moved, by: [movePoint(by[0], dx, dy), movePoint(by[1], dx, dy)] };
}

/** As the `d` of an SVG path. */
export function pathText(from: Point, strokes: readonly Stroke[]): string {
  const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
  const parts = strokes.map(({ to, by }) => (by === undefined ? `L${at(to)}` : `C${at(by[0])} ${at(by[1])} ${at(to)}`));
  return `M${at(from)}${parts.join('')}`;
}

/** The same line from its other end. */
export function reversed(from: Point, strokes: readonly Stroke[]): { from: Point; strokes: Stroke[] } {
  const points = [from, ...strokes.map(({ to }) => to)];
  const back = strokes.map(({ by }, index): Stroke => {
    const to = points[index] ?? from;
    return by === undefined ? { to } : { to, by: [by[1], by[0]] };
  });
  return { from: points.at(-1) ?? from, strokes: back.reverse() };
}

/** Tenths of a pixel: no two machines print the digits behind differently. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
