import { concat } from '../wire/bytes.ts';
import { decodeUtf8 } from '../wire/utf8.ts';

const LF = 10;
const CR = 13;

/** Cuts a stream of bytes, however it was cut into segments, into lines and blocks of a given length. */
export class LineReader {
  #waiting: Uint8Array = new Uint8Array(0);
  readonly #longestLine: number;

  constructor(longestLine: number) {
    this.#longestLine = longestLine;
  }

  push(data: Uint8Array): void {
    this.#waiting = this.#waiting.length === 0 ? data : concat([this.#waiting, data]);
  }

  /** Bytes that nobody took yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /** The next line without its CR LF or LF; undefined while it is not whole, 'too long' when it never will be. */
  line(): string | undefined | { readonly tooLong: true } {
    const end = this.#waiting.indexOf(LF);
    if (end > this.#longestLine || (end < 0 && this.#waiting.length > this.#longestLine)) return { tooLong: true };
    if (end < 0) return undefined;
    const isPair = end > 0 && this.#waiting[end - 1] === CR;
    const line = decodeUtf8(this.#waiting.subarray(0, isPair ? end - 1 : end));
    this.#waiting = this.#waiting.subarray(end + 1);
    return line;
  }

  /** Up to `length` bytes of those that are there. */
  take(length: number): Uint8Array {
    const taken = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(taken.length);
    return taken;
  }
}
