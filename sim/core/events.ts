import { assert } from './assert.ts';
import { EventHeap } from './event-heap.ts';
import { Fifo } from './fifo.ts';
import { Lane } from './lane.ts';
import { END_OF_TIME, later, type SimTime, ZERO } from './time.ts';

/** A scheduled event; `cancelled` is the only thing anyone outside the queue may change. */
export interface Timer {
  readonly at: SimTime;
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
  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer;
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
 * waits in a row; what is due later in a heap.
 */
export class EventQueue implements Clock {
  now: SimTime = ZERO;
  /** Each function is followed by its argument and its serial. */
  readonly #atOnce = new Fifo<unknown>();
  readonly #heap = new EventHeap<Event | Lane<unknown>>();
  #serial = 0;
  #ran = 0;

  /** Events run so far. */
  get ran(): number {
    return this.#ran;
  }

  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer {
    const event = new Event(later(this.now, delay), this.#serial, run, argument);
    if (delay === 0) this.atOnce(fire, event);
    else this.#heap.push(event, event.at, this.#serial++);
    return event;
  }

  atOnce<T>(run: (argument: T) => void, argument: T): void {
    this.#atOnce.push(run);
    this.#atOnce.push(argument);
    this.#atOnce.push(this.#serial++);
  }

  join<T>(lane: Lane<T>, delay: SimTime, item: T): void {
    const at = later(this.now, delay);
    const serial = this.#serial++;
    if (lane.add(at, serial, item)) this.#heap.push(lane as Lane<unknown>, at, serial);
  }

  /** The time of the next live event, undefined when nothing is scheduled. */
  nextAt(): SimTime | undefined {
    this.#dropDead();
    return this.#atOnce.size > 0 ? this.now : this.#heap.at;
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
    const { at } = this.#heap;
    if (at === undefined || at > end || at === END_OF_TIME) return false;
    assert(at >= this.now, 'time went back');
    this.now = at;
    this.#ran++;
    const first = this.#heap.first as Event | Lane<unknown>;
    if (first instanceof Lane) {
      const item = first.shift();
      if (first.size > 0) this.#heap.replace(first, first.at, first.serial);
      else this.#heap.pop();
      first.run(item);
    } else {
      this.#heap.pop();
      fire(first);
    }
    return true;
  }

  /** Whether the heap has something for this very moment that was scheduled before what is due at once. */
  #isHeapFirst(): boolean {
    return this.#heap.at === this.now && this.#heap.serial < (this.#atOnce.at(2) as number);
  }

  /** Takes out in front what was cancelled: a timer, or what has left its lane. */
  #dropDead(): void {
    const heap = this.#heap;
    for (let { first } = heap; first !== undefined; first = heap.first) {
      if (first.serial === heap.serial && (first instanceof Lane || !first.cancelled)) break;
      heap.pop();
    }
    while (this.#atOnce.size > 0 && this.#atOnce.at(0) === fire && (this.#atOnce.at(1) as Event).cancelled) {
      for (let part = 0; part < 3; part++) this.#atOnce.shift();
    }
  }
}
