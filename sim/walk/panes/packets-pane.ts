import { formatSeconds } from '../../core/time.ts';
import { packetText } from '../packet-text.ts';
import { MARK } from '../stop-index.ts';
import { fitBlock, type Line, type Size, span, type Tone } from '../styled.ts';
import type { View } from '../view.ts';

/** Of a lineage no more is looked at to tell how it ended. */
const MOST_COPIES = 200;

/** The packets that were not made from another one, around the current one; up and down go through them. */
export function packetsPane(view: View, size: Size): Line[] {
  const { selection, tape } = view;
  const current = tape.index.originalOf(view.packet);
  const before: number[] = [];
  for (let number = current; before.length < size.height; ) {
    const next = selection.nextPacket(number, -1);
    if (next === undefined) break;
    before.unshift(next);
    number = next;
  }
  const after: number[] = [];
  for (let number = current; after.length < size.height; ) {
    const next = selection.nextPacket(number, 1);
    if (next === undefined) break;
    after.push(next);
    number = next;
  }
  const above = Math.min(before.length, Math.max(Math.floor(size.height / 2), size.height - 1 - after.length));
  const shown = [...before.slice(before.length - above), current, ...after].slice(0, size.height);
  return fitBlock(
    shown.map((packet) => packetLine(view, packet, packet === current)),
    size,
  );

  function packetLine({ details }: View, packet: number, isCurrent: boolean): Line {
    const { index } = tape;
    const stop = index.firstStop(packet);
    const known = details === undefined ? '' : packetText(details, packet);
    const died = stop !== undefined && diedIn(view, packet);
    const tone: Tone = isCurrent ? 'lit' : index.isArp(packet) ? 'quiet' : 'plain';
    return [
      span(isCurrent ? '▶' : ' ', tone),
      span(died ? '✗' : ' ', 'bad'),
      span(`#${packet} `, tone),
      span(known, tone),
      span(stop === undefined ? '' : `  ${formatSeconds(index.time(stop))}`, 'quiet'),
    ];
  }
}

/** Whether it, or one of the copies and pieces that were made of it, died of something. */
function diedIn({ details, tape }: View, packet: number): boolean {
  if (details === undefined) return false;
  const family = new Set([packet]);
  const last = Math.min(tape.index.packets, packet + MOST_COPIES);
  for (let number = packet; number <= last; number++) {
    if (number !== packet && !family.has(tape.index.parent(number))) continue;
    family.add(number);
    const end = details.recorder.stepsOf(number).at(-1);
    if (end?.kind === 'drop' && !tape.index.isNoise(number)) return true;
  }
  return false;
}

/** One line: the whole tape, with the deaths and translations on it and where one stands. */
export function timelineLine({ tape, selection, stop }: View, width: number): Line {
  const { index } = tape;
  const count = index.length;
  if (width <= 0 || count === 0) return [];
  const per = Math.max(1, count / width);
  const cells = Array.from({ length: Math.min(width, count) }, (_, cell) => cellOf(cell));
  const at = Math.min(cells.length - 1, Math.floor(stop / per));
  const look: Record<string, Tone> = { '✗': 'bad', N: 'changed', '·': 'quiet', '─': 'quiet', '━': 'path' };
  return cells.map((mark, cell) => {
    if (cell === at) return span('◆', 'packet');
    const text = cell < at && mark === '─' ? '━' : mark;
    return span(text, look[text] ?? 'plain');
  });

  function cellOf(cell: number): string {
    let [drop, translation, any] = [false, false, false];
    // Of a cell of thousands a sample of hundreds tells enough where it is dense; deaths are looked for in all of them.
    for (let one = Math.floor(cell * per); one < Math.floor((cell + 1) * per) && one < count; one++) {
      if (!selection.has(index.packet(one))) continue;
      any = true;
      drop ||= index.has(one, MARK.drop);
      translation ||= index.has(one, MARK.translation);
    }
    return drop ? '✗' : translation ? 'N' : any ? '─' : '·';
  }
}
