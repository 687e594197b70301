import { numberOf } from './fields.ts';
import type { Seen } from './world-frames.ts';

/** What a TCP segment is to the stream that it carries. */
export interface Segment {
  readonly seen: Seen;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly data: Uint8Array;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** The segment in a frame; undefined for what is none, or lies about its length. */
export function segmentOf(seen: Seen): Segment | undefined {
  const { ip, bytes } = seen.frame;
  if (ip?.protocol !== 6 || ip.fragmentOffset > 0 || seen.flow.isError) return undefined;
  const tcp = bytes.subarray(ip.dataStart, ip.end);
  const header = ((tcp[12] ?? 0) >> 4) * 4;
  if (tcp.length < 20 || header < 20 || header > tcp.length) return undefined;
  return {
    seen,
    flags: tcp[13] ?? 0,
    sequence: numberOf(tcp.subarray(4, 8)),
    acknowledged: numberOf(tcp.subarray(8, 12)),
    data: tcp.subarray(header),
  };
}

export const isPureAck = ({ flags, data }: Segment): boolean => data.length === 0 && (flags & (FIN | SYN | RST)) === 0;

/** One direction of a connection, as the byte stream that it is. */
export class Stream {
  readonly bytes: Uint8Array;
  /** Which segment brought a byte first, by its offset in the stream. */
  readonly #starts: readonly { offset: number; seen: Seen }[];
  /** Data bytes that were sent more than once. */
  readonly repeated: number;
  /** Offset of FIN and of RST in the stream, and the highest number acknowledged of the other; undefined for none. */
  readonly fin: number | undefined;
  readonly reset: number | undefined;

  constructor(segments: readonly Segment[]) {
    const opening =
      segments.find(({ flags }) => (flags & SYN) !== 0) ?? segments.find(({ flags }) => (flags & RST) === 0);
    const origin = opening === undefined ? 0 : opening.sequence + (opening.flags & SYN ? 1 : 0);
    const offsetOf = ({ sequence, flags }: Segment): number => (sequence + (flags & SYN ? 1 : 0) - origin) | 0;
    const own = segments.map((segment) => ({ offset: offsetOf(segment), segment })).filter(({ offset }) => offset >= 0);
    const length = Math.max(0, ...own.map(({ offset, segment }) => offset + segment.data.length));
    this.bytes = new Uint8Array(length);
    let sent = 0;
    for (const { offset, segment } of own) {
      this.bytes.set(segment.data, offset);
      sent += segment.data.length;
    }
    this.repeated = sent - length;
    this.#starts = own
      .filter(({ segment }) => segment.data.length > 0)
      .map(({ offset, segment }) => ({ offset, seen: segment.seen }));
    const last = (flag: number): number | undefined => {
      const found = own.find(({ segment }) => (segment.flags & flag) !== 0);
      return found === undefined ? undefined : found.offset + found.segment.data.length;
    };
    this.fin = last(FIN);
    this.reset = last(RST);
  }

  /** The segment that brought the byte. */
  carrier(offset: number): Seen | undefined {
    return this.#starts.findLast((start) => start.offset <= offset)?.seen;
  }
}
