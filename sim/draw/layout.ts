import { type Band, fold, type Measures, type Placed, placeColumns } from './bands.ts';
import type { Block } from './block.ts';
import { cableLines } from './cable-lines.ts';
import { comwareBlock } from './comware-block.ts';
import { type Drawing, type DrawnWire, movePoint, moveShape, moveStroke, type Rect, type Shape } from './drawing.ts';
import { hostBlock, type SideOf } from './host-block.ts';
import { columnsOf, componentsOf, type Graph } from './layers.ts';
import { type Columns, type Line, orderColumns, type Slot } from './order.ts';
import type { Picture, PictureDevice, PictureWire } from './picture.ts';
import { textWidth } from './text-width.ts';
import { cableLabel } from './wire-text.ts';

const MARGIN = 20;
const PART_GAP = 48;
/** Of a lane. */
const LANE = { width: 0, height: 10 } as const;
/** What fits side by side on a wide screen, in px; a network that is larger by area gets more. */
const SCREEN = 1400;

/** Lays a picture out: where everything is, for any network. The same picture always gives the same drawing. */
export function layoutOf(picture: Picture): Drawing {
  const plan = planOf(picture);
  const parts = componentsOf(plan.graph).map((part) => layoutPart(plan, part));
  const widest = Math.max(SCREEN, ...parts.map(({ width }) => width));
  const shapes: Shape[] = [];
  const wires: DrawnWire[] = [];
  let [x, y, rowHeight, width] = [MARGIN, MARGIN, 0, 0];
  for (const part of parts) {
    if (x > MARGIN && x + part.width > widest + MARGIN) {
      x = MARGIN;
      y += rowHeight + PART_GAP;
      rowHeight = 0;
    }
    shapes.push(...part.shapes.map((shape) => moveShape(shape, x, y)));
    wires.push(...part.wires.map((wire) => moveWire(wire, x, y)));
    x += part.width + PART_GAP;
    width = Math.max(width, x - PART_GAP);
    rowHeight = Math.max(rowHeight, part.height);
  }
  return { width: width + MARGIN, height: y + rowHeight + MARGIN, shapes, wires };
}

interface Plan {
  readonly picture: Picture;
  readonly graph: Graph;
  /** The cables that are the edges of the graph, by index. */
  readonly cables: readonly PictureWire[];
  /** Index of the node that a device belongs to. */
  readonly nodeOf: ReadonlyMap<string, number>;
}

function planOf(picture: Picture): Plan {
  const { nodes, wires } = picture;
  const nodeOf = new Map(
    nodes.flatMap(({ spaces }, index) =>
      spaces.flatMap(({ devices }) => devices.map(({ id }) => [id, index] as const)),
    ),
  );
  const cables = wires.filter(({ kind, ends }) => kind === 'cable' && ends.every((end) => nodeOf.has(end)));
  const edges = cables.map(({ ends: [a, b] }) => ({ a: nodeOf.get(a) ?? 0, b: nodeOf.get(b) ?? 0 }));
  // Sizes to plan with: all ports on one side is higher than any other way.
  const sizes = nodes.map((_, index) => blockOf(picture, index, () => ({ side: 'left', rank: 0 })));
  return { picture, graph: { sizes, edges }, cables, nodeOf };
}

function blockOf({ nodes, wires }: Picture, index: number, sideOf: SideOf): Block {
  const node = nodes[index];
  if (node === undefined) return { width: 0, height: 0, shapes: [], wires: [] };
  return node.kind === 'comware' ? comwareBlock(node, wires, sideOf) : hostBlock(node, sideOf);
}

type Part = Pick<Drawing, 'width' | 'height' | 'shapes' | 'wires'>;

/** One connected network. */
function layoutPart(plan: Plan, part: readonly number[]): Part {
  const { graph, cables } = plan;
  const { columns: nodes, rank } = columnsOf(part, graph);
  const sizeOf = (node: number): Pick<Rect, 'width' | 'height'> => graph.sizes[node] ?? LANE;
  const area = part.reduce((sum, node) => sum + (sizeOf(node).width + 90) * (sizeOf(node).height + 24), 0);
  const widths = nodes.map((column) => 90 + Math.max(0, ...column.map((node) => sizeOf(node).width)));
  // The order of nodes decides on that of ports, and ports where lines cross: once more, with both.
  const rough = orderColumns(nodes, rank, graph.edges);
  const bands = fold(widths, rough.lines, Math.max(SCREEN, Math.sqrt(area * 1.6)));
  const blocksFor = (laid: Columns): Blocks =>
    new Map(part.map((node) => [node, blockOf(plan.picture, node, sidesFor(plan, laid, bands))]));
  const drawn = measuresOf(cables, blocksFor(rough));
  const laid = orderColumns(
    nodes,
    rank,
    graph.edges,
    (slot, edge) => drawn.portOf(slot, edge) / drawn.sizeOf(slot).height,
  );
  const blocks = blocksFor(laid);
  const placed = placeColumns(laid, bands, measuresOf(cables, blocks), (column) => labelWidth(plan, laid, column));
  return assemble(plan, laid, bands, placed, blocks);
}

type Blocks = ReadonlyMap<number, Block>;

function measuresOf(cables: Plan['cables'], blocks: Blocks): Measures {
  const tables = new Map(
    [...blocks].map(([node, { shapes }]) => [node, new Map(shapes.map(({ id, rect }) => [id, rect]))]),
  );
  return {
    sizeOf: (slot) => (slot.kind === 'lane' ? LANE : (blocks.get(slot.node) ?? LANE)),
    portOf: (slot, edge) => {
      const rects = slot.kind === 'lane' ? undefined : tables.get(slot.node);
      const rect = cables[edge]?.ends.map((end) => rects?.get(end)).find((one) => one !== undefined);
      return rect === undefined ? LANE.height / 2 : rect.y + rect.height / 2;
    },
  };
}

function labelWidth({ cables }: Plan, { lines }: Columns, column: number): number {
  const labels = (lines[column] ?? []).map(({ edge }) => cableLabel(cables[edge]));
  return 28 + Math.max(0, ...labels.map((label) => textWidth(label, 9)));
}

/** Ports face the column of their far end, in the order of what is there. */
function sidesFor({ cables, nodeOf }: Plan, laid: Columns, bands: readonly Band[]): SideOf {
  const facing = new Map<string, ReturnType<SideOf>>();
  const leftward = (column: number): boolean => bands.find(({ last }) => column <= last)?.leftward ?? false;
  const side = (column: number, forward: boolean): 'left' | 'right' =>
    forward === leftward(column) ? 'left' : 'right';
  const note = (column: number, forward: boolean, slot: Slot, { edge }: Pick<Line, 'edge'>, far: number): void => {
    if (slot.kind === 'lane') return;
    for (const end of cables[edge]?.ends ?? []) {
      if (nodeOf.get(end) === slot.node) facing.set(end, { side: side(column, forward), rank: far });
    }
  };
  for (const [column, slots] of laid.columns.entries()) {
    const places = new Map(slots.map((slot, index) => [slot, index]));
    for (const line of laid.lines[column - 1] ?? []) note(column - 1, true, line.from, line, places.get(line.to) ?? 0);
    for (const line of laid.lines[column] ?? []) {
      if (line.to.kind === 'node') note(column + 1, false, line.to, line, places.get(line.from) ?? 0);
    }
    for (const slot of slots) for (const edge of laid.within) note(column, true, slot, { edge }, places.get(slot) ?? 0);
  }
  return (device: PictureDevice) => facing.get(device.id) ?? { side: 'none', rank: 0 };
}

function assemble(plan: Plan, laid: Columns, bands: readonly Band[], placed: Placed, blocks: Blocks): Part {
  const shapes: Shape[] = [];
  const wires: DrawnWire[] = [];
  for (const slot of laid.columns.flat()) {
    if (slot.kind === 'lane') continue;
    const block = blocks.get(slot.node);
    const { x, y } = placed.at.get(slot) ?? { x: 0, y: 0 };
    shapes.push(...(block?.shapes ?? []).map((shape) => moveShape(shape, x, y)));
    wires.push(...(block?.wires ?? []).map((wire) => moveWire(wire, x, y)));
  }
  const rects = new Map(shapes.map(({ id, rect }) => [id, rect]));
  wires.push(...cableLines({ cables: plan.cables, nodeOf: plan.nodeOf, laid, bands, placed, rects }));
  return normalized(shapes, wires);
}

/** Moved to where it begins at the upper left corner. */
function normalized(shapes: readonly Shape[], wires: readonly DrawnWire[]): Part {
  const points = [
    ...shapes.flatMap(({ rect: { x, y, width, height } }) => [
      { x, y },
      { x: x + width, y: y + height },
    ]),
    ...wires.flatMap(({ from, strokes }) => [from, ...strokes.flatMap(({ to, by = [] }) => [to, ...by])]),
  ];
  const left = Math.min(...points.map(({ x }) => x));
  const top = Math.min(...points.map(({ y }) => y));
  return {
    width: Math.max(...points.map(({ x }) => x)) - left,
    height: Math.max(...points.map(({ y }) => y)) - top,
    shapes: shapes.map((shape) => moveShape(shape, -left, -top)),
    wires: wires.map((wire) => moveWire(wire, -left, -top)),
  };
}

function moveWire(wire: DrawnWire, dx: number, dy: number): DrawnWire {
  const { label } = wire;
  return {
    ...wire,
    from: movePoint(wire.from, dx, dy),
    strokes: wire.strokes.map((stroke) => moveStroke(stroke, dx, dy)),
    label: label === undefined ? undefined : { ...label, x: label.x + dx, y: label.y + dy },
  };
}
