import { bug } from './assert.ts';

/** First in, first out, without moving what waits: a ring that grows by doubling. */
export class Fifo<T> {
  #ring: (T | undefined)[] = new Array(8).fill(undefined);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size++) & (this.#ring.length - 1)] = item;
  }

  /** The oldest; asserts that there is one. */
  shift(): T {
    const item = this.#ring[this.#head] ?? bug('shift of an empty queue');
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  /** The one that came in `index` places after the oldest; undefined past the youngest. */
  at(index: number): T | undefined {
    return index < this.#size ? this.#ring[(this.#head + index) & (this.#ring.length - 1)] : undefined;
  }

  #grow(): void {
    const { length } = this.#ring;
    const larger: (T | undefined)[] = new Array(2 * length).fill(undefined);
    for (let index = 0; index < length; index++) larger[index] = this.at(index);
    this.#ring = larger;
    this.#head = 0;
  }
}
