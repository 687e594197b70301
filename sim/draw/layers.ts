import type { Rect } from './drawing.ts';

/*
 * Nodes in columns, as K. Sugiyama, S. Tagawa and M. Toda arrange layered graphs (1981): the column tells how far a node
 * is from one end of the network; a line that passes a column has a lane of its own in it, so that it crosses no node.
 */

export interface GraphEdge {
  readonly a: number;
  readonly b: number;
}

export interface Graph {
  readonly sizes: readonly Pick<Rect, 'width' | 'height'>[];
  readonly edges: readonly GraphEdge[];
}

/** Width of a picture to its height that columns aim at. */
const ASPECT = 1.6;

/** The nodes of each connected part, in the order of the first of each. */
export function componentsOf({ sizes, edges }: Graph): number[][] {
  const neighbours = neighboursOf({ sizes, edges });
  const seen = new Set<number>();
  return sizes.flatMap((_, node) => {
    if (seen.has(node)) return [];
    const part = distancesFrom(node, neighbours).reached;
    for (const one of part) seen.add(one);
    return [part.sort((a, b) => a - b)];
  });
}

function neighboursOf({ sizes, edges }: Graph): number[][] {
  const neighbours: number[][] = sizes.map(() => []);
  for (const { a, b } of edges) {
    neighbours[a]?.push(b);
    neighbours[b]?.push(a);
  }
  return neighbours;
}

function distancesFrom(
  root: number,
  neighbours: readonly number[][],
): { reached: number[]; distance: Map<number, number> } {
  const distance = new Map([[root, 0]]);
  const reached = [root];
  for (const node of reached) {
    for (const next of neighbours[node] ?? []) {
      if (distance.has(next)) continue;
      distance.set(next, (distance.get(node) ?? 0) + 1);
      reached.push(next);
    }
  }
  return { reached, distance };
}

/**
 * The columns of one part: by distance from one of its ends; what would be too high for one column becomes several.
 * `rank` is the order in which the nodes are met from there.
 */
export function columnsOf(part: readonly number[], graph: Graph): { columns: number[][]; rank: Map<number, number> } {
  const neighbours = neighboursOf(graph);
  const { distance, reached } = distancesFrom(endOf(part, neighbours), neighbours);
  const layers: number[][] = [];
  for (const node of reached) {
    const layer = distance.get(node) ?? 0;
    layers[layer] = [...(layers[layer] ?? []), node];
  }
  const limit = heightLimit(part, graph);
  const isLast = (node: number): boolean =>
    (neighbours[node] ?? []).every((next) => (distance.get(next) ?? 0) <= (distance.get(node) ?? 0));
  return {
    columns: layers.flatMap((layer) => split(layer, isLast, limit, graph)),
    rank: new Map(reached.map((node, index) => [node, index])),
  };
}

/** A node that is as far as can be from some other. */
function endOf(part: readonly number[], neighbours: readonly number[][]): number {
  const first = part[0] ?? 0;
  const far = distancesFrom(first, neighbours).reached.at(-1) ?? first;
  const { distance } = distancesFrom(far, neighbours);
  const most = Math.max(...part.map((node) => distance.get(node) ?? 0));
  const ends = part.filter((node) => distance.get(node) === most);
  return Math.min(far, ...ends);
}

function heightLimit(part: readonly number[], { sizes }: Graph): number {
  const own = part.map((node) => sizes[node] ?? { width: 0, height: 0 });
  const area = own.reduce((sum, { width, height }) => sum + (width + 90) * (height + 24), 0);
  return Math.max(Math.sqrt(area / ASPECT), ...own.map(({ height }) => height));
}

/**
 * Several columns for a layer that is too high: nodes that have more behind them stand nearest to that, the others are
 * dealt round, so that the lines to the far ones run between the near ones.
 */
function split(
  layer: readonly number[],
  isLast: (node: number) => boolean,
  limit: number,
  { sizes }: Graph,
): number[][] {
  const heightOf = (node: number): number => (sizes[node]?.height ?? 0) + 24;
  const total = layer.reduce((sum, node) => sum + heightOf(node), 0);
  const count = Math.ceil(total / (limit * 1.2));
  const columns: number[][] = Array.from({ length: count }, () => []);
  const heights = columns.map(() => 0);
  const put = (node: number, column: number): void => {
    columns[column]?.push(node);
    heights[column] = (heights[column] ?? 0) + heightOf(node);
  };
  let column = count - 1;
  for (const node of layer.filter((one) => !isLast(one))) {
    if (column > 0 && (heights[column] ?? 0) + heightOf(node) / 2 > total / count) column--;
    put(node, column);
  }
  for (const node of layer.filter(isLast)) {
    const least = Math.min(...heights);
    put(node, heights.indexOf(least));
  }
  return columns;
}
