import { textWidth } from '../../show/table.ts';
import type { Language } from '../styled.ts';

/* How roomy a diagram is drawn: the widest and the tallest form that a terminal has room for is taken. */

/** How wide. */
export interface Breadth {
  readonly names: 'full' | 'short';
  /** All interfaces of what is drawn, or only those that packets of the walk pass, with a fold for the others. */
  readonly devices: 'all' | 'relevant';
  /** Whether `/24` stands behind an address. */
  readonly prefix: boolean;
  /** Addresses of neighbouring interfaces stand on two rows. */
  readonly staggered: boolean;
  /** Between frames, and between interfaces. */
  readonly gap: number;
  readonly slotGap: number;
  /** Around what stands in a part. */
  readonly padding: number;
  /** What is folded: by name, or only how many. */
  readonly folds: 'named' | 'counted';
  /** Columns for the mark before a name. */
  readonly mark: number;
}

/** How high. */
export interface Rise {
  readonly layers: 'airy' | 'boxed' | 'linked' | 'plain';
  /** A row for the lines from forwarding to its interfaces. */
  readonly fan: boolean;
  /** A row for the names of rooms; else they stand in the frame. */
  readonly titles: boolean;
  /** A line between the rooms and the tracks below them. */
  readonly floor: boolean;
}

export interface Form extends Breadth, Rise {
  /** Whether nets are drawn that no packet of the walk passes. */
  readonly nets: 'all' | 'relevant';
  readonly language: Language;
}

const WIDE: Breadth = {
  names: 'full',
  devices: 'all',
  prefix: true,
  staggered: false,
  gap: 3,
  slotGap: 3,
  padding: 1,
  folds: 'named',
  mark: 2,
};
const MEDIUM: Breadth = { ...WIDE, gap: 1, slotGap: 1, folds: 'counted' };
const BRIEF: Breadth = { ...MEDIUM, names: 'short' };
const SPARE: Breadth = { ...MEDIUM, devices: 'relevant' };
const SHORT: Breadth = { ...SPARE, names: 'short' };
const NARROW: Breadth = { ...SHORT, prefix: false, padding: 0 };
const TIGHT: Breadth = { ...NARROW, mark: 1 };

/** From the widest to the narrowest. */
export const BREADTHS: readonly Breadth[] = [
  WIDE,
  MEDIUM,
  BRIEF,
  SPARE,
  SHORT,
  NARROW,
  TIGHT,
  { ...TIGHT, staggered: true, gap: 0 },
];

export const RISES: readonly Rise[] = [
  { layers: 'airy', fan: true, titles: true, floor: true },
  { layers: 'boxed', fan: true, titles: true, floor: true },
  { layers: 'boxed', fan: true, titles: true, floor: false },
  { layers: 'linked', fan: true, titles: true, floor: true },
  { layers: 'linked', fan: true, titles: true, floor: false },
  { layers: 'plain', fan: true, titles: true, floor: false },
  { layers: 'plain', fan: true, titles: false, floor: false },
  { layers: 'plain', fan: false, titles: false, floor: false },
];

/** Rows from the top of a frame on. */
export interface Rows {
  /** Of the rooms' names, where they have a row. */
  readonly titles: number;
  /** Of the names in the boxes. */
  readonly application: number;
  readonly stack: number;
  readonly forwarding: number;
  /** Of the line that spreads to the applications, and to the interfaces. */
  readonly joinApplications: number;
  readonly joinDevices: number;
  readonly device: number;
  readonly address: number;
  /** The first row below the addresses. */
  readonly below: number;
}

/** Boxes with frames around them. */
export function isBoxed({ layers }: Rise): boolean {
  return layers === 'boxed' || layers === 'airy';
}

const STEPS: Readonly<Record<Rise['layers'], number>> = { airy: 4, boxed: 3, linked: 2, plain: 1 };

export function rowsOf(form: Form): Rows {
  const { layers, fan, titles, staggered } = form;
  const top = titles ? 2 : 1;
  const step = STEPS[layers];
  const edge = isBoxed(form) ? 1 : 0;
  const first = top + edge;
  const forwarding = first + 2 * step;
  const after = forwarding + edge + 1;
  const device = after + (fan ? 1 : 0) + (layers === 'airy' ? 1 : 0);
  return {
    titles: 1,
    application: first,
    stack: first + step,
    forwarding,
    joinApplications: first + 1,
    joinDevices: after,
    device,
    address: device + 1,
    below: device + (staggered ? 3 : 2) + (layers === 'airy' ? 1 : 0),
  };
}

/** Where slots stand whose texts must not touch: the middle of each, from the left end of the first. */
export interface Slots {
  readonly middles: readonly number[];
  readonly width: number;
}

export interface SlotText {
  readonly name: string;
  readonly address: string;
}

/** How far a text that is centred at a column reaches to either side of it. */
function reachOf(text: string, before: number, behind: number): { readonly left: number; readonly right: number } {
  const width = textWidth(text);
  const left = Math.floor(width / 2);
  return { left: left + before, right: Math.max(0, width - left - 1) + behind };
}

/** `box`: whether each slot has a frame around its mark and name. */
export function slotsOf(texts: readonly SlotText[], gap: number, { staggered, mark }: Breadth, box = false): Slots {
  const [before, behind] = box ? [mark + 1, mark] : [mark, 0];
  const reaches = texts.map(({ name, address }) => ({
    name: reachOf(name, before, behind),
    address: reachOf(address, 0, 0),
  }));
  const middles: number[] = [];
  for (const [index, own] of reaches.entries()) {
    let middle = Math.max(own.name.left, own.address.left);
    for (const [earlier, other] of reaches.slice(0, index).entries()) {
      const from = middles[earlier] ?? 0;
      const sameRow = !staggered || (index - earlier) % 2 === 0;
      middle = Math.max(
        middle,
        from + other.name.right + own.name.left + gap + 1,
        sameRow
          ? from + other.address.right + own.address.left + gap + 1
          : from + Math.max(other.address.right, own.address.left) + 1,
      );
    }
    middles.push(middle);
  }
  const ends = reaches.map(
    ({ name, address }, index) => (middles[index] ?? 0) + Math.max(name.right, address.right) + 1,
  );
  return { middles, width: Math.max(0, ...ends) };
}

/** The same slots with the room that is left shared out between them. */
export function spread({ middles, width }: Slots, room: number): number[] {
  const extra = Math.max(0, room - width);
  const share = extra / (middles.length + 1);
  return middles.map((middle, index) => middle + Math.round(share * (index + 1)));
}
