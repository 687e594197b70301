import { type Picture, withoutIdleLoopbacks } from '../../draw/picture.ts';
import type { Language, Size } from '../styled.ts';
import { arrange, type Item } from './arrange.ts';
import { Sheet } from './cells.ts';
import { emitNets, type NetLevels } from './emit-nets.ts';
import { emitItem } from './emit-rooms.ts';
import { BREADTHS, type Breadth, type Form, isBoxed, RISES, rowsOf } from './form.ts';
import { FAULT, type MeasuredItem, measure, type Selection } from './measure.ts';
import { type Plan, planOf, type Room } from './plan.ts';
import { Scene } from './scene.ts';
import { bandsOf, stand, widthOf } from './stand.ts';
import { type Tracks, tracksOf } from './tracks.ts';

/*
 * The device cut open, laid out for a terminal of a size. Of all forms the roomiest is taken in which everything fits; else
 * in which what packets pass fits beside one another, then in several bands; else a camera follows the packet.
 */

export interface Diagram {
  readonly size: Size;
  readonly scene: Scene;
  /** Everything that stays the same from moment to moment. */
  readonly sheet: Sheet;
}

/** Between frames where there is room. */
const WIDEST_GAP = 12;
const MOST_BANDS = 8;
/** Forms in which a diagram may be cut into bands, or moved under a camera. */
const BANDED: readonly number[] = [1, 3, 4, 5];
const MOVED: readonly number[] = [3, 4, 5];
/** Forms in which everything is drawn rather than only what packets pass. */
const COMPLETE: readonly Breadth[] = BREADTHS.slice(0, 5);

/**
 * `relevant`: ids of the boxes and devices that packets pass, in the order in which they come there; they come first where
 * room is short.
 */
export function layout(
  picture: Picture,
  relevant: ReadonlySet<string>,
  size: Size,
  language: Language = 'en',
): Diagram {
  const plan = planOf(withoutIdleLoopbacks(picture, relevant));
  const items = arrange(plan, relevant);
  const context: Context = { plan, items, relevant, size, language };
  const found = search(context);
  const sheet = new Sheet(found.width, found.height);
  const scene = found.scene();
  drawScene(sheet, scene);
  return { size, scene, sheet };
}

/** Everything, if it fits; then what packets pass, with whatever else there is room for. */
function search(context: Context): Placed {
  const everything = (): boolean => true;
  const needed = neededOf(context);
  if (needed === undefined) {
    const [first] = roomsOf(context);
    return (
      whole(context, everything, BREADTHS) ??
      inBands(context, everything) ??
      whole(context, (room) => room === first, COMPLETE.slice(-1)) ??
      underCamera(context, (room) => room === first)
    );
  }
  return (
    whole(context, everything, COMPLETE) ??
    whole(context, needed, BREADTHS) ??
    inBands(context, needed) ??
    underCamera(context, needed)
  );
}

interface Context {
  readonly plan: Plan;
  readonly items: readonly Item[];
  readonly relevant: ReadonlySet<string>;
  readonly size: Size;
  readonly language: Language;
}

type Visible = (room: Room) => boolean;

/** Where everything would be; what is drawn there is made for the one that is taken. */
interface Placed {
  readonly scene: () => Scene;
  readonly width: number;
  readonly height: number;
}

/** Rooms that packets pass; undefined where none is known. */
function neededOf(context: Context): Visible | undefined {
  const passed = roomsOf(context).filter(({ ids }) => ids.some((id) => context.relevant.has(id)));
  const needed = new Set(passed);
  return passed.length === 0 ? undefined : (room) => needed.has(room);
}

function roomsOf({ items }: Context): Room[] {
  return items.flatMap((item) => (item.kind === 'frame' ? item.frame.rooms : []));
}

/** All in one band, with as many other rooms as there is room for. */
function whole(context: Context, needed: Visible, breadths: readonly Breadth[]): Placed | undefined {
  const { items, size, relevant, language } = context;
  const isAll = items.every((item) => item.kind === 'stitch' || item.frame.rooms.every(needed));
  for (const breadth of breadths) {
    // Boxes take more room than names alone.
    const form = [RISES[0], RISES.at(-1)]
      .map((rise) => ({ ...breadth, ...rise, language }) as Form)
      .find((one) => widthOf(measure(items, { relevant, isVisible: needed }, one), one.gap) <= size.width);
    if (form === undefined) continue;
    const isVisible = isAll ? needed : filled(context, needed, form);
    const placed = firstThatFits(context, isVisible, breadth, 1);
    if (placed !== undefined) return placed;
    const bare = isAll ? undefined : firstThatFits(context, needed, breadth, 1);
    if (bare !== undefined) return bare;
  }
  return undefined;
}

/** Rooms beside the needed ones, nearest first, as long as the width suffices. */
function filled(context: Context, needed: Visible, form: Form): Visible {
  const { items, plan, relevant, size } = context;
  const rooms = roomsOf(context);
  const shown = new Set(rooms.filter(needed));
  const roomOf = new Map(rooms.flatMap((room) => room.ids.map((id) => [id, room] as const)));
  const groups = plan.nets.map(({ ends }) => [...new Set(ends.flatMap(({ id }) => roomOf.get(id) ?? []))]);
  const queue = [...shown];
  const asked = new Set(shown);
  let failures = 0;
  for (const room of queue) {
    const near = groups.filter((group) => group.includes(room)).flat();
    for (const next of near) {
      if (asked.has(next) || failures > 3) continue;
      asked.add(next);
      shown.add(next);
      const measured = measure(items, { relevant, isVisible: (one) => shown.has(one) }, form);
      if (widthOf(measured, form.gap) <= size.width) {
        queue.push(next);
        continue;
      }
      shown.delete(next);
      failures++;
    }
  }
  return (room) => shown.has(room);
}

function inBands(context: Context, needed: Visible): Placed | undefined {
  for (const index of BANDED) {
    const placed = firstThatFits(context, needed, BREADTHS[index] as Breadth, MOST_BANDS);
    if (placed !== undefined) return placed;
  }
  return undefined;
}

/** The tallest form in which it fits into as many bands as its width asks for. */
function firstThatFits(context: Context, isVisible: Visible, breadth: Breadth, most: number): Placed | undefined {
  const measured = [false, true].map((boxed) => {
    const rise = RISES.find((one) => isBoxed(one) === boxed);
    const form = { ...breadth, ...rise, language: context.language } as Form;
    return measure(context.items, selectionOf(context, isVisible), form);
  });
  for (const nets of ['all', 'relevant'] as const) {
    for (const rise of RISES) {
      const items = measured[isBoxed(rise) ? 1 : 0] ?? [];
      const placed = place(context, items, { ...breadth, ...rise, nets, language: context.language }, most);
      if (placed !== undefined && placed.width <= context.size.width && placed.height <= context.size.height) {
        return placed;
      }
    }
  }
  return undefined;
}

/** What is wider or higher than the terminal. */
function underCamera(context: Context, needed: Visible): Placed {
  const placedIn = (breadth: number, rise: number): Placed => {
    const form = { ...BREADTHS[breadth], ...RISES[rise], nets: 'relevant', language: context.language } as Form;
    const measured = measure(context.items, selectionOf(context, needed), form);
    return put(context, [measured], form, widthOf(measured, form.gap));
  };
  for (const breadth of MOVED) {
    for (const rise of RISES.keys()) {
      const placed = placedIn(breadth, rise);
      if (placed.height <= context.size.height) return placed;
    }
  }
  return placedIn(MOVED.at(-1) ?? 0, RISES.length - 1);
}

function selectionOf({ relevant }: Context, isVisible: Visible): Selection {
  return { relevant, isVisible };
}

function place(context: Context, measured: readonly MeasuredItem[], form: Form, most: number): Placed | undefined {
  // Lines between bands take room at the right edge, as many as show themselves.
  for (let room = context.size.width; room > 0; ) {
    const bands = bandsOf(measured, room, form.gap);
    if (bands === undefined || bands.length > most) return undefined;
    if (bands.length * rowsOf({ ...form, titles: false }).below >= context.size.height) return undefined;
    const placed = put(context, bands, form, room);
    if (placed.width <= context.size.width) return placed;
    room -= placed.width - context.size.width;
  }
  return undefined;
}

function put(context: Context, bands: readonly (readonly MeasuredItem[])[], wanted: Form, room: number): Placed {
  // Rooms have names of their own only where a frame has several.
  const hasRooms = bands.some((band) => band.some(({ rooms }) => rooms.length > 1));
  const form = { ...wanted, titles: wanted.titles && hasRooms };
  const standing = stand(bands, form, room, form.gap === 3 ? WIDEST_GAP : 3);
  const { relevant, language } = context;
  const tracks = tracksOf(context.plan.nets, standing, { nets: form.nets, relevant, language });
  const rows = rowsOf(form);
  const floor = form.floor ? 1 : 0;
  const heights = tracks.inner.map((inner) => rows.below + (inner === 0 ? 0 : inner + floor) + 1);
  const tops: number[] = [];
  const depths: number[] = [];
  let height = 0;
  for (let band = 0; band < standing.bands; band++) {
    const own = standing.items.filter((item) => item.band === band).map(({ index }) => heights[index] ?? 0);
    tops.push(height);
    depths.push(height + Math.max(0, ...own));
    height += Math.max(0, ...own) + (tracks.outer[band] ?? 0);
  }
  const levels: NetLevels = {
    rowOf: ({ item, band, row }) =>
      row + (item === undefined ? (depths[band] ?? 0) : (tops[band] ?? 0) + rows.below + floor),
    startOf: ({ kind, band, item }) => {
      const top = tops[band] ?? 0;
      if (kind === 'device') return top + rows.device;
      if (kind === 'stack') return top + rows.stack;
      return top + rows.below + (standing.items[item]?.isFold ? 0 : -1);
    },
  };
  const scene = (): Scene => {
    const made = new Scene();
    for (const item of standing.items) {
      emitItem(made, item, { form, rows, top: tops[item.band] ?? 0 }, heights[item.index] ?? 0);
    }
    emitNets(made, tracks.tracks, standing, levels);
    return made;
  };
  return { scene, width: fullWidth(standing.width, tracks), height };
}

function fullWidth(width: number, { trunks, tracks }: Tracks): number {
  return Math.max(width + (trunks === 0 ? 0 : trunks + 1), ...tracks.map(({ to }) => to + 1));
}

/** Lines and names of what no packet has passed. */
function drawScene(sheet: Sheet, { rectangles, strokes, texts, spots }: Scene): void {
  for (const rectangle of rectangles) sheet.rectangle(rectangle, 'light');
  for (const { line, weight } of strokes) sheet.stroke(line, weight);
  for (const { at, text, tone } of texts) sheet.text(at.x, at.y, text, tone);
  for (const { at, name, address, bars } of spots.values()) {
    if (bars.length > 0) sheet.text(at.x - 1, at.y, ` ${name} `, 'plain');
    else sheet.text(at.x, at.y, name, 'plain');
    if (name.startsWith(FAULT)) sheet.text(at.x, at.y, FAULT, 'bad');
    if (address !== undefined) sheet.text(address.at.x, address.at.y, address.text, 'quiet');
  }
}
