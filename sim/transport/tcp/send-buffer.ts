import { assert } from '../../core/assert.ts';
import { distance, plus } from './sequence.ts';

/** Bytes of a page. The first is smaller as long as it is the only one: most connections write little. */
const PAGE = 16384;
const FIRST_PAGE = 2048;

/**
 * Bytes a program wrote that are not acknowledged yet, sent or not, addressed by their sequence numbers. They lie in
 * pages; one whose bytes are all acknowledged is written again behind the others.
 */
export class SendBuffer {
  readonly #pages: Uint8Array[] = [];
  /** Where the first byte lies in the first page. */
  #head = 0;
  #length = 0;
  /** Sequence number of the first byte. */
  #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  get length(): number {
    return this.#length;
  }

  /** The sequence number that the next byte written will get. */
  get end(): number {
    return plus(this.#first, this.#length);
  }

  append(data: Uint8Array): void {
    let at = this.#head + this.#length;
    for (let done = 0; done < data.length; ) {
      const page = this.#pageFor(at, data.length - done);
      const from = at % PAGE;
      const count = Math.min(data.length - done, page.length - from);
      page.set(count === data.length ? data : data.subarray(done, done + count), from);
      done += count;
      at += count;
    }
    this.#length += data.length;
  }

  /** Forgets everything before `sequence`: it is acknowledged. */
  acknowledge(sequence: number): void {
    const count = Math.min(distance(sequence, this.#first), this.#length);
    if (count <= 0) return;
    this.#head += count;
    this.#length -= count;
    this.#first = plus(this.#first, count);
    for (; this.#head >= PAGE; this.#head -= PAGE) this.#pages.push(this.#pages.shift() as Uint8Array);
    if (this.#length === 0) this.#head = 0;
  }

  /** Copies `length` bytes from `sequence` on to `target` at `at`. */
  copy(sequence: number, length: number, target: Uint8Array, at: number): void {
    const offset = distance(sequence, this.#first);
    assert(offset >= 0 && offset + length <= this.#length, `bytes ${offset}+${length} of ${this.#length} to send`);
    let from = this.#head + offset;
    for (const end = from + length; from < end; ) {
      const start = from % PAGE;
      const count = Math.min(end - from, PAGE - start);
      const page = this.#pages[Math.floor(from / PAGE)] as Uint8Array;
      target.set(page.subarray(start, start + count), at + length - (end - from));
      from += count;
    }
  }

  /** The page of the byte at `at`, counted from the first page's begin, with room for something more of `more`. */
  #pageFor(at: number, more: number): Uint8Array {
    const index = Math.floor(at / PAGE);
    const page = this.#pages[index];
    if (page !== undefined && at % PAGE < page.length) return page;
    const larger = new Uint8Array(index === 0 && at + more <= FIRST_PAGE ? FIRST_PAGE : PAGE);
    if (page !== undefined) larger.set(page);
    this.#pages[index] = larger;
    return larger;
  }
}
