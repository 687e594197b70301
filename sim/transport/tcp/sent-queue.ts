import { type SimTime, ZERO } from '../../core/time.ts';
import { TCP_FIN, TCP_PSH, TCP_SYN } from '../../wire/tcp.ts';
import type { SackBlock } from '../../wire/tcp-options.ts';
import { after, before, distance, plus } from './sequence.ts';

/** A segment that was sent and is not acknowledged: a piece of sequence space, the bytes are in the send buffer. */
export class SentSegment {
  start: number;
  /** SYN and FIN count as one each. */
  end: number;
  flags: number;
  /** Where the buffer began with which it left first: segments of one buffer leave again together (one sk_buff). */
  readonly buffer: number;
  /** Of the last copy. */
  sentAt: SimTime = ZERO;
  /** Number of the packet of the last copy, 0 for none. */
  packet = 0;
  /** Copies sent, the first included. */
  transmissions = 0;
  /** The peer has it (TCPCB_SACKED_ACKED). */
  sacked = false;
  /** Taken for lost (TCPCB_LOST). */
  lost = false;
  /** A copy sent since it was taken for lost is under way (TCPCB_SACKED_RETRANS). */
  retransmitted = false;

  constructor(start: number, end: number, flags: number, buffer = start) {
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.buffer = buffer;
  }

  /** Another one of the same buffer that has fared as this one. */
  piece(start: number, end: number, flags: number): SentSegment {
    const piece = new SentSegment(start, end, flags, this.buffer);
    piece.sentAt = this.sentAt;
    piece.packet = this.packet;
    piece.transmissions = this.transmissions;
    piece.sacked = this.sacked;
    piece.lost = this.lost;
    piece.retransmitted = this.retransmitted;
    return piece;
  }
}

/** Of what arrived that which was sent last, and how long it was on its way: what RACK judges the rest by. */
export interface Arrival {
  sentAt: SimTime;
  end: number;
  roundTrip: number;
}

/** Models tcp_rack_sent_after(). */
export function wasSentAfter(sentAt: SimTime, end: number, otherSentAt: SimTime, otherEnd: number): boolean {
  return sentAt > otherSentAt || (sentAt === otherSentAt && after(end, otherEnd));
}

/** What an acknowledgement took off the queue. */
export interface Acknowledged {
  /** Segments newly acknowledged in full, those the peer had reported by SACK before not counted. */
  readonly delivered: number;
  readonly segments: number;
  /** Those of them that were not reported before. */
  readonly arrived: readonly SentSegment[];
  /** When the oldest of these left; undefined when any of them was sent twice (Karn's rule). */
  readonly sentAt: SimTime | undefined;
}

/**
 * Segments in flight, oldest first, and the scoreboard over them (RFC 6675). Counts are in segments, as the kernel's
 * packets_out, sacked_out, lost_out and retrans_out.
 */
export class SentQueue {
  #segments: SentSegment[] = [];
  sackedOut = 0;
  lostOut = 0;
  retransOut = 0;

  get segments(): readonly SentSegment[] {
    return this.#segments;
  }

  get packetsOut(): number {
    return this.#segments.length;
  }

  /** Segments thought to be on the wire (tcp_packets_in_flight). */
  get inFlight(): number {
    return this.packetsOut - this.sackedOut - this.lostOut + this.retransOut;
  }

  get first(): SentSegment | undefined {
    return this.#segments[0];
  }

  get last(): SentSegment | undefined {
    return this.#segments.at(-1);
  }

  push(segment: SentSegment): void {
    this.#segments.push(segment);
  }

  /** Takes off what `sequence` acknowledges; a segment acknowledged in part keeps the rest (tcp_clean_rtx_queue). */
  acknowledge(sequence: number): Acknowledged {
    let count = 0;
    const arrived: SentSegment[] = [];
    let sentAt: SimTime | undefined;
    let isAmbiguous = false;
    for (const segment of this.#segments) {
      if (after(segment.end, sequence)) break;
      count++;
      if (!segment.sacked) arrived.push(segment);
      if (!segment.sacked && segment.transmissions > 1) isAmbiguous = true;
      else if (!segment.sacked) sentAt ??= segment.sentAt;
      this.#uncount(segment);
    }
    if (count > 0) this.#segments.splice(0, count);
    const [head] = this.#segments;
    if (head !== undefined && before(head.start, sequence)) head.start = sequence;
    return { delivered: arrived.length, segments: count, arrived, sentAt: isAmbiguous ? undefined : sentAt };
  }

  /** Marks what the peer reports; gives the segments newly reported (tcp_sacktag_write_queue). */
  sack(blocks: readonly SackBlock[]): SentSegment[] {
    const marked: SentSegment[] = [];
    // Most acknowledgements report nothing, and the queue may be thousands of segments long.
    if (blocks.length === 0) return marked;
    for (const segment of this.#segments) {
      if (segment.sacked) continue;
      if (!blocks.some(({ start, end }) => distance(segment.start, start) >= 0 && distance(end, segment.end) >= 0)) {
        continue;
      }
      this.#uncount(segment);
      segment.sacked = true;
      segment.lost = false;
      segment.retransmitted = false;
      this.sackedOut++;
      marked.push(segment);
    }
    return marked;
  }

  /**
   * What was sent before something that has arrived since is lost, once `roundTrip` and `slack` have passed. Gives how long
   * until that can be said of the rest, 0 when there is none. Models tcp_rack_detect_loss() (RFC 8985 6.2).
   */
  detectLost({ sentAt, end, roundTrip }: Arrival, slack: number, now: SimTime): number {
    let wait = 0;
    for (const segment of this.#segments) {
      if (segment.sacked || (segment.lost && !segment.retransmitted)) continue;
      if (!wasSentAfter(sentAt, end, segment.sentAt, segment.end)) continue;
      const left = roundTrip + slack - (now - segment.sentAt);
      if (left > 0) wait = Math.max(wait, left);
      else if (segment.lost) this.#lostAgain(segment);
      else this.markSegmentLost(segment);
    }
    return wait;
  }

  markSegmentLost(segment: SentSegment): void {
    if (segment.lost || segment.sacked) return;
    segment.lost = true;
    this.lostOut++;
  }

  #lostAgain(segment: SentSegment): void {
    segment.retransmitted = false;
    this.retransOut--;
  }

  /** The timer ran out: everything the peer did not report is taken for lost (tcp_enter_loss, tcp_timeout_mark_lost). */
  markAllLost(): void {
    for (const segment of this.#segments) {
      if (segment.retransmitted) this.#lostAgain(segment);
      this.markSegmentLost(segment);
    }
  }

  /** The peer dropped what it had reported (RFC 2018 8): nothing counts as received. */
  forgetSacks(): void {
    for (const segment of this.#segments) segment.sacked = false;
    this.sackedOut = 0;
  }

  /** The first segment that is lost and has no copy under way. */
  nextLost(): SentSegment | undefined {
    if (this.lostOut === this.retransOut) return undefined;
    return this.#segments.find((segment) => segment.lost && !segment.retransmitted);
  }

  countRetransmission(segment: SentSegment, now: SimTime): void {
    segment.transmissions++;
    segment.sentAt = now;
    if (segment.lost && !segment.retransmitted) {
      segment.retransmitted = true;
      this.retransOut++;
    }
  }

  /**
   * What is to leave again as one, of the buffer that is first, `mss` bytes in each, and no more than `most` segments; a
   * single short one takes in what follows it. Models __tcp_retransmit_skb() up to tcp_retrans_try_collapse().
   */
  takeLost(mss: number, most: number): SentSegment[] {
    const from = this.#segments.findIndex((segment) => segment.lost && !segment.retransmitted);
    const first = this.#segments[from] as SentSegment;
    let to = from + 1;
    for (let next = this.#segments[to]; next !== undefined && isLostWith(first, next); next = this.#segments[to]) to++;
    const last = this.#segments[to - 1] as SentSegment;
    const pieces = cutSegment(first.piece(first.start, last.end, last.flags), mss);
    this.#segments.splice(from, to - from, ...pieces);
    this.lostOut += pieces.length - (to - from);
    const unit = pieces.slice(0, most);
    if (unit.length === 1) this.#collapse(from, mss);
    return unit;
  }

  /** Short segments that were written one by one go as one when they go again. Models tcp_retrans_try_collapse(). */
  #collapse(at: number, mss: number): void {
    const segment = this.#segments[at] as SentSegment;
    if ((segment.flags & (TCP_SYN | TCP_FIN)) !== 0) return;
    let room = mss - distance(segment.end, segment.start);
    if (room <= 0) return;
    for (let next = this.#segments[at + 1]; next !== undefined; next = this.#segments[at + 1]) {
      const isOfMore = next.buffer === segment.buffer || this.#segments[at + 2]?.buffer === next.buffer;
      room -= distance(next.end, next.start) - ((next.flags & TCP_FIN) === 0 ? 0 : 1);
      if (room < 0 || next.sacked || isOfMore) return;
      this.#uncount(next);
      segment.end = next.end;
      segment.flags |= next.flags;
      this.#segments.splice(at + 1, 1);
    }
  }

  /** Takes what left in segments larger than `mss` for lost; gives whether there was any. Models tcp_simple_retransmit(). */
  markTooLarge(mss: number): boolean {
    const prior = this.lostOut - this.retransOut;
    let before: SentSegment | undefined;
    let isTooLarge = false;
    for (const segment of this.#segments) {
      const fin = (segment.flags & TCP_FIN) === 0 ? 0 : 1;
      const isSame = before !== undefined && before.buffer === segment.buffer && before.sacked === segment.sacked;
      if (!isSame) isTooLarge = distance(segment.end, segment.start) - fin > mss;
      before = segment;
      if (!isTooLarge) continue;
      if (segment.retransmitted) this.#lostAgain(segment);
      this.markSegmentLost(segment);
    }
    return this.lostOut - this.retransOut !== prior;
  }

  /** It lies in a buffer, behind others that left with it. */
  isInside(sequence: number): boolean {
    return this.#segments.some(({ start, buffer }) => start === sequence && buffer !== sequence);
  }

  /** Cuts segments with more than `mss` bytes of data, as the path takes no larger ones now; gives the pieces. */
  cut(mss: number): SentSegment[] {
    const made: SentSegment[] = [];
    this.#segments = this.#segments.flatMap((segment) => {
      const pieces = cutSegment(segment, mss);
      const more = pieces.length - 1;
      if (more === 0) return [segment];
      if (segment.sacked) this.sackedOut += more;
      if (segment.lost) this.lostOut += more;
      if (segment.retransmitted) this.retransOut += more;
      made.push(...pieces);
      return pieces;
    });
    return made;
  }

  #uncount(segment: SentSegment): void {
    if (segment.sacked) this.sackedOut--;
    if (segment.lost) this.lostOut--;
    if (segment.retransmitted) this.retransOut--;
  }
}

function isLostWith(first: SentSegment, next: SentSegment): boolean {
  return next.buffer === first.buffer && next.lost && !next.retransmitted;
}

function cutSegment(segment: SentSegment, mss: number): SentSegment[] {
  const fin = (segment.flags & TCP_FIN) === 0 ? 0 : 1;
  const pieces: SentSegment[] = [];
  let { start } = segment;
  while (distance(segment.end, start) - fin > mss) {
    const end = plus(start, mss);
    pieces.push(segment.piece(start, end, segment.flags & ~(TCP_FIN | TCP_PSH)));
    start = end;
  }
  pieces.push(segment.piece(start, segment.end, segment.flags));
  return pieces;
}
