import {
  BAR_GAP,
  type Block,
  bar,
  bars,
  barsHeight,
  barWidth,
  chips,
  chipsHeight,
  chipWidth,
  frame,
  frameWidth,
  PAD,
  TITLE_HEIGHT,
  widest,
} from './block.ts';
import type { Shape } from './drawing.ts';
import type { PictureBox, PictureDevice, PictureNode, PictureSpace } from './picture.ts';

/** On which side of its node a device has its cable, if it has one, and its place among those of that side. */
export type SideOf = (device: PictureDevice) => { readonly side: 'left' | 'right' | 'none'; readonly rank: number };

/** Between the chips of the two sides. */
const BETWEEN = 16;

/** The devices that hang on one bar: a bridge's ports below the bridge, all others below the stack. */
interface Group {
  readonly bridge: PictureBox | undefined;
  readonly left: readonly PictureDevice[];
  readonly right: readonly PictureDevice[];
}

/** A Linux node or a bridge: the stack from the programs down, below it the devices, those with cables at the sides. */
export function hostBlock(node: PictureNode, sideOf: SideOf): Block {
  const space = node.spaces[0];
  if (space === undefined) return { width: 0, height: 0, shapes: [], wires: [] };
  const kind = node.kind === 'bridge' ? 'bridge' : '';
  const stack = space.boxes.filter((box) => box.kind !== 'bridge');
  const groups = groupsOf(space, sideOf);
  const widths = [
    frameWidth(node.name, kind),
    ...space.boxes.map((box) => barWidth(box) + 2 * PAD),
    ...groups.map((group) => groupWidth(group) + 2 * PAD),
  ];
  const width = widest(widths);
  const inner = width - 2 * PAD;
  const shapes: Shape[] = bars(stack, PAD, TITLE_HEIGHT, inner);
  let y = TITLE_HEIGHT + barsHeight(stack.length);
  for (const group of groups) {
    if (y > TITLE_HEIGHT) y += BAR_GAP + 3;
    if (group.bridge !== undefined) {
      const shape = bar(group.bridge, PAD, y, inner);
      shapes.push(shape);
      y += shape.rect.height + BAR_GAP;
    }
    const left = widest(group.left.map(chipWidth));
    const right = widest(group.right.map(chipWidth));
    shapes.push(...chips(group.left, PAD, y, left), ...chips(group.right, width - PAD - right, y, right));
    y += Math.max(chipsHeight(group.left), chipsHeight(group.right));
  }
  const height = y + PAD;
  const outer = frame(node.name, 'node', node.name, kind, { x: 0, y: 0, width, height });
  return { width, height, shapes: [outer, ...shapes], wires: [] };
}

function groupsOf({ boxes, devices }: PictureSpace, sideOf: SideOf): Group[] {
  const bridges = boxes.filter((box) => box.kind === 'bridge');
  return [undefined, ...bridges].flatMap((bridge): Group[] => {
    const members = devices.filter((device) => device.bridge === (bridge?.id ?? ''));
    if (bridge === undefined && members.length === 0) return [];
    const on = (side: 'left' | 'right' | 'none'): PictureDevice[] =>
      members.filter((device) => sideOf(device).side === side).sort((a, b) => sideOf(a).rank - sideOf(b).rank);
    // What has no cable stands where there is room.
    const [left, right, none] = [on('left'), on('right'), on('none')];
    const isLeft = left.length <= right.length;
    return [{ bridge, left: isLeft ? [...left, ...none] : left, right: isLeft ? right : [...right, ...none] }];
  });
}

function groupWidth({ left, right }: Group): number {
  const both = left.length > 0 && right.length > 0 ? BETWEEN : 0;
  return widest(left.map(chipWidth)) + both + widest(right.map(chipWidth));
}
