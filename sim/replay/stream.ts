import { concat } from '../wire/bytes.ts';

/** Bytes that a client sent at one time, before the server said anything to them. */
export interface Burst {
  readonly time: bigint;
  readonly bytes: Uint8Array;
}

/** What a program sends in one go comes in segments that are no further apart. */
const TOGETHER = 20_000_000n;

/** No connection is replayed with more bytes than a step of a scenario can send. */
const MOST_BYTES = 1_000_000;

/** The bytes of a TCP client, put in order by their sequence numbers. */
export class ClientStream {
  readonly time: bigint;
  readonly #start: number;
  readonly #pieces: {
    readonly at: number;
    readonly bytes: Uint8Array;
    readonly size: number;
    readonly time: bigint;
  }[] = [];
  readonly #answers: bigint[] = [];
  #end: { readonly how: 'close' | 'abort'; readonly time: bigint } | undefined;

  /** `sequence` is that of the SYN. */
  constructor(sequence: number, time: bigint) {
    this.#start = sequence;
    this.time = time;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get finish(): { readonly how: 'close' | 'abort'; readonly time: bigint } | undefined {
    return this.#end;
  }

  /** Whether a SYN is this connection's own, sent again. */
  begins(sequence: number): boolean {
    return sequence === this.#start;
  }

  data(sequence: number, bytes: Uint8Array, size: number, time: bigint): void {
    this.#pieces.push({ at: (sequence - this.#start - 1) >>> 0, bytes, size, time });
  }

  /** The server sent data. */
  answered(time: bigint): void {
    this.#answers.push(time);
  }

  end(how: 'close' | 'abort', time: bigint): void {
    this.#end ??= { how, time };
  }

  /** What was sent, each byte once; bytes that were not captured are zeros, and `missing` counts them. */
  bursts(): { readonly bursts: Burst[]; readonly missing: number } {
    const pieces = this.#pieces.filter(({ at }) => at < MOST_BYTES).sort((a, b) => a.at - b.at);
    const bursts: { time: bigint; last: bigint; parts: Uint8Array[] }[] = [];
    let next = 0;
    let missing = 0;
    for (const { at, bytes, size, time } of pieces) {
      const end = Math.min(at + size, MOST_BYTES);
      if (end <= next) continue;
      const from = Math.max(at, next);
      const part = new Uint8Array(end - Math.min(next, from));
      const captured = bytes.subarray(from - at, end - at);
      part.set(captured, from - next);
      missing += part.length - captured.length;
      next = end;
      const open = bursts.at(-1);
      const isTogether = open !== undefined && time - open.last < TOGETHER && !this.#isAnsweredIn(open.last, time);
      if (isTogether) {
        open.parts.push(part);
        open.last = time;
      } else bursts.push({ time, last: time, parts: [part] });
    }
    return { bursts: bursts.map(({ time, parts }) => ({ time, bytes: concat(parts) })), missing };
  }

  #isAnsweredIn(from: bigint, to: bigint): boolean {
    return this.#answers.some((time) => time > from && time < to);
  }
}
