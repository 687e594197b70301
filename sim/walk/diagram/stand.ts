import { type Form, spread } from './form.ts';
import { LANE, type MeasuredItem, type MeasuredPart, type MeasuredRoom } from './measure.ts';

/* Where everything stands from left to right: bands of frames, their rooms, parts and interfaces. */

export interface StandingPart extends MeasuredPart {
  readonly x: number;
  readonly middle: number;
  readonly applicationMiddles: readonly number[];
  readonly deviceMiddles: readonly number[];
}

export interface StandingRoom extends Omit<MeasuredRoom, 'parts'> {
  readonly x: number;
  readonly parts: readonly StandingPart[];
  /** Column of the line from Comware's stack to the punt devices. */
  readonly lane: number;
}

export interface StandingItem extends Omit<MeasuredItem, 'rooms'> {
  readonly x: number;
  readonly band: number;
  /** Among all items. */
  readonly index: number;
  readonly rooms: readonly StandingRoom[];
}

/** Where a net begins: below an interface, at Comware's stack, below a fold, or at nothing but a stitch. */
export interface Terminal {
  readonly kind: 'device' | 'stack' | 'fold' | 'stitch';
  readonly x: number;
  readonly band: number;
  readonly item: number;
  /** By which links know the place. */
  readonly vertex: string;
}

export interface Standing {
  readonly items: readonly StandingItem[];
  readonly bands: number;
  readonly width: number;
  readonly terminals: ReadonlyMap<string, Terminal>;
}

/** As many bands as `width` asks for; undefined where one frame alone is wider. */
export function bandsOf(items: readonly MeasuredItem[], width: number, gap: number): MeasuredItem[][] | undefined {
  const bands: MeasuredItem[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (item.width > width) return undefined;
    if (used + gap + item.width > width) {
      bands.push([]);
      used = -gap;
    }
    bands.at(-1)?.push(item);
    used += gap + item.width;
  }
  return bands;
}

export function widthOf(items: readonly MeasuredItem[], gap: number): number {
  return items.reduce((sum, { width }) => sum + width + gap, -gap);
}

/** `room` is the width that is there: what is left of it becomes gaps, up to `most` a gap. */
export function stand(bands: readonly (readonly MeasuredItem[])[], form: Form, room: number, most: number): Standing {
  const items: StandingItem[] = [];
  const terminals = new Map<string, Terminal>();
  let width = 0;
  for (const [band, own] of bands.entries()) {
    const left = room - widthOf(own, form.gap);
    const gap = form.gap + Math.max(0, Math.min(most, Math.floor(left / (own.length + 1))));
    let x = bands.length === 1 ? Math.max(0, Math.floor((room - widthOf(own, gap)) / 2)) : 0;
    for (const item of own) {
      items.push(standItem(item, x, band, items.length));
      x += item.width + gap;
    }
    width = Math.max(width, x - gap);
  }
  for (const item of items) addTerminals(item, terminals);
  return { items, bands: bands.length, width, terminals };
}

function standItem(item: MeasuredItem, left: number, band: number, index: number): StandingItem {
  let x = left + 1;
  const rooms = item.rooms.map((room): StandingRoom => {
    const standing = standRoom(room, x);
    x += room.width + 1;
    return standing;
  });
  return { ...item, x: left, band, index, rooms };
}

function standRoom(room: MeasuredRoom, left: number): StandingRoom {
  const own = room.parts.reduce((sum, { width }) => sum + width, 0) + LANE * Math.max(0, room.parts.length - 1);
  let extra = room.width - own;
  let x = left;
  let lane = left;
  const parts = room.parts.map((part, index): StandingPart => {
    const share = Math.floor(extra / (room.parts.length - index));
    extra -= share;
    const width = part.width + share;
    const standing = standPart(part, x, width);
    if (index === 0) lane = x + width + Math.floor(LANE / 2);
    x += width + LANE;
    return standing;
  });
  return { ...room, x: left, parts, lane };
}

function standPart(part: MeasuredPart, x: number, width: number): StandingPart {
  const at = (middles: readonly number[]): number[] => middles.map((middle) => x + middle);
  const middle = x + Math.floor(width / 2);
  const one = (slots: MeasuredPart['deviceSlots']): readonly number[] =>
    slots.middles.length === 1 && fitsMiddle(slots, width) ? [middle] : at(spread(slots, width));
  return {
    ...part,
    x,
    width,
    middle,
    applicationMiddles: one(part.applicationSlots),
    deviceMiddles: one(part.deviceSlots),
  };
}

/** A single slot stands in the middle of its part, so that the line to it is straight. */
function fitsMiddle({ middles, width }: MeasuredPart['deviceSlots'], room: number): boolean {
  const [own = 0] = middles;
  const middle = Math.floor(room / 2);
  return middle - own >= 0 && middle - own + width <= room;
}

function addTerminals(item: StandingItem, terminals: Map<string, Terminal>): void {
  const place = { band: item.band, item: item.index };
  if (item.stitch !== '') terminals.set(item.stitch, { kind: 'stitch', x: item.x, ...place, vertex: item.stitch });
  for (const room of item.rooms) {
    if (room.isFold) {
      const x = room.x + Math.floor(room.width / 2);
      for (const id of room.ids) terminals.set(id, { kind: 'fold', x, ...place, vertex: foldVertex(item, room) });
      continue;
    }
    for (const part of room.parts) {
      for (const [index, slot] of part.devices.entries()) {
        if (slot.isFold) continue;
        const x = part.deviceMiddles[index] ?? part.middle;
        for (const id of slot.ids) terminals.set(id, { kind: 'device', x, ...place, vertex: id });
      }
      const { stack, owner } = part.part;
      if (owner !== 'Comware' || stack === undefined || room.parts.length < 2) continue;
      terminals.set(stack.id, { kind: 'stack', x: room.lane, ...place, vertex: stack.id });
    }
  }
}

export function foldVertex(item: StandingItem, room: StandingRoom): string {
  return `fold ${item.index} ${room.x}`;
}
