import {
  BAR_GAP,
  BAR_HEIGHT,
  type Block,
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
  mirrored,
  PAD,
  TITLE_HEIGHT,
  widest,
} from './block.ts';
import { hostPart, legsOf, planHost } from './device-host-block.ts';
import type { Point, Shape } from './drawing.ts';
import type { SideOf } from './host-block.ts';
import type { Picture, PictureDevice, PictureNode, PictureSpace } from './picture.ts';

/*
 * A Comware device: on top the namespace of the Comware container, with Comware's own stack and forwarding beside those
 * of its kernel and the interfaces between the two, and the physical ports at the sides; below it the host.
 */

const BETWEEN = 18;
/** Between Comware's namespace and the host: veth pairs cross it. */
const GAP = 26;

/** Comware stands on the side on which it has more ports with a cable. */
export function comwareBlock(node: PictureNode, wires: Picture['wires'], sideOf: SideOf): Block {
  const space = node.spaces.find(({ role }) => role === 'comware');
  if (space === undefined) throw new Error(`${node.name} has Comware's namespace`);
  const ports = space.devices.filter(({ kind }) => kind === 'physical').map((device) => sideOf(device).side);
  const count = (side: 'left' | 'right'): number => ports.filter((one) => one === side).length;
  if (count('right') <= count('left')) return uprightBlock(node, space, wires, sideOf);
  const opposite: SideOf = (device) => {
    const { side, rank } = sideOf(device);
    return { side: side === 'left' ? 'right' : side === 'right' ? 'left' : side, rank };
  };
  return mirrored(uprightBlock(node, space, wires, opposite));
}

/** With Comware at the left. */
function uprightBlock(node: PictureNode, space: PictureSpace, wires: Picture['wires'], sideOf: SideOf): Block {
  const plan = planHost(node, wires);
  const legs = legsOf(plan);
  const isLeg = (device: PictureDevice): boolean => legs.some((leg) => leg.device === device);
  const parts = sort(space, sideOf, isLeg);

  // Columns, from left to right: ports, Comware, what ties it to the kernel, the kernel, ports.
  const left = widest(parts.left.map(chipWidth));
  const right = widest(parts.right.map(chipWidth));
  const own = widest([...parts.comware.map(barWidth), ...parts.virtual.map(chipWidth)]);
  const ties = widest(parts.ties.map(chipWidth));
  const ownAt = 2 * PAD + (left === 0 ? 0 : left + BETWEEN);
  const tiesAt = ownAt + own + BETWEEN;
  // The host's own stack stands left of its bridges, and these below the kernel.
  const kernelAt = Math.max(tiesAt + ties + BETWEEN, 2 * PAD + plan.stackWidth + BETWEEN);
  const kernel = Math.max(widest(parts.kernel.map(barWidth)), plan.width);
  const width = Math.max(
    kernelAt + kernel + (right === 0 ? 0 : BETWEEN + right) + 2 * PAD,
    frameWidth(node.name, 'Comware') + 2 * PAD,
  );

  const top = TITLE_HEIGHT;
  const first = top + TITLE_HEIGHT;
  const rows = Math.max(parts.comware.length, parts.kernel.length);
  const step = BAR_HEIGHT + BAR_GAP;
  const under = first + barsHeight(rows) + BAR_GAP + 3;
  const legHeight = widest(legs.map(({ device }) => chipHeight(device)));
  const bottom =
    PAD +
    Math.max(
      first + chipsHeight(parts.left),
      first + chipsHeight(parts.right),
      first + chipsHeight(parts.ties),
      under + chipsHeight(parts.virtual),
      under + legHeight,
    );
  const legShapes = legs.map(({ device, middle }) => {
    const wide = chipWidth(device);
    return chip(device, kernelAt + middle - wide / 2, bottom - PAD - chipHeight(device), wide);
  });
  const inner = { x: PAD, y: top, width: width - 2 * PAD, height: bottom - top };
  const shapes: Shape[] = [
    frame(space.title, 'space', 'comware', 'namespace of the Comware container', inner),
    ...chips(parts.left, 2 * PAD, first, left),
    ...bars(parts.comware, ownAt, first + (rows - parts.comware.length) * step, own),
    ...chips(parts.virtual, ownAt, under, own),
    ...chips(parts.ties, tiesAt, first, ties),
    ...bars(parts.kernel, kernelAt, first + (rows - parts.kernel.length) * step, kernel),
    ...legShapes,
    ...chips(parts.right, width - 2 * PAD - right, first, right),
  ];
  const legAt = (id: string): Point => {
    const rect = legShapes.find((shape) => shape.id === id)?.rect ?? inner;
    return { x: rect.x + rect.width / 2, y: rect.y + rect.height };
  };
  const host = hostPart(plan, { x: PAD, y: bottom + GAP }, kernelAt, width - 2 * PAD, legAt);
  const height = host.bottom + PAD;
  const outer = frame(node.name, 'node', node.name, 'Comware', { x: 0, y: 0, width, height });
  return { width, height, shapes: [outer, ...shapes, ...host.shapes], wires: host.wires };
}

interface Parts {
  readonly comware: PictureSpace['boxes'];
  readonly kernel: PictureSpace['boxes'];
  readonly left: readonly PictureDevice[];
  readonly right: readonly PictureDevice[];
  readonly virtual: readonly PictureDevice[];
  readonly ties: readonly PictureDevice[];
}

function sort({ boxes, devices }: PictureSpace, sideOf: SideOf, isLeg: (device: PictureDevice) => boolean): Parts {
  const ports = (side: 'left' | 'right' | 'none'): PictureDevice[] =>
    devices
      .filter((device) => device.kind === 'physical' && sideOf(device).side === side)
      .sort((a, b) => sideOf(a).rank - sideOf(b).rank);
  return {
    comware: boxes.filter((box) => box.owner === 'Comware'),
    kernel: boxes.filter((box) => box.owner === 'kernel'),
    left: [...ports('left'), ...ports('none')],
    right: ports('right'),
    virtual: devices.filter((device) => device.kind === 'virtual'),
    ties: devices.filter((device) => device.owner === 'kernel' && !isLeg(device)),
  };
}
