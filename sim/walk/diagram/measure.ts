import type { PictureBox, PictureDevice } from '../../draw/picture.ts';
import { textWidth } from '../../show/table.ts';
import type { Item } from './arrange.ts';
import { cutText } from './cells.ts';
import { type Form, isBoxed, type Slots, type SlotText, slotsOf } from './form.ts';
import type { Frame, Part, Room } from './plan.ts';
import { boxName, PHRASES, roomName } from './words.ts';

/* What is drawn of each frame in a form, and how wide that is. */

/** An application or an interface, or several of them as one: `+3`. */
export interface Slot extends SlotText {
  readonly ids: readonly string[];
  readonly isFold: boolean;
}

export interface MeasuredPart {
  readonly part: Part;
  readonly width: number;
  readonly stackName: string;
  readonly forwardingName: string;
  /** Interfaces left out that have no slot: said behind the name of forwarding. */
  readonly more: Slot | undefined;
  readonly applications: readonly Slot[];
  readonly applicationSlots: Slots;
  readonly devices: readonly Slot[];
  readonly deviceSlots: Slots;
}

export interface MeasuredRoom {
  readonly title: string;
  /** Said instead of boxes: that it does not run; names of what is folded. */
  readonly notes: readonly string[];
  /** Of all that is drawn as this room: where it is a fold, of all rooms in it. */
  readonly ids: readonly string[];
  readonly isFold: boolean;
  readonly parts: readonly MeasuredPart[];
  readonly width: number;
}

/** A node, a fold of several (`isFold`), or the place of a stitch, which has no rooms. */
export interface MeasuredItem {
  readonly node: string;
  /** As it is written. */
  readonly name: string;
  /** Behind its name: how many rooms of it are left out, and what is in them. */
  readonly more: string;
  readonly moreIds: readonly string[];
  readonly isFold: boolean;
  readonly stitch: string;
  readonly rooms: readonly MeasuredRoom[];
  readonly width: number;
}

/** Between Comware and the kernel of its namespace: the line to the punt devices runs there. */
export const LANE = 3;

/** Before the name of an interface that carries nothing. */
export const FAULT = '╳';

const LONGEST_NAME = 16;
const LONGEST_TITLE = 28;
/** Names in a fold. */
const FOLD_WIDTH = 10;

export interface Selection {
  readonly relevant: ReadonlySet<string>;
  readonly isVisible: (room: Room) => boolean;
}

export function measure(items: readonly Item[], selection: Selection, form: Form): MeasuredItem[] {
  const hidden: Frame[] = [];
  const shown = items.flatMap((item): MeasuredItem[] => {
    if (item.kind === 'stitch')
      return [
        { node: '', name: '', more: '', moreIds: [], isFold: false, stitch: item.stitch.id, rooms: [], width: 1 },
      ];
    if (item.frame.rooms.some(selection.isVisible)) return [measureFrame(item.frame, selection, form)];
    hidden.push(item.frame);
    return [];
  });
  return hidden.length === 0 ? shown : [...shown, foldOf(hidden, form)];
}

function measureFrame(frame: Frame, selection: Selection, form: Form): MeasuredItem {
  const hidden = frame.rooms.filter((room) => !selection.isVisible(room));
  const rooms = frame.rooms.filter(selection.isVisible).map((room) => measureRoom(room, frame, selection, form));
  const isNamed = form.folds === 'named';
  if (hidden.length > 0 && isNamed) {
    rooms.push(
      foldRoom(
        hidden.length,
        hidden.map(({ title }) => roomName(title, form.language)),
        hidden.flatMap(({ ids }) => ids),
        form,
      ),
    );
  }
  const own = rooms.reduce((sum, { width }) => sum + width + 1, 1);
  const [only] = rooms;
  // Where one room of several is drawn, its name stands in the frame's.
  const alone = frame.rooms.length > 1 && rooms.length === 1 ? `/${only?.title ?? ''}` : '';
  const name = cutText(`${frame.name}${alone}`, LONGEST_TITLE);
  const more = isNamed || hidden.length === 0 ? '' : `+${hidden.length}`;
  const width = Math.max(own, textWidth(name) + textWidth(more) + 6);
  const last = rooms.at(-1);
  if (last !== undefined && width > own) rooms[rooms.length - 1] = { ...last, width: last.width + width - own };
  return {
    node: frame.name,
    name,
    more,
    moreIds: isNamed ? [] : hidden.flatMap(({ ids }) => ids),
    isFold: false,
    stitch: '',
    rooms,
    width,
  };
}

function foldOf(hidden: readonly Frame[], form: Form): MeasuredItem {
  const names = hidden.map(({ name }) => name);
  const ids = hidden.flatMap(({ rooms }) => rooms.flatMap((room) => room.ids));
  const room = foldRoom(hidden.length, names, ids, form);
  return {
    node: '',
    name: room.title,
    more: '',
    moreIds: [],
    isFold: true,
    stitch: '',
    rooms: [room],
    width: room.width + 2,
  };
}

function foldRoom(count: number, names: readonly string[], ids: readonly string[], form: Form): MeasuredRoom {
  if (form.folds === 'counted') {
    const title = `+${count}`;
    return { title, notes: [], ids, isFold: true, parts: [], width: title.length + 2 };
  }
  const title = PHRASES[form.language].more(count);
  const widest = names.reduce((most, name) => Math.max(most, textWidth(name)), 0);
  const width = Math.max(textWidth(title) + 2, Math.min(widest, FOLD_WIDTH) + 2);
  return { title, notes: names.map((name) => cutText(name, width - 2)), ids, isFold: true, parts: [], width };
}

function measureRoom(room: Room, frame: Frame, { relevant }: Selection, form: Form): MeasuredRoom {
  const title = frame.rooms.length === 1 ? '' : cutText(roomName(room.title, form.language), LONGEST_TITLE);
  const notes = room.running ? [] : [PHRASES[form.language].stopped];
  const parts = room.parts.map((part) => measurePart(part, relevant, form));
  const own = parts.reduce((sum, { width }) => sum + width, 0) + LANE * Math.max(0, parts.length - 1);
  const texts = [title, ...notes].map((text) => textWidth(text) + 2);
  return { title, notes, ids: room.ids, isFold: false, parts, width: Math.max(own, ...texts) };
}

function measurePart(part: Part, relevant: ReadonlySet<string>, form: Form): MeasuredPart {
  const nameOf = (box: PictureBox | undefined): string =>
    box === undefined ? '' : cutText(boxName(box, { language: form.language, length: form.names }), 24);
  const applications = folded(
    part.applications.map((box) => ({ ids: [box.id], name: nameOf(box), address: '', isFold: false })),
    form.devices === 'all' ? undefined : relevant,
    1,
  );
  const passesBridges = part.forwarding !== undefined && relevant.has(part.forwarding.id);
  const isRelevant = (device: PictureDevice): boolean =>
    relevant.has(device.id) || (passesBridges && device.kind === 'bridge');
  const kept = form.devices === 'all' ? undefined : new Set(part.devices.filter(isRelevant).map(({ id }) => id));
  const slots = folded(
    part.devices.map((device) => deviceSlot(device, form)),
    kept,
    2,
  );
  const more = form.staggered ? slots.find(({ isFold }) => isFold) : undefined;
  const devices = slots.filter((slot) => slot !== more);
  const [stackName, forwardingName] = [nameOf(part.stack), nameOf(part.forwarding)];
  const boxed = isBoxed(form);
  const applicationSlots = slotsOf(applications, form.slotGap, form, boxed);
  const deviceSlots = slotsOf(devices, form.slotGap, form);
  const bars = [stackName, more === undefined ? forwardingName : `${forwardingName} ${more.name}`].map(
    (name) => textWidth(name) + 2 * form.mark,
  );
  const inner = Math.max(...bars, applicationSlots.width + 1, deviceSlots.width);
  const width = inner + 2 * form.padding + (boxed ? 2 : 0);
  return { part, width, stackName, forwardingName, more, applications, applicationSlots, devices, deviceSlots };
}

function deviceSlot({ id, name, addresses, state }: PictureDevice, form: Form): Slot {
  const [first = ''] = addresses;
  const address = form.prefix ? first : (first.split('/')[0] ?? '');
  const more = addresses.length > 1 ? ` +${addresses.length - 1}` : '';
  const fault = state === 'up' ? '' : FAULT;
  return { ids: [id], name: `${fault}${cutText(name, LONGEST_NAME)}`, address: `${address}${more}`, isFold: false };
}

/** Those that count, the others as one; at least a few, where none counts. */
function folded(slots: readonly Slot[], relevant: ReadonlySet<string> | undefined, least: number): Slot[] {
  if (relevant === undefined || slots.length <= 1) return [...slots];
  const counts = slots.some(({ ids }) => ids.some((id) => relevant.has(id)));
  const isKept = ({ ids }: Slot, index: number): boolean =>
    counts ? ids.some((id) => relevant.has(id)) : index < least;
  const kept = slots.filter(isKept);
  const rest = slots.filter((slot, index) => !isKept(slot, index));
  if (rest.length === 0) return kept;
  return [...kept, { ids: rest.flatMap(({ ids }) => ids), name: `+${rest.length}`, address: '', isFold: true }];
}
