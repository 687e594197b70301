import type { Difference } from './difference.ts';
import { masksOf } from './masks.ts';
import { type Comparing, compareSequence } from './sequence.ts';
import { FIN, isPureAck, RST, type Segment, Stream, segmentOf } from './tcp-stream.ts';
import type { Seen } from './world-frames.ts';

/*
 * A transfer that goes beyond the initial window: how segments are grouped, and which of them is acknowledged alone,
 * depends on the scheduling of the machine (two runs of one kernel differ in most frames). What does not is compared:
 * the opening with the first flight, the bytes, the headers' constants, the end.
 */

/** The initial window in segments (TCP_INIT_CWND): the first flight. */
const FIRST_FLIGHT = 10;

/** Of a link with an MTU of 1500, where no SYN was seen that says another. */
const LARGEST_MSS = 1460;

/** One flow at one point, by direction. */
export type BothWays = Readonly<Record<'in' | 'out', readonly Seen[]>>;

/** Whether a direction carries more than the first flight: in bytes, since small segments come one by one. */
export function isBulk({ in: came, out: went }: BothWays): boolean {
  const announced = [...came, ...went].flatMap(({ frame }) =>
    frame.fields.flatMap(({ name, text }) => (name === 'tcp.option.mss' ? [Number(text)] : [])),
  );
  const most = FIRST_FLIGHT * Math.min(...announced, LARGEST_MSS);
  return [came, went].some((frames) => {
    const data = dataSegments(frames);
    return data.length > FIRST_FLIGHT && data.reduce((sum, segment) => sum + segment.data.length, 0) > most;
  });
}

/** How many data segments come right behind another one. */
export function followers(frames: readonly Seen[]): number {
  const carries = segmentsOf(frames).map(({ data }) => data.length > 0);
  return carries.filter((one, index) => one && carries[index - 1] === true).length;
}

/** How many data segments bring nothing that was not there before. */
export function repetitions(frames: readonly Seen[]): number {
  let end: number | undefined;
  let count = 0;
  for (const { sequence, data } of dataSegments(frames)) {
    const next = (sequence + data.length) >>> 0;
    if (end !== undefined && ((next - end) | 0) <= 0) count++;
    else end = next;
  }
  return count;
}

function dataSegments(frames: readonly Seen[]): Segment[] {
  return segmentsOf(frames).filter(({ data }) => data.length > 0);
}

function segmentsOf(frames: readonly Seen[]): Segment[] {
  return frames.map(segmentOf).filter((segment) => segment !== undefined);
}

export function compareBulk(point: string, simulated: BothWays, kernel: BothWays, comparing: Comparing): void {
  comparing.used.count('tcp-grouping');
  const told = comparing.differences.length;
  for (const direction of ['in', 'out'] as const) {
    const where = `${point} ${direction}`;
    compareSequence(where, opening(simulated, direction), opening(kernel, direction), comparing);
    if (comparing.differences.length > told) return;
    const fault = restFault(simulated[direction], kernel[direction], comparing);
    if (fault === undefined) continue;
    comparing.differences.push({ kind: 'frame', where, more: 0, time: firstTime(simulated[direction]), ...fault });
    return;
  }
  const [one, other] = [firstCloser(simulated), firstCloser(kernel)];
  if (one !== other) {
    const sentence = `closed first by what goes ${one}, in the kernel by what goes ${other}`;
    const time = firstTime(simulated.in);
    comparing.differences.push({ kind: 'frame', where: point, field: 'tcp.flags', sentence, time, more: 0 });
  }
}

/**
 * All up to the first flight: of the direction that sends it to its end, of the other to its beginning. Where both send
 * one, what acknowledges the rest of the other's is left out; of who answers that is all, as it depends on how much its
 * program found to read.
 */
function opening(ways: BothWays, direction: 'in' | 'out'): Seen[] {
  const data = dataSegments(ways[direction]);
  const others = dataSegments(ways[direction === 'in' ? 'out' : 'in']);
  if (data.length > FIRST_FLIGHT) {
    const last = data[FIRST_FLIGHT - 1]?.seen;
    const begun = ways[direction].slice(0, last === undefined ? 0 : ways[direction].indexOf(last) + 1);
    const answered = others.length > FIRST_FLIGHT ? (others[0]?.seen.number ?? 0) : Number.POSITIVE_INFINITY;
    const isAnswer = (data[0]?.seen.number ?? 0) > answered;
    const carriers = new Set(isAnswer ? [] : data.map(({ seen }) => seen));
    return begun.filter((seen) => seen.number < answered || carriers.has(seen));
  }
  const begin = others[0]?.seen.number ?? 0;
  return ways[direction].filter(({ number }) => number < begin);
}

type Fault = Pick<Difference, 'field' | 'sentence' | 'simulated' | 'kernel'>;

function restFault(simulated: readonly Seen[], kernel: readonly Seen[], comparing: Comparing): Fault | undefined {
  const [mine, its] = [new Stream(segmentsOf(simulated)), new Stream(segmentsOf(kernel))];
  const at = firstUnlike(mine.bytes, its.bytes);
  if (at !== undefined) {
    const sentence = `byte ${at} of the stream differs; it has ${mine.bytes.length} bytes, in the kernel ${its.bytes.length}`;
    return { field: 'tcp.data', sentence, ...carriers(mine.carrier(at), its.carrier(at)) };
  }
  for (const [name, one, other] of [
    ['FIN', mine.fin, its.fin],
    ['RST', mine.reset, its.reset],
  ] as const) {
    const text = (offset: number | undefined): string => (offset === undefined ? 'nowhere' : `behind byte ${offset}`);
    if (one !== other) return { field: 'tcp.flags', sentence: `${name} ${text(one)}, in the kernel ${text(other)}` };
  }
  return constantsFault(simulated, kernel, comparing);
}

function carriers(simulated: Seen | undefined, kernel: Seen | undefined): Partial<Fault> {
  return { ...(simulated === undefined ? {} : { simulated }), ...(kernel === undefined ? {} : { kernel }) };
}

function firstUnlike(one: Uint8Array, other: Uint8Array): number | undefined {
  if (Buffer.compare(one, other) === 0) return undefined;
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? one.length : at;
}

/** Fields that the grouping decides. */
const OF_THE_GROUPING = ['ip.length', 'tcp.flags', 'tcp.data', 'tcp.offset', 'tcp.option.sack', 'tcp.option.nop'];

/** What every segment must have in common with one of the other world: addresses, TTL, options, right checksums. */
function constantsFault(simulated: readonly Seen[], kernel: readonly Seen[], comparing: Comparing): Fault | undefined {
  const [mine, its] = [constants(simulated, 0, comparing), constants(kernel, 1, comparing)];
  for (const [text, seen] of mine) {
    if (!its.has(text))
      return { field: '', sentence: `no segment of the kernel has these constants: ${text}`, simulated: seen };
  }
  for (const [text, seen] of its) {
    if (!mine.has(text))
      return { field: '', sentence: `no segment of the simulator has these constants: ${text}`, kernel: seen };
  }
  return undefined;
}

function constants(frames: readonly Seen[], side: 0 | 1, comparing: Comparing): Map<string, Seen> {
  const found = new Map<string, Seen>();
  for (const seen of frames) {
    const segment = segmentOf(seen);
    const facts = comparing.facts[side].get(seen)?.facts;
    const fields = seen.frame.fields
      .filter(({ name }) => !OF_THE_GROUPING.some((one) => name === one) && !name.startsWith('tcp.option.sack.'))
      .map((field) => (masksOf(field.name, seen).length > 0 ? field.name : `${field.name} ${field.text}`));
    const states = ['ip.checksum', 'tcp.checksum'].map(
      (name) => `${name} ${facts?.get(name) === 'partial' ? 'right' : facts?.get(name)}`,
    );
    const kind = segment === undefined || isPureAck(segment) ? 'pure ACK' : 'segment';
    const id = facts?.get('ip.id') ?? '';
    // The last ACK has id 0 where the FIN before it had been acknowledged in time (TIME-WAIT), else the next one.
    const isUsual = id === '1' || id === 'the first' || (id === 'zero' && kind === 'pure ACK');
    const step = isUsual ? '' : ` ip.id ${id}`;
    const text = [kind, ...fields, ...states].join(', ') + step;
    if (!found.has(text)) found.set(text, seen);
  }
  return found;
}

function firstCloser(ways: BothWays): string {
  const closers = [...segmentsOf(ways.in), ...segmentsOf(ways.out)]
    .filter(({ flags }) => (flags & (FIN | RST)) !== 0)
    .sort((a, b) => a.seen.record.time - b.seen.record.time);
  return closers[0]?.seen.record.direction ?? 'nowhere';
}

function firstTime(frames: readonly Seen[]): number {
  return frames[0]?.record.time ?? 0;
}
