import type { SimTime } from './time.ts';

/**
 * A binary heap by time, and by serial where times are equal. Only numbers move in it: what is to happen stays in a place of
 * its own, whose number the heap has.
 */
export class EventHeap<T> {
  #size = 0;
  #times = new Float64Array(16);
  #serials = new Float64Array(16);
  #places = new Int32Array(16);
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** What comes first; undefined without anything. */
  get first(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#places[0] as number];
  }

  /** When that is due. */
  get at(): SimTime | undefined {
    return this.#size === 0 ? undefined : (this.#times[0] as SimTime);
  }

  /** With which serial it was put in. */
  get serial(): number {
    return this.#serials[0] as number;
  }

  /** `serial` is larger than any before. */
  push(item: T, at: number, serial: number): void {
    if (this.#size === this.#places.length) this.#grow();
    const place = this.#free.pop() ?? this.#items.length;
    this.#items[place] = item;
    this.#siftUp(place, at, serial);
  }

  /** Takes out the first. */
  pop(): void {
    const place = this.#places[0] as number;
    this.#items[place] = undefined;
    this.#free.push(place);
    const last = --this.#size;
    if (last > 0) {
      this.#siftDown(this.#places[last] as number, this.#times[last] as number, this.#serials[last] as number);
    }
  }

  /** Puts something else in the place of the first. */
  replace(item: T, at: number, serial: number): void {
    const place = this.#places[0] as number;
    if (this.#items[place] !== item) this.#items[place] = item;
    this.#siftDown(place, at, serial);
  }

  #siftUp(place: number, at: number, serial: number): void {
    const times = this.#times;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      // A new one is the youngest of its moment.
      if ((times[parent] as number) <= at) break;
      this.#move(index, parent);
      index = parent;
    }
    this.#put(index, place, at, serial);
  }

  #siftDown(place: number, at: number, serial: number): void {
    const times = this.#times;
    const serials = this.#serials;
    const size = this.#size;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      const next = child + 1;
      if (next < size && this.#isBefore(next, times[child] as number, serials[child] as number)) child = next;
      if (!this.#isBefore(child, at, serial)) break;
      this.#move(index, child);
      index = child;
    }
    this.#put(index, place, at, serial);
  }

  #isBefore(index: number, at: number, serial: number): boolean {
    const time = this.#times[index] as number;
    return time < at || (time === at && (this.#serials[index] as number) < serial);
  }

  #move(to: number, from: number): void {
    this.#put(to, this.#places[from] as number, this.#times[from] as number, this.#serials[from] as number);
  }

  #put(index: number, place: number, at: number, serial: number): void {
    this.#places[index] = place;
    this.#times[index] = at;
    this.#serials[index] = serial;
  }

  #grow(): void {
    const length = 2 * this.#places.length;
    const [times, serials, places] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
    times.set(this.#times);
    serials.set(this.#serials);
    places.set(this.#places);
    [this.#times, this.#serials, this.#places] = [times, serials, places];
  }
}
