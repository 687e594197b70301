import {
  BAR_GAP,
  bar,
  bars,
  barsHeight,
  barWidth,
  chip,
  chipHeight,
  chips,
  chipsHeight,
  chipWidth,
  frame,
  frameWidth,
  PAD,
  TITLE_HEIGHT,
  widest,
} from './block.ts';
import { type DrawnWire, moveShape, type Point, type Shape } from './drawing.ts';
import { type Hanging, hangContainers, wireDown } from './hanging.ts';
import type { Picture, PictureBox, PictureDevice, PictureNode, PictureSpace } from './picture.ts';

/*
 * The host of a Comware device: its own stack at the left, then its bridges side by side, each with its port to Comware
 * above and its ports to containers below, and the containers hanging there.
 */

const BETWEEN = 18;
const TURN = 30;

/** A bridge of the host and what hangs on it; without a bridge, what hangs on none. */
interface Column {
  readonly bridge: PictureBox | undefined;
  /** Each with the device at the other end of its pair. */
  readonly up: readonly Pair[];
  readonly down: readonly Pair[];
  readonly hanging: Hanging;
  readonly width: number;
  readonly x: number;
}

interface Pair {
  readonly port: PictureDevice;
  readonly far: PictureDevice;
  readonly space: PictureSpace;
}

/** What the part above has to know: where Comware's legs come down. */
export interface HostPlan {
  readonly space: PictureSpace;
  /** Of the host's own stack. */
  readonly stackWidth: number;
  readonly columns: readonly Column[];
  /** Of all columns, from the left edge of the first. */
  readonly width: number;
}

/** Where a device of Comware's namespace stands that is the far end of a host's port, from the first column. */
export interface Leg {
  readonly device: PictureDevice;
  readonly middle: number;
}

export function planHost(node: PictureNode, wires: Picture['wires']): HostPlan {
  const host = node.spaces.find((space) => space.role === 'host');
  if (host === undefined) throw new Error(`${node.name} has a host`);
  const pairs = pairsOf(node, host, wires);
  const bridges = host.boxes.filter((box) => box.kind === 'bridge');
  const reached = new Set(pairs.map(({ space }) => space));
  const others = node.spaces.filter((space) => space.role === 'container' && !reached.has(space));
  const home = homesOf(pairs, bridges);
  const columns: Column[] = [];
  let x = 0;
  for (const bridge of [...bridges, undefined]) {
    const own = pairs.filter((pair) => home(pair) === (bridge?.id ?? ''));
    const column = columnOf(bridge, own, bridge === undefined ? others : [], x);
    if (bridge === undefined && own.length === 0 && others.length === 0) continue;
    columns.push(column);
    x += column.width + BETWEEN;
  }
  const stack = host.boxes.filter((box) => box.kind !== 'bridge');
  const loose = looseDevices(host, pairs);
  const stackWidth = widest([...stack.map(barWidth), ...loose.map(chipWidth), frameWidth('host', '')]);
  return { space: host, stackWidth, columns, width: Math.max(0, x - BETWEEN) };
}

/**
 * The bridge whose column a pair is drawn in. In a picture of several moments a container has had more than one port, and
 * some of them are in no bridge any more: it hangs where the last of them was.
 */
function homesOf(pairs: readonly Pair[], bridges: readonly PictureBox[]): (pair: Pair) => string {
  const homes = new Map<PictureSpace | PictureDevice, string>();
  const keyOf = ({ far, space }: Pair): PictureSpace | PictureDevice => (space.role === 'comware' ? far : space);
  for (const pair of pairs) {
    const { bridge } = pair.port;
    if (bridges.some(({ id }) => id === bridge)) homes.set(keyOf(pair), bridge);
  }
  return (pair) => homes.get(keyOf(pair)) ?? '';
}

export function legsOf({ columns }: HostPlan): Leg[] {
  const legs = columns.flatMap(({ up, x, width }) =>
    up.map(({ far }, index) => ({ device: far, middle: x + (width * (index + 0.5)) / up.length })),
  );
  // In a picture of several moments a leg may have had more than one port.
  return legs.filter(({ device }, index) => legs.findIndex((other) => other.device === device) === index);
}

function pairsOf(node: PictureNode, host: PictureSpace, wires: Picture['wires']): Pair[] {
  const farOf = new Map<string, string>();
  for (const { kind, ends } of wires) {
    if (kind !== 'veth') continue;
    farOf.set(ends[0], ends[1]);
    farOf.set(ends[1], ends[0]);
  }
  return host.devices.flatMap((port): Pair[] => {
    for (const space of node.spaces) {
      const far = space.devices.find(({ id }) => id === farOf.get(port.id));
      if (far !== undefined && space !== host) return [{ port, far, space }];
    }
    return [];
  });
}

/** Devices of the host that are no end of a pair. */
function looseDevices(host: PictureSpace, pairs: readonly Pair[]): PictureDevice[] {
  return host.devices.filter((device) => !pairs.some(({ port }) => port === device));
}

function columnOf(
  bridge: PictureBox | undefined,
  pairs: readonly Pair[],
  others: readonly PictureSpace[],
  x: number,
): Column {
  const up = pairs.filter(({ space }) => space.role === 'comware');
  const down = pairs.filter(({ space }) => space.role !== 'comware');
  const hanging = hangContainers([...new Set([...down.map(({ space }) => space), ...others])]);
  const row = (devices: readonly PictureDevice[]): number =>
    devices.length * (widest(devices.map(chipWidth)) + BAR_GAP) - BAR_GAP;
  const width = widest([
    bridge === undefined ? 0 : barWidth(bridge),
    row(up.map(({ far }) => far)),
    row(up.map(({ port }) => port)),
    row(down.map(({ port }) => port)),
    hanging.width,
  ]);
  return { bridge, up, down: inOrder(down, hanging), hanging, width, x };
}

/** From left to right as their wires leave, so that none crosses another. */
function inOrder(down: readonly Pair[], { ways }: Hanging): Pair[] {
  const enter = ({ space }: Pair): number => ways.get(space.title)?.enter.x ?? 0;
  return [...down].sort((a, b) => enter(a) - enter(b));
}

/** Draws host and containers below it; `legAt` is where each leg of Comware ends above. */
export function hostPart(
  plan: HostPlan,
  at: Point,
  columnsAt: number,
  width: number,
  legAt: (device: string) => Point,
): { shapes: Shape[]; wires: DrawnWire[]; bottom: number } {
  const { space, columns } = plan;
  const shapes: Shape[] = [];
  const wires: DrawnWire[] = [];
  const top = at.y + TITLE_HEIGHT;
  const ports = columns.map((column) => columnShapes(column, columnsAt, top));
  const stack = space.boxes.filter((box) => box.kind !== 'bridge');
  const loose = looseDevices(
    space,
    columns.flatMap(({ up, down }) => [...up, ...down]),
  );
  const left = at.x + PAD;
  shapes.push(...bars(stack, left, top, plan.stackWidth));
  shapes.push(...chips(loose, left, top + barsHeight(stack.length) + BAR_GAP + 3, plan.stackWidth));
  const looseHeight = loose.length === 0 ? 0 : chipsHeight(loose) + BAR_GAP + 3;
  const inner = Math.max(barsHeight(stack.length) + looseHeight, ...ports.map(({ bottom }) => bottom - top));
  const bottom = top + inner + PAD;
  const outer = frame(space.title, 'space', 'host', '', { x: at.x, y: at.y, width, height: bottom - at.y });
  const corner = bottom + TURN;
  let lowest = bottom;
  for (const [index, column] of columns.entries()) {
    const part = ports[index];
    if (part === undefined) continue;
    shapes.push(...part.shapes);
    const { hanging } = column;
    const x = columnsAt + column.x + (column.width - hanging.width) / 2;
    shapes.push(...hanging.shapes.map((shape) => moveShape(shape, x, corner)));
    if (hanging.height > 0) lowest = Math.max(lowest, corner + hanging.height);
    for (const { port, far } of column.up) {
      const to = legAt(far.id);
      const from = part.edge(port.id, 'top');
      wires.push(veth([port.id, far.id], from, [{ to }]));
    }
    for (const { port, far, space: container } of column.down) {
      const way = hanging.ways.get(container.title);
      const from = part.edge(port.id, 'bottom');
      if (way !== undefined) wires.push(veth([port.id, far.id], from, wireDown(from, way, { x, y: corner })));
    }
  }
  return { shapes: [outer, ...shapes], wires, bottom: lowest };
}

function veth(ends: readonly [string, string], from: Point, strokes: DrawnWire['strokes']): DrawnWire {
  const tip = `${ends[0]} - ${ends[1]}: veth pair`;
  return { kind: 'veth', ends, from, strokes, plugged: true, label: undefined, tip };
}

function columnShapes(
  column: Column,
  columnsAt: number,
  top: number,
): { shapes: Shape[]; bottom: number; edge: (id: string, side: 'top' | 'bottom') => Point } {
  const { bridge, up, down, width } = column;
  const x = columnsAt + column.x;
  const row = (pairs: readonly Pair[], y: number): Shape[] =>
    pairs.map(({ port }, index) => {
      const wide = chipWidth(port);
      return chip(port, x + (width * (index + 0.5)) / pairs.length - wide / 2, y, wide);
    });
  let y = top;
  const above = row(up, y);
  if (up.length > 0) y += chipHeight(up[0]?.port as PictureDevice) + BAR_GAP;
  const middle = bridge === undefined ? [] : [bar(bridge, x, y, width)];
  if (bridge !== undefined) y += 22 + BAR_GAP;
  const below = row(down, y);
  y += widest(down.map(({ port }) => chipHeight(port)));
  const shapes = [...above, ...middle, ...below];
  const edge = (id: string, side: 'top' | 'bottom'): Point => {
    const rect = shapes.find((shape) => shape.id === id)?.rect ?? { x, y: top, width: 0, height: 0 };
    return { x: rect.x + rect.width / 2, y: side === 'top' ? rect.y : rect.y + rect.height };
  };
  return { shapes, bottom: y, edge };
}
