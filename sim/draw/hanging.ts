import {
  BAR_GAP,
  BAR_HEIGHT,
  bars,
  barsHeight,
  barWidth,
  chip,
  chipHeight,
  chipWidth,
  frame,
  frameWidth,
  PAD,
  widest,
} from './block.ts';
import type { Point, Shape, Stroke } from './drawing.ts';
import type { PictureSpace } from './picture.ts';

/*
 * Containers below the bridge of their host. They hang by their interface: what is above the network in a host that
 * stands is below it here.
 */

/** Between the bridges and the containers, in px: wires turn there. */
const TURN = 30;
const ROW_GAP = 30;
const COLUMN_GAP = 12;
/** What a wire takes that passes between two columns on its way to a lower row. */
const LANE = 7;
/** As many stand side by side before a second row begins. */
const MOST_ABREAST = 6;

/** Rows and columns of containers, from the upper left corner of the first. */
export interface Hanging {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
  /** By the title of a container: where its interface wants its wire from, seen from the top edge of all. */
  readonly ways: ReadonlyMap<string, Way>;
}

interface Way {
  /** Where the wire leaves the turn: above its interface, or in the lane beside its column. */
  readonly enter: Point;
  readonly strokes: readonly Stroke[];
}

export function hangContainers(spaces: readonly PictureSpace[]): Hanging {
  const abreast = spaces.length <= MOST_ABREAST ? spaces.length : Math.ceil(Math.sqrt(spaces.length * 2));
  const rows = abreast === 0 ? 0 : Math.ceil(spaces.length / abreast);
  const width = widest(spaces.map(widthOf));
  const gap = COLUMN_GAP + LANE * Math.max(0, rows - 1);
  const shapes: Shape[] = [];
  const ways = new Map<string, Way>();
  let y = 0;
  for (let row = 0; row < rows; row++) {
    const here = spaces.slice(row * abreast, (row + 1) * abreast);
    for (const [column, space] of here.entries()) {
      const x = column * (width + gap) + gap - COLUMN_GAP;
      shapes.push(...containerShapes(space, x, y, width));
      const top = { x: x + width / 2, y: y + (space.devices.length > 0 ? PAD : 0) };
      ways.set(
        space.title,
        row === 0 ? { enter: top, strokes: [] } : laneTo(top, x - COLUMN_GAP / 2 - LANE * (row - 1) - 4, y),
      );
    }
    y += widest(here.map(heightOf)) + ROW_GAP;
  }
  return { width: abreast * (width + gap) - COLUMN_GAP, height: Math.max(0, y - ROW_GAP), shapes, ways };
}

/** Down beside the column, then over to the interface, above the row at `y`. */
function laneTo(top: Point, x: number, y: number): Way {
  const turn = { x, y: y - ROW_GAP + 4 };
  const middle = y - ROW_GAP / 2 + 4;
  return {
    enter: { x, y: 0 },
    strokes: [
      { to: turn },
      {
        to: top,
        by: [
          { x, y: middle + 6 },
          { x: top.x, y: middle - 6 },
        ],
      },
    ],
  };
}

function containerShapes(space: PictureSpace, x: number, y: number, width: number): Shape[] {
  const height = heightOf(space);
  const outer = { x, y, width, height };
  const title = nameOf(space);
  const tone = space.running ? 'space' : 'idle';
  const framed = frame(space.title, tone, title, stateOf(space), outer);
  // The title stands at the foot: the wire comes in at the top.
  const labels = framed.labels.map((label) => ({ ...label, y: y + height - PAD }));
  const shapes: Shape[] = [{ ...framed, labels }];
  let top = y + PAD;
  for (const device of outermostFirst(space.devices)) {
    const wide = chipWidth(device);
    shapes.push(chip(device, x + (width - wide) / 2, top, wide));
    top += chipHeight(device) + BAR_GAP;
  }
  shapes.push(...bars([...space.boxes].reverse(), x + PAD, top, width - 2 * PAD));
  return shapes;
}

/** The interface with the wire stands at the top, lo below it. */
function outermostFirst(devices: PictureSpace['devices']): PictureSpace['devices'] {
  return [...devices].sort((a, b) => Number(a.kind === 'loopback') - Number(b.kind === 'loopback'));
}

function widthOf(space: PictureSpace): number {
  const inner = widest([...space.devices.map(chipWidth), ...space.boxes.map(barWidth)]);
  return Math.max(frameWidth(nameOf(space), stateOf(space)), inner + 2 * PAD);
}

function heightOf({ devices, boxes }: PictureSpace): number {
  const chips = devices.reduce((sum, device) => sum + chipHeight(device) + BAR_GAP, 0);
  return PAD + chips + barsHeight(boxes.length) + BAR_GAP + BAR_HEIGHT;
}

function nameOf({ title }: PictureSpace): string {
  return title.split('/').at(-1) ?? title;
}

function stateOf({ running }: PictureSpace): string {
  return running ? 'container' : 'container, not running';
}

/** The way from a port of a bridge, the upper left corner of the containers being at `corner`. */
export function wireDown(from: Point, { enter, strokes }: Way, corner: Point): Stroke[] {
  const to = { x: corner.x + enter.x, y: corner.y + enter.y };
  const bend = TURN / 2 + 4;
  const first: Stroke =
    Math.abs(from.x - to.x) < 0.5
      ? { to }
      : {
          to,
          by: [
            { x: from.x, y: from.y + bend + 8 },
            { x: to.x, y: corner.y - bend - 4 },
          ],
        };
  const rest = strokes.map(({ to: end, by }): Stroke => {
    const moved = { to: { x: end.x + corner.x, y: end.y + corner.y } };
    const at = (point: Point): Point => ({ x: point.x + corner.x, y: point.y + corner.y });
    return by === undefined ? moved : { ...moved, by: [at(by[0]), at(by[1])] };
  });
  return [first, ...rest];
}
