import type { PictureBox } from '../../draw/picture.ts';
import { textWidth } from '../../show/table.ts';
import type { Point, Polyline, Rect } from './cells.ts';
import { type Form, isBoxed, type Rows } from './form.ts';
import type { Slot } from './measure.ts';
import type { Scene, Spot } from './scene.ts';
import { foldVertex, type StandingItem, type StandingPart, type StandingRoom } from './stand.ts';

/* Frames, rooms and their boxes, put on the sheet from `top` on. */

export interface Level {
  readonly form: Form;
  readonly rows: Rows;
  readonly top: number;
}

export function emitItem(scene: Scene, item: StandingItem, level: Level, height: number): void {
  if (item.stitch !== '') return;
  const { top, form, rows } = level;
  const frame: Rect = { x: item.x, y: top, width: item.width, height };
  scene.rectangles.push(frame);
  const single = item.rooms.length === 1;
  const titled = form.titles || single;
  // Where rooms have no row for their names, those stand in the frame, and the node's name below.
  if (!item.isFold) emitName(scene, item, titled ? top : top + height - 1);
  if (form.floor && height > rows.below + 1) {
    const y = top + rows.below;
    scene.strokes.push({
      line: [
        { x: item.x, y },
        { x: item.x + item.width - 1, y },
      ],
      weight: 'light',
    });
  }
  for (const room of item.rooms) {
    if (room.x > item.x + 1) emitWall(scene, room.x - 1, level, height);
    emitRoom(scene, room, item, level, titled);
  }
}

function emitName(scene: Scene, item: StandingItem, y: number): void {
  onBorder(scene, { x: item.x + 2, y }, item.name);
  if (item.more === '') return;
  const at = { x: item.x + 4 + textWidth(item.name), y };
  scene.texts.push({ at: { x: at.x, y }, text: `${item.more} `, tone: 'quiet' });
  const vertex = `fold of ${item.index}`;
  scene.spot(vertex, { ...plainSpot(at, item.more, 1) });
  for (const id of item.moreIds) scene.aliases.set(id, vertex);
}

/** Between two rooms, down to the floor; where tracks begin at once, it ends above them. */
function emitWall(scene: Scene, x: number, { form, rows, top }: Level, height: number): void {
  const hasTracks = height > rows.below + 1;
  const end = top + rows.below - (hasTracks && !form.floor ? 1 : 0);
  scene.strokes.push({
    line: [
      { x, y: top },
      { x, y: end },
    ],
    weight: 'light',
  });
  if (hasTracks && !form.floor) scene.texts.push({ at: { x, y: end }, text: '│', tone: 'quiet' });
}

function onBorder(scene: Scene, at: Point, name: string): void {
  if (name !== '') scene.texts.push({ at, text: ` ${name} `, tone: 'title' });
}

function emitRoom(scene: Scene, room: StandingRoom, item: StandingItem, level: Level, titled: boolean): void {
  const { top, rows, form } = level;
  if (room.title !== '' && (form.titles || !titled || room.isFold)) {
    const x = room.x + Math.max(0, Math.floor((room.width - textWidth(room.title)) / 2));
    const y = form.titles && !item.isFold ? top + rows.titles : top;
    if (form.titles && !item.isFold) {
      scene.texts.push({ at: { x, y }, text: room.title, tone: room.isFold ? 'quiet' : 'title' });
    } else onBorder(scene, { x: Math.max(room.x, x - 1), y }, room.title);
  }
  if (room.isFold) emitFold(scene, room, item, level);
  else emitNotes(scene, room, level);
  for (const part of room.parts) emitPart(scene, part, level);
}

function emitNotes(scene: Scene, room: StandingRoom, { top, rows }: Level): void {
  for (const [index, text] of room.notes.entries()) {
    scene.texts.push({ at: { x: room.x + 1, y: top + rows.stack + index }, text, tone: 'quiet' });
  }
}

/** A list of what is folded, as far as it goes; a packet in there stands in the list's first row. */
function emitFold(scene: Scene, room: StandingRoom, item: StandingItem, { top, rows, form }: Level): void {
  const from = top + (form.titles && !item.isFold ? rows.titles + 2 : 2);
  const last = top + rows.below - 1;
  const names = room.notes.slice(0, Math.max(0, last - from + 1));
  for (const [index, name] of names.entries()) {
    const text = index === names.length - 1 && room.notes.length > names.length ? '…' : name;
    scene.texts.push({ at: { x: room.x + 1, y: from + index }, text, tone: 'quiet' });
  }
  const vertex = foldVertex(item, room);
  const at = { x: room.x + 1, y: from - 1 };
  scene.spot(vertex, { ...plainSpot(at, '', 0) });
  for (const id of room.ids) scene.aliases.set(id, vertex);
}

function plainSpot(at: Point, name: string, mark: number): Spot {
  return { mark: { x: at.x - mark, y: at.y }, at, name, rect: undefined, bars: [], address: undefined };
}

function emitPart(scene: Scene, part: StandingPart, level: Level): void {
  const { rows } = level;
  const { stack, forwarding } = part.part;
  for (const [index, slot] of part.applications.entries()) {
    const middle = part.applicationMiddles[index] ?? part.middle;
    const rect = applicationRect(part, slot, middle, level);
    slotSpot(scene, slot, { x: middle, y: level.top + rows.application }, level.form, rect);
    if (stack !== undefined) linkApplication(scene, slot, middle, stack.id, part, level);
  }
  emitBox(scene, stack, part.stackName, part, level.top + rows.stack, level);
  emitBox(scene, forwarding, part.forwardingName, part, level.top + rows.forwarding, level);
  if (part.more !== undefined) emitMore(scene, part.more, part, level);
  if (stack !== undefined && forwarding !== undefined) {
    const x = part.middle;
    const [a, b] = between(level.top + rows.stack, level.top + rows.forwarding, level);
    scene.link(
      stack.id,
      forwarding.id,
      visible(level, [
        { x, y: a },
        { x, y: b },
      ]),
      weightOf(level),
    );
  }
  for (const [index, slot] of part.devices.entries()) {
    const middle = part.deviceMiddles[index] ?? part.middle;
    const row = level.top + rows.device;
    slotSpot(scene, slot, { x: middle, y: row }, level.form, undefined, level.form.staggered ? index % 2 : 0);
    if (forwarding !== undefined) linkDevice(scene, slot, middle, forwarding.id, part, level);
  }
}

/** Interfaces that have no slot of their own. */
function emitMore(scene: Scene, more: Slot, part: StandingPart, { top, rows }: Level): void {
  const { middle, forwardingName: name } = part;
  const at = { x: middle + Math.ceil(textWidth(name) / 2) + 1, y: top + rows.forwarding };
  const key = slotVertex(more);
  scene.spot(key, plainSpot(at, more.name, 1));
  for (const id of more.ids) scene.aliases.set(id, key);
  if (part.part.forwarding !== undefined) scene.link(part.part.forwarding.id, key, [], undefined);
}

/** From the lower edge of one layer to the upper edge of the next. */
function between(upper: number, lower: number, { form }: Level): [number, number] {
  return isBoxed(form) ? [upper + 1, lower - 1] : [upper, lower];
}

/** In the plainest form nothing is between two layers. */
function visible({ form }: Level, line: Polyline): Polyline {
  return form.layers === 'plain' ? [] : line;
}

function weightOf({ form }: Level): 'light' | undefined {
  return form.layers === 'plain' ? undefined : 'light';
}

function emitBox(
  scene: Scene,
  box: PictureBox | undefined,
  name: string,
  part: StandingPart,
  y: number,
  { form }: Level,
): void {
  if (box === undefined) return;
  const at = { x: part.middle - Math.floor(textWidth(name) / 2), y };
  const rect = isBoxed(form) ? boxRect(part, y - 1, form) : undefined;
  if (rect !== undefined) scene.rectangles.push(rect);
  scene.spot(box.id, { ...plainSpot(at, name, form.mark), rect });
}

function applicationRect(
  part: StandingPart,
  { name }: Slot,
  middle: number,
  { form, rows, top }: Level,
): Rect | undefined {
  if (!isBoxed(form)) return undefined;
  const y = top + rows.application - 1;
  if (part.applications.length === 1) return boxRect(part, y, form);
  const left = middle - Math.floor(textWidth(name) / 2) - form.mark - 1;
  return { x: left, y, width: textWidth(name) + 2 * form.mark + 1, height: 3 };
}

function boxRect({ x, width }: StandingPart, y: number, { padding }: Form): Rect {
  return { x: x + padding, y, width: width - 2 * padding, height: 3 };
}

function slotSpot(scene: Scene, slot: Slot, { x, y }: Point, { mark }: Form, rect: Rect | undefined, lower = 0): void {
  const at = { x: x - Math.floor(textWidth(slot.name) / 2), y };
  const below = { x: x - Math.floor(textWidth(slot.address) / 2), y: y + 1 + lower };
  const address = slot.address === '' ? undefined : { at: below, text: slot.address };
  if (rect !== undefined) scene.rectangles.push(rect);
  const key = slotVertex(slot);
  scene.spot(key, { ...plainSpot(at, slot.name, mark), rect, address });
  if (slot.isFold) for (const id of slot.ids) scene.aliases.set(id, key);
}

function slotVertex({ ids, isFold }: Slot): string {
  return isFold ? `fold ${ids[0]}` : (ids[0] ?? '');
}

function linkApplication(
  scene: Scene,
  slot: Slot,
  middle: number,
  stack: string,
  part: StandingPart,
  level: Level,
): void {
  const [a, b] = between(level.top + level.rows.application, level.top + level.rows.stack, level);
  const join = level.top + level.rows.joinApplications;
  const line: Polyline =
    isBoxed(level.form) || middle === part.middle
      ? [
          { x: middle, y: a },
          { x: middle, y: b },
        ]
      : [
          { x: middle, y: a },
          { x: middle, y: join },
          { x: part.middle, y: join },
          { x: part.middle, y: b },
        ];
  scene.link(slotVertex(slot), stack, visible(level, line), weightOf(level));
}

function linkDevice(
  scene: Scene,
  slot: Slot,
  middle: number,
  forwarding: string,
  part: StandingPart,
  level: Level,
): void {
  const { form, rows, top } = level;
  const [from, join, to] = [top + rows.forwarding, top + rows.joinDevices, top + rows.device];
  if (!form.fan) {
    scene.link(forwarding, slotVertex(slot), [], undefined);
    return;
  }
  const line: Polyline = isBoxed(form)
    ? [
        { x: middle, y: from + 1 },
        { x: middle, y: to },
      ]
    : [
        { x: part.middle, y: from },
        { x: part.middle, y: join },
        { x: middle, y: join },
        { x: middle, y: to },
      ];
  scene.link(forwarding, slotVertex(slot), line, 'light');
}
