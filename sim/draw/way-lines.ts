import { type Drawing, type DrawnWire, moveStroke, type Point, type Rect, reversed, type Stroke } from './drawing.ts';
import type { WayPoint } from './way.ts';

/* Where ways lie over a drawing: along wires from device to device, straight from box to box within a stack. */

export type Direction = 'there' | 'back';

/** From one point of a way to the next. */
export interface WayHop {
  readonly from: Point;
  readonly strokes: readonly Stroke[];
}

export interface LaidWay {
  /** One for each point: the first only says where it begins. */
  readonly hops: readonly WayHop[];
  /** Where each point's number stands. */
  readonly marks: readonly Point[];
}

/** Ends of bars and chips that are kept free for marks. */
const INSET = 9;
/** Two ways along one wire lie this far from its middle. */
const ASIDE = 2.5;
/** In a box wider than this, a way keeps to the side it comes from. */
const WIDE = 260;
const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

/** Answers where things are in one drawing. */
export class WayLayer {
  readonly #rects: ReadonlyMap<string, Rect>;
  readonly #wires: ReadonlyMap<string, DrawnWire>;

  constructor({ shapes, wires }: Drawing) {
    this.#rects = new Map(shapes.map(({ id, rect }) => [id, rect]));
    this.#wires = new Map(wires.flatMap((wire) => [[key(...wire.ends), wire] as const]));
  }

  has(id: string): boolean {
    return this.#rects.has(id);
  }

  /** The way through points all of which are in the drawing; others are left out. */
  lay(all: readonly WayPoint[], direction: Direction): LaidWay {
    const points = all.filter(({ id }) => this.has(id));
    const hops: WayHop[] = [];
    const marks: Point[] = [];
    let at: Point | undefined;
    for (const [index, { id }] of points.entries()) {
      const before = points[index - 1];
      const enter = this.#anchor(id, at ?? this.#aim(points[index + 1]?.id, direction), direction);
      const leave = this.#anchor(id, this.#aim(points[index + 1]?.id, direction) ?? enter, direction);
      const along = before === undefined ? [] : this.#between(before.id, id, direction);
      hops.push({
        from: at ?? enter,
        strokes: [...along, { to: enter }, ...(near(enter, leave) ? [] : [{ to: leave }])],
      });
      marks.push(enter);
      at = leave;
    }
    return { hops, marks };
  }

  /** Where a way is in a box: at its side of it, and in a wide one as near as can be to where it comes from or goes to. */
  #anchor(id: string, towards: Point | undefined, direction: Direction): Point {
    const { x, y, width, height } = this.#rects.get(id) ?? NOWHERE;
    // In a wide one so far from the ends that the marks of both ways find room there.
    const inset = width > WIDE && direction === 'back' ? INSET + 26 : INSET;
    const own = direction === 'there' ? x + inset : x + width - inset;
    const middle = y + height / 2;
    if (width <= WIDE || towards === undefined) return { x: own, y: middle };
    return { x: Math.min(x + width - inset, Math.max(x + inset, towards.x)), y: middle };
  }

  /** Where the next box wants a way to come from; undefined where that one is wide too, or there is none. */
  #aim(id: string | undefined, direction: Direction): Point | undefined {
    const rect = id === undefined ? undefined : this.#rects.get(id);
    return id === undefined || rect === undefined || rect.width > WIDE
      ? undefined
      : this.#anchor(id, undefined, direction);
  }

  /** Along the wire that joins two devices; nothing where none does. */
  #between(a: string, b: string, direction: Direction): Stroke[] {
    const wire = this.#wires.get(key(a, b));
    if (wire === undefined) return [];
    const { from, strokes } = wire.ends[0] === a ? wire : reversed(wire.from, wire.strokes);
    const aside = direction === 'there' ? -ASIDE : ASIDE;
    return [{ to: from }, ...strokes].map((stroke) => moveStroke(stroke, aside, aside));
  }
}

function key(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function near(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < 0.5 && Math.abs(a.y - b.y) < 0.5;
}
