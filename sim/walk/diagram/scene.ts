import type { Point, Polyline, Rect, Weight } from './cells.ts';

/* What is on the sheet: lines, texts, and where each box and interface is found. */

/** Where a box or an interface is: its name, the mark before it, and what is drawn heavy when it was passed. */
export interface Spot {
  readonly mark: Point;
  readonly at: Point;
  /** '' where nothing is written: the port of a bridge. */
  readonly name: string;
  readonly rect: Rect | undefined;
  readonly bars: readonly Polyline[];
  readonly address: { readonly at: Point; readonly text: string } | undefined;
}

export interface Stroke {
  readonly line: Polyline;
  readonly weight: Weight;
}

export interface Text {
  readonly at: Point;
  readonly text: string;
  readonly tone: 'quiet' | 'title' | 'strong' | 'bad' | 'plain';
}

export interface Link {
  readonly to: string;
  readonly line: Polyline;
}

/** Collects what is drawn. */
export class Scene {
  readonly strokes: Stroke[] = [];
  readonly rectangles: Rect[] = [];
  readonly texts: Text[] = [];
  /** By id; several ids may share one: what is folded. */
  readonly spots = new Map<string, Spot>();
  /** The spot that an id is found at, where it has none of its own. */
  readonly aliases = new Map<string, string>();
  readonly links = new Map<string, Link[]>();

  spot(id: string, spot: Spot): void {
    this.spots.set(id, spot);
  }

  /** A line between two places, which a packet may run along in both directions. */
  link(from: string, to: string, line: Polyline, weight: Weight | undefined): void {
    this.#add(from, { to, line });
    this.#add(to, { to: from, line: [...line].reverse() });
    if (weight !== undefined) this.strokes.push({ line, weight });
  }

  #add(from: string, link: Link): void {
    const own = this.links.get(from);
    if (own === undefined) this.links.set(from, [link]);
    else own.push(link);
  }
}
