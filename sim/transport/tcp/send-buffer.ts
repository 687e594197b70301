import { assert } from '../../core/assert.ts';
import { distance, plus } from './sequence.ts';

/** Bytes a program wrote that are not acknowledged yet, sent or not, addressed by their sequence numbers. */
export class SendBuffer {
  #bytes = new Uint8Array(0);
  /** Where the first byte lies in #bytes. */
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
    if (this.#head + this.#length + data.length > this.#bytes.length) this.#grow(data.length);
    this.#bytes.set(data, this.#head + this.#length);
    this.#length += data.length;
  }

  /** Forgets everything before `sequence`: it is acknowledged. */
  acknowledge(sequence: number): void {
    const count = Math.min(distance(sequence, this.#first), this.#length);
    if (count <= 0) return;
    this.#head += count;
    this.#length -= count;
    this.#first = plus(this.#first, count);
  }

  /** Copies `length` bytes from `sequence` on to `target` at `at`. */
  copy(sequence: number, length: number, target: Uint8Array, at: number): void {
    const offset = distance(sequence, this.#first);
    assert(offset >= 0 && offset + length <= this.#length, `bytes ${offset}+${length} of ${this.#length} to send`);
    const from = this.#head + offset;
    target.set(this.#bytes.subarray(from, from + length), at);
  }

  #grow(room: number): void {
    const size = Math.max(2 * this.#length, this.#length + room, 4096);
    const larger = size > this.#bytes.length ? new Uint8Array(size) : this.#bytes;
    if (larger === this.#bytes) larger.copyWithin(0, this.#head, this.#head + this.#length);
    else larger.set(this.#bytes.subarray(this.#head, this.#head + this.#length));
    this.#bytes = larger;
    this.#head = 0;
  }
}
