import type { GraphEdge } from './layers.ts';

/** A node in its column, or the lane of an edge that passes it. */
export type Slot = { readonly kind: 'node'; readonly node: number } | { readonly kind: 'lane'; readonly edge: number };

/** A line between slots of neighbouring columns. */
export interface Line {
  readonly edge: number;
  /** In the column before, and in the one behind. */
  readonly from: Slot;
  readonly to: Slot;
}

export interface Columns {
  /** Slots from top to bottom. */
  readonly columns: readonly (readonly Slot[])[];
  /** Lines between a column and the next, by the index of the former. */
  readonly lines: readonly (readonly Line[])[];
  /** Edges between two nodes of one column. */
  readonly within: readonly number[];
}

const SWEEPS = 12;

/** How far down a slot a line ends, from 0 at its upper edge to 1. */
export type LevelOf = (slot: Slot, edge: number) => number;

/**
 * Gives each edge a lane in the columns it passes, and orders all columns so that lines seldom cross. `rank` is the order
 * to begin with; a lane has that of the node it leads to.
 */
export function orderColumns(
  nodes: readonly (readonly number[])[],
  rank: ReadonlyMap<number, number>,
  edges: readonly GraphEdge[],
  levelOf: LevelOf = () => 0.5,
): Columns {
  const laid = withLanes(nodes, rank, edges);
  let best = laid.columns;
  let fewest = crossings(best, laid.lines, levelOf);
  let current = best;
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    current = sweepOnce(current, laid.lines, sweep % 2 === 0, levelOf);
    const count = crossings(current, laid.lines, levelOf);
    if (count < fewest) {
      fewest = count;
      best = current;
    }
  }
  return { ...laid, columns: best };
}

function withLanes(
  nodes: readonly (readonly number[])[],
  rank: ReadonlyMap<number, number>,
  edges: readonly GraphEdge[],
): Columns {
  const columnOf = new Map<number, number>();
  const slotOf = new Map<number, Slot>();
  const columns = nodes.map((column, index) =>
    column.map((node): Slot => {
      const slot = { kind: 'node', node } as const;
      columnOf.set(node, index);
      slotOf.set(node, slot);
      return slot;
    }),
  );
  const lines: Line[][] = columns.map(() => []);
  const within: number[] = [];
  const leadsTo = new Map<Slot, number>([...slotOf].map(([node, slot]) => [slot, node]));
  for (const [edge, { a, b }] of edges.entries()) {
    const [atA, atB] = [columnOf.get(a), columnOf.get(b)];
    if (atA === undefined || atB === undefined) continue;
    if (atA === atB) within.push(edge);
    const [first, last] = atA < atB ? [a, b] : [b, a];
    const end = Math.max(atA, atB);
    let from = slotOf.get(first) as Slot;
    for (let index = Math.min(atA, atB) + 1; index <= end; index++) {
      const to: Slot = index === end ? (slotOf.get(last) as Slot) : { kind: 'lane', edge };
      if (to.kind === 'lane') {
        columns[index]?.push(to);
        leadsTo.set(to, last);
      }
      lines[index - 1]?.push({ edge, from, to });
      from = to;
    }
  }
  const rankOf = (slot: Slot): number => rank.get(leadsTo.get(slot) ?? 0) ?? 0;
  for (const column of columns) column.sort((a, b) => rankOf(a) - rankOf(b));
  return { columns, lines, within };
}

/** Each column by the middle of what its slots are joined to in the column before, or behind. */
function sweepOnce(columns: Columns['columns'], lines: Columns['lines'], forward: boolean, levelOf: LevelOf): Slot[][] {
  const next = columns.map((column) => [...column]);
  const order = next.map((_, index) => index);
  for (const index of forward ? order : order.reverse()) {
    const fixed = next[forward ? index - 1 : index + 1];
    const column = next[index];
    if (fixed === undefined || column === undefined) continue;
    const places = placesOf(fixed);
    const ends = new Map<Slot, number[]>(column.map((slot) => [slot, []]));
    for (const { edge, from, to } of lines[forward ? index - 1 : index] ?? []) {
      const [own, other] = forward ? [to, from] : [from, to];
      ends.get(own)?.push((places.get(other) ?? 0) + levelOf(other, edge));
    }
    const scale = fixed.length / Math.max(1, column.length);
    const keyed = column.map((slot, at) => {
      const to = ends.get(slot) ?? [];
      return { slot, at, key: to.length === 0 ? at * scale : to.reduce((sum, one) => sum + one, 0) / to.length };
    });
    next[index] = keyed.sort((a, b) => a.key - b.key || a.at - b.at).map(({ slot }) => slot);
  }
  return next;
}

function placesOf(column: readonly Slot[]): Map<Slot, number> {
  return new Map(column.map((slot, index) => [slot, index]));
}

function crossings(columns: Columns['columns'], lines: Columns['lines'], levelOf: LevelOf): number {
  let count = 0;
  for (const [index, between] of lines.entries()) {
    const before = placesOf(columns[index] ?? []);
    const behind = placesOf(columns[index + 1] ?? []);
    const pairs = between.map(
      ({ edge, from, to }) =>
        [(before.get(from) ?? 0) + levelOf(from, edge), (behind.get(to) ?? 0) + levelOf(to, edge)] as const,
    );
    for (let one = 0; one < pairs.length; one++) {
      for (let other = one + 1; other < pairs.length; other++) {
        const [a, b] = [pairs[one], pairs[other]];
        if (a !== undefined && b !== undefined && (a[0] - b[0]) * (a[1] - b[1]) < 0) count++;
      }
    }
  }
  return count;
}
