import type { DrawnWire, Label, Point, Rect, Shape, Tone } from './drawing.ts';
import type { PictureBox, PictureDevice } from './picture.ts';
import { textWidth } from './text-width.ts';

/* The pieces that nodes are put together from: bars for boxes, chips for devices. */

/** A node, or a part of one, laid out from its own upper left corner. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
  /** Wires within. */
  readonly wires: readonly DrawnWire[];
}

export const PAD = 10;
export const BAR_HEIGHT = 22;
export const BAR_GAP = 5;
export const TITLE_HEIGHT = 26;
const TITLE = 13;
const TEXT = 11;
const SMALL = 10;
/** At both ends of a bar or a chip there is room for the number of a packet's station. */
const ENDS = 18;
const CHIP_GAP = 6;

/** How wide a bar has to be for its text. */
export function barWidth(box: PictureBox): number {
  return Math.ceil(textWidth(barText(box), TEXT)) + 2 * ENDS;
}

function barText({ what, of, device }: PictureBox): string {
  if (device === undefined) return of === '' ? what : `${what} ${of}`;
  const name = device.name === what ? [] : [device.name];
  return [what, ...name, ...device.addresses].join('  ');
}

const TONES: { readonly [kind in PictureBox['kind']]: Tone } = {
  application: 'application',
  stack: 'kernel',
  forwarding: 'kernel',
  bridge: 'bridge',
};

export function bar(box: PictureBox, x: number, y: number, width: number): Shape {
  const rect = { x, y, width, height: BAR_HEIGHT };
  const { id, kind, owner, device } = box;
  return {
    id,
    tone: owner === 'Comware' ? 'comware' : TONES[kind],
    rect,
    labels: [centred(barText(box), rect, y + 15, TEXT, false)],
    tip: device === undefined ? '' : deviceTip(device),
    down: device !== undefined && device.state !== 'up',
  };
}

/** Bars below each other, all of one width. */
export function bars(boxes: readonly PictureBox[], x: number, y: number, width: number): Shape[] {
  return boxes.map((box, index) => bar(box, x, y + index * (BAR_HEIGHT + BAR_GAP), width));
}

/** How high `count` bars are together. */
export function barsHeight(count: number): number {
  return count === 0 ? 0 : count * (BAR_HEIGHT + BAR_GAP) - BAR_GAP;
}

export function chipWidth(device: PictureDevice): number {
  const [name, ...rest] = chipLines(device);
  const widths = [textWidth(name ?? '', TEXT, true), ...rest.map((line) => textWidth(line, SMALL))];
  return Math.ceil(Math.max(...widths)) + 2 * ENDS;
}

export function chipHeight(device: PictureDevice): number {
  return 20 + 13 * (chipLines(device).length - 1);
}

function chipLines({ name, addresses, standsFor, state }: PictureDevice): string[] {
  const first = state === 'up' ? name : `${name} (${state})`;
  return [first, ...(standsFor === '' || standsFor === name ? [] : [`for ${standsFor}`]), ...addresses];
}

/** A device of a namespace, or with tone `port` one that is in a bridge. */
export function chip(device: PictureDevice, x: number, y: number, width: number): Shape {
  const rect = { x, y, width, height: chipHeight(device) };
  const [name = '', ...rest] = chipLines(device);
  return {
    id: device.id,
    tone: device.owner === 'Comware' ? 'comware' : device.bridge === '' ? 'device' : 'port',
    rect,
    labels: [
      centred(name, rect, y + 14, TEXT, true),
      ...rest.map((line, index) => centred(line, rect, y + 28 + 13 * index, SMALL, false)),
    ],
    tip: deviceTip(device),
    down: device.state !== 'up',
  };
}

/** Chips below each other, all of one width. */
export function chips(devices: readonly PictureDevice[], x: number, y: number, width: number): Shape[] {
  let top = y;
  return devices.map((device) => {
    const shape = chip(device, x, top, width);
    top += shape.rect.height + CHIP_GAP;
    return shape;
  });
}

export function chipsHeight(devices: readonly PictureDevice[]): number {
  return devices.reduce((sum, device) => sum + chipHeight(device) + CHIP_GAP, devices.length === 0 ? 0 : -CHIP_GAP);
}

export function widest(widths: readonly number[]): number {
  return Math.max(0, ...widths);
}

function deviceTip({ name, kind, mac, mtu, state }: PictureDevice): string {
  return [`${name}: ${kind}, ${state}`, ...(mac === '' ? [] : [mac]), `MTU ${mtu}`].join(', ');
}

function centred(text: string, rect: Rect, y: number, size: number, bold: boolean): Label {
  return { text, x: rect.x + rect.width / 2, anchor: 'middle', y, size, bold, quiet: false };
}

/** A frame around a node or a namespace, with its title. */
export function frame(id: string, tone: Tone, title: string, kind: string, rect: Rect): Shape {
  const x = rect.x + PAD;
  const y = rect.y + 18;
  const labels: Label[] = [{ text: title, x, anchor: 'start', y, size: TITLE, bold: true, quiet: false }];
  if (kind !== '') {
    const behind = x + textWidth(title, TITLE, true) + 8;
    labels.push({ text: kind, x: behind, anchor: 'start', y, size: SMALL, bold: false, quiet: true });
  }
  return { id, tone, rect, labels, tip: '', down: tone === 'idle' };
}

/** How wide a frame has to be for its title. */
export function frameWidth(title: string, kind: string): number {
  const behind = kind === '' ? 0 : 8 + textWidth(kind, SMALL);
  return Math.ceil(textWidth(title, TITLE, true) + behind) + 2 * PAD;
}

/** Left and right exchanged; texts stay readable. */
export function mirrored({ width, height, shapes, wires }: Block): Block {
  const flip = ({ x, y }: Point): Point => ({ x: width - x, y });
  return {
    width,
    height,
    shapes: shapes.map((shape) => {
      const { rect } = shape;
      const x = width - rect.x - rect.width;
      const labels = shape.labels.map((label) => ({
        ...label,
        x: label.anchor === 'middle' ? width - label.x : label.x - rect.x + x,
      }));
      return { ...shape, rect: { ...rect, x }, labels };
    }),
    wires: wires.map((wire) => ({
      ...wire,
      from: flip(wire.from),
      strokes: wire.strokes.map(({ to, by }) =>
        by === undefined ? { to: flip(to) } : { to: flip(to), by: [flip(by[0]), flip(by[1])] as const },
      ),
    })),
  };
}
