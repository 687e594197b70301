import { after, distance, plus } from './sequence.ts';

/** sk_gso_max_size: GSO_LEGACY_MAX_SIZE less MAX_TCP_HEADER and one. */
const LARGEST_BUFFER = 65536 - 321;
const DEFAULT_MSS = 536;

/** Where a full buffer ends, and whether the receiver is to be told to hand it on. */
interface BufferEnd {
  readonly end: number;
  readonly push: boolean;
}

/**
 * How what is written and not sent lies in buffers: a write fills up the last one before it begins another, and what
 * leaves together is never of two (the tail of sk_write_queue).
 */
export class WriteQueue {
  /** Of all but the last buffer. */
  readonly #ends: BufferEnd[] = [];
  /** Where the last one begins, and whether a write ended in it. */
  #tailStart = 0;
  #tailPushed = false;
  /** Up to where the receiver is told to hand on (pushed_seq). */
  #pushed: number;

  constructor(first: number) {
    this.#pushed = first;
    this.#tailStart = first;
  }

  /**
   * `length` bytes are written from `start` on; before `unsent` all was sent. Models net/ipv4/tcp.c tcp_sendmsg_locked()
   * with tcp_xmit_size_goal(), tcp_bound_to_half_wnd() and forced_push().
   */
  append(start: number, length: number, unsent: number, mss: number, maxWindow: number, isOffloaded: boolean): void {
    if (after(unsent, this.#tailStart)) this.#begin(unsent);
    const half = maxWindow > DEFAULT_MSS ? maxWindow >>> 1 : maxWindow;
    const most = isOffloaded ? Math.min(LARGEST_BUFFER, half) : mss;
    const goal = Math.max(Math.floor(most / mss) * mss, mss);
    const end = plus(start, length);
    while (distance(end, this.#tailStart) > goal) {
      const full = plus(this.#tailStart, goal);
      // A buffer that an earlier, larger goal made is full as it is.
      const at = after(start, full) ? start : full;
      const isForced = distance(at, plus(this.#pushed, half)) > 0;
      if (isForced) this.#pushed = at;
      this.#ends.push({ end: at, push: isForced || this.#tailPushed });
      this.#begin(at);
    }
    this.#tailPushed = true;
    this.#pushed = end;
  }

  /** The end of the buffer that `sequence` lies in; `last` is the end of all that was written. */
  bufferAt(sequence: number, last: number): BufferEnd & { readonly isLast: boolean } {
    while (this.#ends[0] !== undefined && !after(this.#ends[0].end, sequence)) this.#ends.shift();
    const [first] = this.#ends;
    return first === undefined
      ? { end: last, push: true, isLast: true }
      : { end: first.end, push: first.push, isLast: false };
  }

  #begin(at: number): void {
    this.#tailStart = at;
    this.#tailPushed = false;
  }
}
