import type { Rect } from './drawing.ts';
import type { Columns, Slot } from './order.ts';
import { stack } from './stacking.ts';

/*
 * Coordinates of columns. A network that is too long for one row of columns is folded: every other row runs from right
 * to left, and what joins two rows turns round at their end.
 */

/** A row of columns. */
export interface Band {
  readonly first: number;
  readonly last: number;
  readonly leftward: boolean;
}

/**
 * Rows for columns of these widths, none much wider than `limit` where it can be folded: where no more than a few of the
 * `lines` between two columns have to turn round.
 */
export function fold(widths: readonly number[], lines: readonly (readonly unknown[])[], limit: number): Band[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const count = Math.ceil(total / (limit * 1.25));
  const bands: Band[] = [];
  let [first, reached] = [0, 0];
  for (const [index, width] of widths.entries()) {
    reached += width;
    const isFull = reached + (widths[index + 1] ?? 0) / 2 > (total / count) * (bands.length + 1);
    const mayTurn = (lines[index]?.length ?? 0) <= MOST_TURNING;
    if (index < widths.length - 1 && !(isFull && mayTurn)) continue;
    bands.push({ first, last: index, leftward: bands.length % 2 === 1 });
    first = index + 1;
  }
  return bands;
}

const MOST_TURNING = 3;

/** What coordinates are made from: how big a slot is, and how far below its upper edge a line ends at it. */
export interface Measures {
  sizeOf(slot: Slot): Pick<Rect, 'width' | 'height'>;
  portOf(slot: Slot, edge: number): number;
}

const SWEEPS = 8;
/** Below each node; lanes keep their distance by their own height. */
const NODE_GAP = 24;
const BAND_GAP = 56;
const CHANNEL = { least: 56, most: 150 } as const;

export interface Placed {
  /** Upper left corner of each slot; a node narrower than its column stands in its middle. */
  readonly at: ReadonlyMap<Slot, { readonly x: number; readonly y: number }>;
  /** Left and right edge of each column. */
  readonly edges: readonly { readonly left: number; readonly right: number }[];
}

export function placeColumns(
  laid: Columns,
  bands: readonly Band[],
  measures: Measures,
  /** Least width of the channel behind a column. */
  channel: (column: number) => number,
): Placed {
  const tops = new Map<Slot, number>();
  const at = new Map<Slot, { x: number; y: number }>();
  const edges: { left: number; right: number }[] = [];
  let below = 0;
  let start = 0;
  for (const band of bands) {
    stackBand(laid, band, measures, tops);
    const columns = laid.columns.slice(band.first, band.last + 1);
    const least = Math.min(...columns.flat().map((slot) => tops.get(slot) ?? 0));
    const bottom = Math.max(...columns.flat().map((slot) => (tops.get(slot) ?? 0) + measures.sizeOf(slot).height));
    let x = start;
    for (const [offset, column] of columns.entries()) {
      const index = band.first + offset;
      const width = Math.max(...column.map((slot) => measures.sizeOf(slot).width));
      const left = band.leftward ? x - width : x;
      edges[index] = { left, right: left + width };
      for (const slot of column) {
        const inset = (width - measures.sizeOf(slot).width) / 2;
        at.set(slot, { x: left + inset, y: (tops.get(slot) ?? 0) - least + below });
      }
      if (index === band.last) start = band.leftward ? left : left + width;
      const wide = Math.max(channel(index), spanWidth(laid, index, measures, tops));
      x = band.leftward ? left - wide : left + width + wide;
    }
    below += bottom - least + BAND_GAP;
  }
  return { at, edges };
}

/** Lines that climb far want room to do it. */
function spanWidth({ lines }: Columns, column: number, measures: Measures, tops: ReadonlyMap<Slot, number>): number {
  const spans = (lines[column] ?? []).map((line) => {
    const yOf = (slot: Slot): number => (tops.get(slot) ?? 0) + measures.portOf(slot, line.edge);
    return Math.abs(yOf(line.from) - yOf(line.to));
  });
  return Math.min(CHANNEL.most, Math.max(CHANNEL.least, 36 + 0.2 * Math.max(0, ...spans)));
}

/** Upper edges of the slots of one band: each as straight across from what it is joined to as its column allows. */
function stackBand(laid: Columns, band: Band, measures: Measures, tops: Map<Slot, number>): void {
  const { columns, lines } = laid;
  const heightOf = (slot: Slot): number => measures.sizeOf(slot).height + (slot.kind === 'node' ? NODE_GAP : 0);
  const restack = (index: number, middleOf: (slot: Slot) => number): void => {
    const column = columns[index] ?? [];
    const wishes = column.map((slot) => ({ height: heightOf(slot), middle: middleOf(slot) }));
    const own = stack(wishes, 0);
    for (const [at, slot] of column.entries()) tops.set(slot, own[at] ?? 0);
  };
  for (let index = band.first; index <= band.last; index++) restack(index, () => 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 1;
    for (let step = 1; step <= band.last - band.first; step++) {
      const index = forward ? band.first + step : band.last - step;
      const between = lines[forward ? index - 1 : index] ?? [];
      const wants = new Map<Slot, number[]>();
      for (const line of between) {
        const [own, other] = forward ? [line.to, line.from] : [line.from, line.to];
        const level = (tops.get(other) ?? 0) + measures.portOf(other, line.edge) - measures.portOf(own, line.edge);
        wants.set(own, [...(wants.get(own) ?? []), level + heightOf(own) / 2]);
      }
      restack(index, (slot) => {
        const levels = wants.get(slot) ?? [(tops.get(slot) ?? 0) + heightOf(slot) / 2];
        return levels.reduce((sum, level) => sum + level, 0) / levels.length;
      });
    }
  }
}
