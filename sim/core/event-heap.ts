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

  // Numbers are moved one by one here: these loops run several times an event, and long before V8 has made them fast.
  #siftUp(place: number, at: number, serial: number): void {
    const times = this.#times;
    const serials = this.#serials;
    const places = this.#places;
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const time = times[parent] as number;
      // A new one is the youngest of its moment.
      if (time <= at) break;
      times[index] = time;
      serials[index] = serials[parent] as number;
      places[index] = places[parent] as number;
      index = parent;
    }
    times[index] = at;
    serials[index] = serial;
    places[index] = place;
  }

  #siftDown(place: number, at: number, serial: number): void {
    const times = this.#times;
    const serials = this.#serials;
    const places = this.#places;
    const size = this.#size;
    let index = 0;
    for (let child = 1; child < size; child = 2 * index + 1) {
      let time = times[child] as number;
      const next = child + 1;
      if (next < size) {
        const nextTime = times[next] as number;
        if (nextTime < time || (nextTime === time && (serials[next] as number) < (serials[child] as number))) {
          child = next;
          time = nextTime;
        }
      }
      if (time > at || (time === at && (serials[child] as number) > serial)) break;
      times[index] = time;
      serials[index] = serials[child] as number;
      places[index] = places[child] as number;
      index = child;
    }
    times[index] = at;
    serials[index] = serial;
    places[index] = place;
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
