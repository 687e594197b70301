import { assert } from './assert.ts';
import { Fifo } from './fifo.ts';
import { Lane } from './lane.ts';
import { END_OF_TIME, later, type SimTime, ZERO } from './time.ts';

/** A scheduled event; `cancelled` is the only thing anyone outside the queue may change. */
export interface Timer<T = unknown> {
  readonly at: SimTime;
  readonly argument: T;
  cancelled: boolean;
}

class Event implements Timer {
  readonly at: SimTime;
  readonly serial: number;
  readonly run: (argument: never) => void;
  readonly argument: unknown;
  cancelled = false;

  constructor(at: SimTime, serial: number, run: (argument: never) => void, argument: unknown) {
    this.at = at;
    this.serial = serial;
    this.run = run;
    this.argument = argument;
  }
}

/** What code in the simulation sees of time: it is told `now`, and it may ask to be called later. */
export interface Clock {
  readonly now: SimTime;
  /** Calls `run(argument)` once, `delay` from now, after everything already scheduled for that moment. */
  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer<T>;
  /** The same without delay, and without a timer to cancel it by. */
  atOnce<T>(run: (argument: T) => void, argument: T): void;
  /** The same for one of many that `lane` calls for; what is taken out of the lane before is not called for. */
  join<T>(lane: Lane<T>, delay: SimTime, item: T): void;
}

/** Ends a timer that has not fired; harmless on one that has. */
export function cancel(timer: Timer | undefined): void {
  if (timer !== undefined) timer.cancelled = true;
}

/** What is called for a timer that waits in the row of those due at once. */
function fire(event: Event): void {
  event.cancelled = true;
  event.run(event.argument as never);
}

/**
 * Discrete-event queue: events run by time, those of equal time in the order they were scheduled. What is due at once
 * waits in a row; what is due later in a binary heap, whose times and serials lie beside it as bare numbers.
 */
export class EventQueue implements Clock {
  now: SimTime = ZERO;
  /** Each function is followed by its argument and its serial. */
  readonly #atOnce = new Fifo<unknown>();
  readonly #heap: (Event | Lane<unknown>)[] = [];
  readonly #times: number[] = [];
  readonly #serials: number[] = [];
  #serial = 0;
  #ran = 0;

  /** Events run so far. */
  get ran(): number {
    return this.#ran;
  }

  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer<T> {
    const event = new Event(later(this.now, delay), this.#serial, run, argument);
    if (delay === 0) this.atOnce(fire, event);
    else this.#siftUp(event, event.at, this.#serial++);
    return event as Timer<T>;
  }

  atOnce<T>(run: (argument: T) => void, argument: T): void {
    this.#atOnce.push(run);
    this.#atOnce.push(argument);
    this.#atOnce.push(this.#serial++);
  }

  join<T>(lane: Lane<T>, delay: SimTime, item: T): void {
    const at = later(this.now, delay);
    const serial = this.#serial++;
    if (lane.add(at, serial, item)) this.#siftUp(lane as Lane<unknown>, at, serial);
  }

  /** The time of the next live event, undefined when nothing is scheduled. */
  nextAt(): SimTime | undefined {
    this.#dropDead();
    return this.#atOnce.size > 0 ? this.now : (this.#times[0] as SimTime | undefined);
  }

  /** Runs the next live event; false when there is none. */
  runNext(): boolean {
    return this.runNextBy(END_OF_TIME);
  }

  /** Runs the next live event if it is due at `end` or before; false when there is none. */
  runNextBy(end: SimTime): boolean {
    this.#dropDead();
    if (this.#atOnce.size > 0 && !this.#isHeapFirst()) {
      if (this.now > end) return false;
      this.#ran++;
      const run = this.#atOnce.shift() as (argument: unknown) => void;
      const argument = this.#atOnce.shift();
      this.#atOnce.shift();
      run(argument);
      return true;
    }
    const at = this.#times[0] as SimTime | undefined;
    if (at === undefined || at > end || at === END_OF_TIME) return false;
    assert(at >= this.now, 'time went back');
    this.now = at;
    this.#ran++;
    const first = this.#heap[0] as Event | Lane<unknown>;
    if (first instanceof Lane) {
      const item = first.shift();
      if (first.size > 0) this.#siftDown(first, first.at, first.serial);
      else this.#pop();
      first.run(item);
    } else {
      this.#pop();
      fire(first);
    }
    return true;
  }

  /** Whether the heap has something for this very moment that was scheduled before what is due at once. */
  #isHeapFirst(): boolean {
    return this.#times[0] === this.now && (this.#serials[0] as number) < (this.#atOnce.at(2) as number);
  }

  /** Takes out in front what was cancelled: a timer, or what has left its lane. */
  #dropDead(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.serial === this.#serials[0] && (first instanceof Lane || !first.cancelled)) break;
      this.#pop();
    }
    while (this.#atOnce.size > 0 && this.#atOnce.at(0) === fire && (this.#atOnce.at(1) as Event).cancelled) {
      for (let part = 0; part < 3; part++) this.#atOnce.shift();
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    const at = this.#times.pop();
    const serial = this.#serials.pop();
    if (last !== undefined && this.#heap.length > 0) this.#siftDown(last, at as number, serial as number);
  }

  #siftUp(entry: Event | Lane<unknown>, at: number, serial: number): void {
    const heap = this.#heap;
    const times = this.#times;
    const serials = this.#serials;
    let index = heap.length;
    heap.push(entry);
    times.push(at);
    serials.push(serial);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = times[parent] as number;
      // A new event is the youngest of its moment.
      if (above <= at) break;
      heap[index] = heap[parent] as Event | Lane<unknown>;
      times[index] = above;
      serials[index] = serials[parent] as number;
      index = parent;
    }
    heap[index] = entry;
    times[index] = at;
    serials[index] = serial;
  }

  /** Puts an entry in the place of the first, and from there to where it belongs. */
  #siftDown(entry: Event | Lane<unknown>, at: number, serial: number): void {
    const heap = this.#heap;
    const times = this.#times;
    const serials = this.#serials;
    const { length } = heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(child + 1, times[child] as number, serials[child] as number)) child++;
      if (!this.#isBefore(child, at, serial)) break;
      heap[index] = heap[child] as Event | Lane<unknown>;
      times[index] = times[child] as number;
      serials[index] = serials[child] as number;
      index = child;
    }
    heap[index] = entry;
    times[index] = at;
    serials[index] = serial;
  }

  #isBefore(index: number, at: number, serial: number): boolean {
    const time = this.#times[index] as number;
    return time < at || (time === at && (this.#serials[index] as number) < serial);
  }
}
