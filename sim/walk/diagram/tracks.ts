import { textWidth } from '../../show/table.ts';
import type { Language } from '../styled.ts';
import type { Net, NetEnd } from './plan.ts';
import type { Standing, Terminal } from './stand.ts';
import { boxName } from './words.ts';

/*
 * Nets as horizontal tracks below the rooms of their frame, or below all frames of a band. Tracks that do not overlap
 * share a row; short ones lie above long ones, so that lines seldom cross.
 */

export interface RoutedEnd {
  readonly end: NetEnd;
  readonly terminal: Terminal;
}

/** A net in one band, or in one frame. */
export interface Track {
  readonly net: Net;
  readonly band: number;
  /** The frame within which it lies; undefined: below the frames. */
  readonly item: number | undefined;
  readonly ends: readonly RoutedEnd[];
  readonly from: number;
  readonly to: number;
  /** Counted from the first row for tracks there. */
  readonly row: number;
  /** Column of the line at the right edge that joins it to the net's tracks in other bands. */
  readonly trunk: number | undefined;
  /** Of a bridge. */
  readonly name: string;
}

export interface Tracks {
  readonly tracks: readonly Track[];
  /** Rows within each frame, and below each band. */
  readonly inner: readonly number[];
  readonly outer: readonly number[];
  /** Columns at the right edge for lines between bands. */
  readonly trunks: number;
}

/** Columns on a bar for a mark and a blank before the name of its bridge. */
export const MARK_ROOM = 2;

type Unplaced = Omit<Track, 'row'>;

export interface TrackOptions {
  readonly nets: 'all' | 'relevant';
  readonly relevant: ReadonlySet<string>;
  readonly language: Language;
}

export function tracksOf(nets: readonly Net[], standing: Standing, options: TrackOptions): Tracks {
  let trunks = 0;
  const unplaced = nets.flatMap((net): Unplaced[] => {
    const ends = routedEnds(net, standing);
    if (!isDrawn(net, ends, options)) return [];
    const { item, isInner } = homeOf(net, ends, standing);
    if (isInner) return [trackOf(net, ends, item, undefined, standing, options.language)];
    const bands = [...new Set(ends.map(({ terminal }) => terminal.band))].sort((a, b) => a - b);
    const trunk = bands.length > 1 ? standing.width + 1 + trunks++ : undefined;
    return bands.map((band) => {
      const own = ends.filter(({ terminal }) => terminal.band === band);
      return trackOf(net, own, undefined, trunk, standing, options.language);
    });
  });
  const inner = standing.items.map(() => 0);
  const outer = Array.from({ length: standing.bands }, () => 0);
  const tracks: Track[] = [];
  for (const zone of zonesOf(unplaced)) {
    const placed = inRows(zone);
    const rows = Math.max(...placed.map(({ row }) => row + 1));
    const [first] = placed;
    if (first?.item !== undefined) inner[first.item] = rows;
    else if (first !== undefined) outer[first.band] = rows;
    tracks.push(...placed);
  }
  return { tracks, inner, outer, trunks };
}

function routedEnds({ ends }: Net, { terminals }: Standing): RoutedEnd[] {
  return ends.flatMap((end) => {
    const terminal = terminals.get(end.id);
    return terminal === undefined ? [] : [{ end, terminal }];
  });
}

function isDrawn({ kind, id, ends: all }: Net, ends: readonly RoutedEnd[], { nets, relevant }: TrackOptions): boolean {
  if (ends.length < (kind === 'bridge' ? 1 : 2)) return false;
  // What joins only what is folded is folded with it.
  if (new Set(ends.map(({ terminal }) => terminal.vertex)).size === 1 && ends[0]?.terminal.kind === 'fold')
    return false;
  if (kind === 'punt') return ends.some(({ terminal }) => terminal.kind === 'stack');
  if (relevant.has(id) || all.filter((end) => relevant.has(end.id)).length > 1) return true;
  // A bar with one thing on it says nothing.
  return (nets === 'all' || relevant.size === 0) && new Set(ends.map(({ terminal }) => terminal.vertex)).size > 1;
}

/** Within its frame lies what joins nothing else. */
function homeOf(net: Net, ends: readonly RoutedEnd[], { items }: Standing): { item: number; isInner: boolean } {
  const item = ends[0]?.terminal.item ?? 0;
  const isInner =
    ends.every(({ terminal }) => terminal.item === item && terminal.kind !== 'stitch') &&
    (net.kind !== 'bridge' || items[item]?.node === net.node);
  return { item, isInner };
}

function trackOf(
  net: Net,
  ends: readonly RoutedEnd[],
  item: number | undefined,
  trunk: number | undefined,
  { items, width }: Standing,
  language: Language,
): Unplaced {
  const xs = ends.map(({ terminal }) => terminal.x);
  let [from, to] = [Math.min(...xs), Math.max(...xs, trunk ?? 0)];
  const name = nameOf(net, item !== undefined, language);
  const own = item === undefined ? undefined : items[item];
  const [least, most] = own === undefined ? [0, width - 1] : [own.x + 2, own.x + own.width - 3];
  if (net.kind === 'bridge') {
    // A bar reaches beyond its last ports, and is long enough for its name.
    [from, to] = [Math.max(least, from - 1), trunk ?? Math.min(most, to + 1)];
    const lacking = textWidth(name) + MARK_ROOM + 6 - (to - from);
    if (lacking > 0) to = Math.min(Math.max(most, to), to + lacking);
    const still = textWidth(name) + MARK_ROOM + 6 - (to - from);
    if (still > 0) from = Math.max(Math.min(least, from), from - still);
  }
  return { net, band: ends[0]?.terminal.band ?? 0, item, ends, from, to, trunk, name };
}

/** With the node it belongs to, where it does not stand in its frame. */
function nameOf({ bridge, node }: Net, isInner: boolean, language: Language): string {
  if (bridge === undefined) return '';
  const name = boxName(bridge, { language, length: 'full' });
  return isInner || name === node ? name : `${name} · ${node}`;
}

function zonesOf(tracks: readonly Unplaced[]): Unplaced[][] {
  const zones = new Map<string, Unplaced[]>();
  for (const track of tracks) {
    const key = track.item === undefined ? `band ${track.band}` : `frame ${track.item}`;
    zones.set(key, [...(zones.get(key) ?? []), track]);
  }
  return [...zones.values()];
}

function inRows(tracks: readonly Unplaced[]): Track[] {
  const rows: { from: number; to: number }[][] = [];
  // Punt devices are part of their room: right below it.
  const rank = ({ net, from, to }: Unplaced): number => (net.kind === 'punt' ? -1 : to - from);
  return [...tracks]
    .sort((a, b) => rank(a) - rank(b))
    .map((track) => {
      let row = rows.findIndex((own) => own.every(({ from, to }) => track.to + 1 < from || to + 1 < track.from));
      if (row < 0) row = rows.push([]) - 1;
      rows[row]?.push(track);
      return { ...track, row };
    });
}
