import { trueSize } from '../../packet/true-size.ts';
import { concat } from '../../wire/bytes.ts';
import type { SackBlock } from '../../wire/tcp-options.ts';
import { after, before, distance, latest } from './sequence.ts';

/** Bytes in order, with the number of the packet that completed them. */
export interface ReceivedData {
  readonly data: Uint8Array;
  readonly packet: number;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
  /** The sender's FIN follows its last byte; not counted in `end`. */
  readonly fin: boolean;
}

/** SACK blocks kept (tcp_sock.selective_acks[]). */
const MOST_BLOCKS = 4;
/** So many pieces in order are made one: that many small ones take more room around their data than for it. */
const MOST_PIECES = 1024;
/** IP and TCP header, timestamps included: what a piece came with. */
const HEADERS = 52;

/** What became of a segment that came early. */
type Early = 'kept' | 'known' | 'no room';

/** What arrived: in order and not read yet, and out of order (sk_receive_queue, out_of_order_queue). */
export class ReceiveQueue {
  readonly #inOrder: ReceivedData[] = [];
  /** Ordered, no two overlap. */
  #outOfOrder: Piece[] = [];
  /** Runs of #outOfOrder as they were told, the one that grew last first. */
  #blocks: SackBlock[] = [];
  /** Bytes in order that no program has read. */
  unread = 0;
  /** What the pieces out of order take, in bytes as the kernel counts them. */
  #early = 0;

  /** All that is kept takes so much (sk_rmem_alloc): what is in order was put together as closely as it can be. */
  get memory(): number {
    return this.unread + this.#early;
  }

  get hasGaps(): boolean {
    return this.#outOfOrder.length > 0;
  }

  /** For SACK options: most recent first (RFC 2018 4). */
  get blocks(): readonly SackBlock[] {
    return this.#blocks;
  }

  get next(): ReceivedData | undefined {
    return this.#inOrder[0];
  }

  /** All that is there, but no more than `most` bytes; undefined when there is nothing. */
  take(most: number): ReceivedData | undefined {
    const [first] = this.#inOrder;
    if (first === undefined) return undefined;
    if (this.#inOrder.length === 1 && first.data.length <= most) {
      this.#inOrder.length = 0;
      this.unread = 0;
      return first;
    }
    const data = new Uint8Array(Math.min(this.unread, most));
    let at = 0;
    let packet = 0;
    while (at < data.length) {
      const next = this.#inOrder[0] as ReceivedData;
      const part = next.data.subarray(0, data.length - at);
      data.set(part, at);
      at += part.length;
      packet = next.packet;
      if (part.length === next.data.length) this.#inOrder.shift();
      else this.#inOrder[0] = { data: next.data.subarray(part.length), packet };
    }
    this.unread -= data.length;
    return { data, packet };
  }

  put(data: Uint8Array, packet: number): void {
    if (data.length === 0) return;
    this.#inOrder.push({ data, packet });
    this.unread += data.length;
    if (this.#inOrder.length < MOST_PIECES) return;
    const whole = concat(this.#inOrder.map((piece) => piece.data));
    this.#inOrder.splice(0, this.#inOrder.length, { data: whole, packet });
  }

  /**
   * Keeps what came early, as long as all that is kept takes no more than `room`: else what lies behind it goes, the last first,
   * and if that is not enough it is not kept. `pruned` is called where others went for it. Models tcp_data_queue_ofo() and tcp_prune_queue().
   */
  putEarly(start: number, data: Uint8Array, fin: boolean, room: number, pruned: () => void): Early {
    const end = (start + data.length) >>> 0;
    const fresh = this.#missing(start, end, data, fin);
    if (fresh.length === 0) {
      // A duplicate brings its block to the front: it is what the newest segment told.
      this.#bringForward(start, end);
      return 'known';
    }
    const cost = costOf(fresh);
    if (this.memory + cost > room) {
      this.#collapse();
      if (this.memory + cost > room && this.#prune(end, room - cost)) pruned();
      if (this.memory + cost > room) return 'no room';
    }
    this.#setEarly([...this.#outOfOrder, ...fresh].sort((one, other) => distance(one.start, other.start)));
    // A FIN has a number of its own.
    this.#renewBlocks(start, fin ? (end + 1) >>> 0 : end);
    return 'kept';
  }

  #setEarly(pieces: Piece[]): void {
    this.#outOfOrder = pieces;
    this.#early = costOf(pieces);
  }

  /** Pieces that touch become one: what lies around them is needed once. Models tcp_collapse_ofo_queue(). */
  #collapse(): void {
    const runs: Piece[][] = [];
    for (const piece of this.#outOfOrder) {
      const run = runs.at(-1);
      const last = run?.at(-1);
      if (run !== undefined && last?.end === piece.start && !last.fin) run.push(piece);
      else runs.push([piece]);
    }
    this.#setEarly(
      runs.map((run) => {
        const [first] = run as [Piece];
        const { end, fin } = run.at(-1) as Piece;
        return { start: first.start, end, data: concat(run.map((piece) => piece.data)), fin };
      }),
    );
  }

  /** What begins behind `end` goes, the last first, until there is room. The SACK that told of it is taken back. */
  #prune(end: number, room: number): boolean {
    const kept = [...this.#outOfOrder];
    let memory = this.memory;
    let last = kept.at(-1);
    while (memory > room && last !== undefined && !before(last.start, end)) {
      memory -= trueSize(last.data.length + HEADERS);
      kept.pop();
      last = kept.at(-1);
    }
    if (kept.length === this.#outOfOrder.length) return false;
    this.#setEarly(kept);
    this.#blocks = [];
    return true;
  }

  /** The parts of [start, end) that no kept piece covers. A FIN is kept with the last part, even an empty one. */
  #missing(start: number, end: number, data: Uint8Array, fin: boolean): Piece[] {
    const fresh: Piece[] = [];
    let at = start;
    for (const piece of this.#outOfOrder) {
      if (!after(piece.end, at)) continue;
      if (!before(piece.start, end)) break;
      if (before(at, piece.start)) fresh.push(cut(start, data, at, piece.start, false));
      at = latest(at, piece.end);
    }
    const hasFin = this.#outOfOrder.some((piece) => piece.fin);
    if (before(at, end)) fresh.push(cut(start, data, at, end, fin && !hasFin));
    else if (fin && !hasFin) fresh.push({ start: end, end, data: new Uint8Array(0), fin });
    return fresh;
  }

  /** Moves what `next` has reached into order; gives the new next number, and whether the FIN was reached. */
  advance(next: number, packet: number): { next: number; fin: boolean } {
    let reached = next;
    let fin = false;
    let [first] = this.#outOfOrder;
    while (first !== undefined && !after(first.start, reached)) {
      this.#outOfOrder.shift();
      this.#early -= trueSize(first.data.length + HEADERS);
      if (after(first.end, reached)) {
        this.put(first.data.subarray(distance(reached, first.start)), packet);
        reached = first.end;
      }
      fin ||= first.fin && first.end === reached;
      [first] = this.#outOfOrder;
    }
    this.#blocks = this.#blocks.filter((block) => after(block.start, reached));
    return { next: reached, fin };
  }

  clear(): void {
    this.#inOrder.length = 0;
    this.#setEarly([]);
    this.#blocks = [];
    this.unread = 0;
  }

  #bringForward(start: number, end: number): void {
    const covers = (block: SackBlock) => !after(block.start, start) && !before(block.end, end);
    const block = this.#blocks.find(covers);
    if (block !== undefined) this.#blocks = [block, ...this.#blocks.filter((other) => other !== block)];
  }

  /** The block that [start, end) belongs to goes to the front and swallows those it touches (tcp_sack_new_ofo_skb). */
  #renewBlocks(start: number, end: number): void {
    let from = start;
    let to = end;
    const apart: SackBlock[] = [];
    for (const block of this.#blocks) {
      if (before(block.end, start) || after(block.start, end)) {
        apart.push(block);
        continue;
      }
      if (before(block.start, from)) from = block.start;
      to = latest(to, block.end);
    }
    this.#blocks = [{ start: from, end: to }, ...apart].slice(0, MOST_BLOCKS);
  }
}

function costOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { data }) => sum + trueSize(data.length + HEADERS), 0);
}

function cut(start: number, data: Uint8Array, from: number, to: number, fin: boolean): Piece {
  const first = distance(from, start);
  return { start: from, end: to, data: data.slice(first, first + distance(to, from)), fin };
}
