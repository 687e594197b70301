import type { PictureDevice } from '../../draw/picture.ts';
import type { Frame, Net, Part, Plan, Room, Stitch } from './plan.ts';

/*
 * The order from left to right: what the packets pass stands in the order in which they first came there, so that a way
 * reads from left to right; everything else stands where the lines to it are short.
 */

export type Item =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'stitch'; readonly stitch: Stitch };

/** Each thing to arrange, with the ids that nets know it by. */
interface Member {
  readonly index: number;
  readonly ids: readonly string[];
}

/** More than this many are not tried at every place. */
const MOST_TRIED = 60;

export function arrange(plan: Plan, relevant: ReadonlySet<string>): Item[] {
  const rank = new Map([...relevant].map((id, index) => [id, index]));
  const items: Item[] = [
    ...plan.frames.map((frame): Item => ({ kind: 'frame', frame })),
    ...plan.stitches.map((stitch): Item => ({ kind: 'stitch', stitch })),
  ];
  const members = items.map((item, index) => ({ index, ids: idsOf(item) }));
  const order = orderOf(members, plan.nets, rank, () => undefined);
  const ordered = order.flatMap((index) => items[index] ?? []);
  const netsOf = netsById(plan.nets);
  const places = placesOf(ordered.map(idsOf));
  return ordered.map((item, index) =>
    item.kind === 'frame' ? { kind: 'frame', frame: arrangeFrame(item.frame, index, places, netsOf, rank) } : item,
  );
}

function idsOf(item: Item): readonly string[] {
  if (item.kind === 'stitch') return [item.stitch.id, ...item.stitch.ports];
  return item.frame.rooms.flatMap(({ ids }) => ids);
}

function placesOf(groups: readonly (readonly string[])[]): Map<string, number> {
  return new Map(groups.flatMap((ids, index) => ids.map((id) => [id, index] as const)));
}

/**
 * First what has a rank, in its order; then whatever is joined to what is placed already, where it costs least. `sideOf`
 * tells of what is not among them whether it stands left of all of them (below 0) or right.
 */
function orderOf(
  members: readonly Member[],
  nets: readonly Net[],
  rank: ReadonlyMap<string, number>,
  sideOf: (id: string) => number | undefined,
): number[] {
  const firstOf = ({ ids }: Member): number =>
    ids.reduce((least, id) => Math.min(least, rank.get(id) ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  const ranks = members.map(firstOf);
  const order = members
    .filter(({ index }) => Number.isFinite(ranks[index]))
    .sort((a, b) => (ranks[a.index] ?? 0) - (ranks[b.index] ?? 0))
    .map(({ index }) => index);
  const home = placesOf(members.map(({ ids }) => ids));
  // Each net as what it joins: members, and fixed places.
  const groups = nets
    .map(({ ends }) => ({
      members: [...new Set(ends.flatMap(({ id }) => home.get(id) ?? []))],
      places: ends.flatMap(({ id }) => (home.has(id) ? [] : (sideOf(id) ?? []))),
    }))
    .filter((group) => group.members.length > 0 && group.members.length + group.places.length > 1);
  for (const next of byNearness(members, groups, order)) {
    const best = members.length > MOST_TRIED ? besideNeighbour(order, groups, next) : cheapest(order, groups, next);
    order.splice(best, 0, next);
  }
  return order;
}

interface Group {
  readonly members: readonly number[];
  /** Of what stands elsewhere: far left or far right. */
  readonly places: readonly number[];
}

/** Those not placed yet, nearest first; of a part where nothing is placed, from one of its ends. */
function byNearness(members: readonly Member[], groups: readonly Group[], placed: readonly number[]): number[] {
  const seen = new Set(placed);
  const of = members.map((_, index) => groups.filter((group) => group.members.includes(index)));
  const found: number[] = [];
  const spread = (from: readonly number[]): void => {
    const queue = [...from];
    for (const one of queue) {
      for (const next of (of[one] ?? []).flatMap((group) => group.members)) {
        if (seen.has(next)) continue;
        seen.add(next);
        found.push(next);
        queue.push(next);
      }
    }
  };
  spread(placed);
  const byDegree = members.map(({ index }) => index).sort((a, b) => degree(of[a]) - degree(of[b]) || a - b);
  for (const start of byDegree) {
    if (seen.has(start)) continue;
    seen.add(start);
    found.push(start);
    spread([start]);
  }
  return found;
}

/** What is joined to nothing comes last. */
function degree(groups: readonly Group[] | undefined): number {
  return groups === undefined || groups.length === 0 ? Number.POSITIVE_INFINITY : groups.length;
}

function besideNeighbour(order: readonly number[], groups: readonly Group[], next: number): number {
  const neighbours = new Set(groups.filter(({ members }) => members.includes(next)).flatMap(({ members }) => members));
  return order.findLastIndex((one) => neighbours.has(one)) + 1 || order.length;
}

function cheapest(order: readonly number[], groups: readonly Group[], next: number): number {
  let best = order.length;
  let least = Number.POSITIVE_INFINITY;
  // From the right: what costs the same comes behind.
  for (let at = order.length; at >= 0; at--) {
    const cost = costOf([...order.slice(0, at), next, ...order.slice(at)], groups);
    if (cost < least) {
      least = cost;
      best = at;
    }
  }
  return best;
}

/** How long all lines are together. */
function costOf(order: readonly number[], groups: readonly Group[]): number {
  const at = new Map(order.map((member, index) => [member, index]));
  let cost = 0;
  for (const { members, places } of groups) {
    let [from, to, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    const reach = (place: number): void => {
      from = Math.min(from, place);
      to = Math.max(to, place);
      count++;
    };
    for (const member of members) {
      const place = at.get(member);
      if (place !== undefined) reach(place);
    }
    for (const place of places) reach(place < 0 ? -1 : order.length);
    if (count > 1) cost += to - from;
  }
  return cost;
}

type NetsById = ReadonlyMap<string, readonly Net[]>;

function netsById(nets: readonly Net[]): NetsById {
  const found = new Map<string, Net[]>();
  for (const net of nets) {
    for (const { id } of net.ends) {
      const own = found.get(id);
      if (own === undefined) found.set(id, [net]);
      else own.push(net);
    }
  }
  return found;
}

/** Rooms of a node, parts of a room and devices of a part: towards what they are joined to. */
function arrangeFrame(
  frame: Frame,
  at: number,
  places: ReadonlyMap<string, number>,
  netsOf: NetsById,
  rank: ReadonlyMap<string, number>,
): Frame {
  const nets = [...new Set(frame.rooms.flatMap(({ ids }) => ids.flatMap((id) => netsOf.get(id) ?? [])))];
  const sideOf = (id: string): number | undefined => {
    const place = places.get(id);
    return place === undefined || place === at ? undefined : place - at;
  };
  const members = frame.rooms.map(({ ids }, index) => ({ index, ids }));
  const rooms = orderOf(members, nets, rank, sideOf).flatMap((index) => frame.rooms[index] ?? []);
  const inner = placesOf(rooms.map(({ ids }) => ids));
  // Where an id stands as seen from this frame: rooms here lie between what is left and what is right of it.
  const placeOf = (id: string): number | undefined => {
    const side = sideOf(id);
    if (side !== undefined) return side < 0 ? side - 1 : side + rooms.length;
    return inner.get(id);
  };
  return { ...frame, rooms: rooms.map((room) => arrangeRoom(room, placeOf, nets)) };
}

function arrangeRoom(room: Room, placeOf: (id: string) => number | undefined, nets: readonly Net[]): Room {
  const leaning = (device: PictureDevice): number => leaningOf(device.id, placeOf, nets);
  const [kernel, comware] = [room.parts.find(isKernel), room.parts.find((part) => !isKernel(part))];
  const sorted = (part: Part, punts: number): Part => ({
    ...part,
    devices: part.devices
      .map((device, index) => ({ device, index, key: device.kind === 'punt' ? punts : leaning(device) }))
      .sort((a, b) => (a.key === b.key ? a.index - b.index : a.key - b.key))
      .map(({ device }) => device),
  });
  if (kernel === undefined || comware === undefined)
    return { ...room, parts: room.parts.map((part) => sorted(part, 0)) };
  const mean = (part: Part): number => average(part.devices.map(leaning).filter(Number.isFinite)) ?? 0;
  // Comware stands left, unless its cables lead to the right.
  if (mean(comware) > mean(kernel)) {
    return { ...room, parts: [sorted(kernel, Number.MAX_VALUE), sorted(comware, 0)] };
  }
  return { ...room, parts: [sorted(comware, 0), sorted(kernel, -Number.MAX_VALUE)] };
}

function isKernel({ owner }: Part): boolean {
  return owner === 'kernel';
}

/** The mean place of what a device is joined to; infinite where that is nothing. */
function leaningOf(id: string, placeOf: (id: string) => number | undefined, nets: readonly Net[]): number {
  const own = nets.filter(({ kind, ends }) => kind !== 'punt' && ends.some((end) => end.id === id));
  const places = own.flatMap(({ ends }) => ends.flatMap((end) => (end.id === id ? [] : (placeOf(end.id) ?? []))));
  return average(places) ?? Number.POSITIVE_INFINITY;
}

function average(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
