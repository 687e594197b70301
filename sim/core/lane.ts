import { bug, must } from './assert.ts';
import type { SimTime } from './time.ts';

/**
 * Things that come due one after the other at one place, such as the frames on a cable: a ring, sorted by time. The event
 * queue has one entry for all of them, for the first; what joins behind it costs the queue nothing.
 */
export class Lane<T> {
  readonly run: (item: T) => void;
  #items: (T | undefined)[] = new Array(8).fill(undefined);
  #times = new Float64Array(8);
  #serials = new Float64Array(8);
  #head = 0;
  #size = 0;

  constructor(run: (item: T) => void) {
    this.run = run;
  }

  get size(): number {
    return this.#size;
  }

  /** When the first comes due. */
  get at(): SimTime {
    return this.#times[this.#head] as SimTime;
  }

  /** Serial of the first, -1 without one: an entry of the queue that has another is of one that has gone. */
  get serial(): number {
    return this.#size === 0 ? -1 : (this.#serials[this.#head] as number);
  }

  /** Behind all that come due no later; true where it is the first now. For the event queue. */
  add(at: SimTime, serial: number, item: T): boolean {
    if (this.#size === this.#items.length) this.#grow();
    const mask = this.#items.length - 1;
    let place = this.#size++;
    for (; place > 0; place--) {
      const before = (this.#head + place - 1) & mask;
      if ((this.#times[before] as number) <= at) break;
      this.#put((this.#head + place) & mask, before);
    }
    const index = (this.#head + place) & mask;
    this.#items[index] = item;
    this.#times[index] = at;
    this.#serials[index] = serial;
    return place === 0;
  }

  /** Takes the first out; asserts that there is one. */
  shift(): T {
    if (this.#size === 0) bug('shift of an empty lane');
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size--;
    return item as T;
  }

  #put(to: number, from: number): void {
    this.#items[to] = this.#items[from];
    this.#times[to] = this.#times[from] as number;
    this.#serials[to] = this.#serials[from] as number;
  }

  #grow(): void {
    const { length } = this.#items;
    const items: (T | undefined)[] = new Array(2 * length).fill(undefined);
    const [times, serials] = [new Float64Array(2 * length), new Float64Array(2 * length)];
    for (let place = 0; place < this.#size; place++) {
      const from = (this.#head + place) & (length - 1);
      items[place] = this.#items[from];
      times[place] = must(this.#times[from], 'a lane has as many times as items');
      serials[place] = must(this.#serials[from], 'a lane has as many serials as items');
    }
    [this.#items, this.#times, this.#serials, this.#head] = [items, times, serials, 0];
  }
}
