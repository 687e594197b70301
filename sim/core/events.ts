import { assert, must } from './assert.ts';
import { Fifo } from './fifo.ts';
import { later, type SimTime, ZERO } from './time.ts';

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
}

/** Ends a timer that has not fired; harmless on one that has. */
export function cancel(timer: Timer | undefined): void {
  if (timer !== undefined) timer.cancelled = true;
}

/**
 * Discrete-event queue: events run by time, those of equal time in the order they were scheduled. What is due at once
 * waits in a row; what is due later in a binary heap, whose times lie beside it as bare numbers.
 */
export class EventQueue implements Clock {
  now: SimTime = ZERO;
  readonly #atOnce = new Fifo<Event>();
  readonly #heap: Event[] = [];
  readonly #times: number[] = [];
  #serial = 0;
  #ran = 0;

  /** Events run so far. */
  get ran(): number {
    return this.#ran;
  }

  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer<T> {
    const event = new Event(later(this.now, delay), this.#serial++, run, argument);
    if (delay === 0) this.#atOnce.push(event);
    else this.#siftUp(event);
    return event as Timer<T>;
  }

  /** The time of the next live event, undefined when nothing is scheduled. */
  nextAt(): SimTime | undefined {
    while (this.#heap[0]?.cancelled) this.#pop();
    while (this.#atOnce.at(0)?.cancelled) this.#atOnce.shift();
    return this.#atOnce.size > 0 ? this.now : this.#heap[0]?.at;
  }

  /** Runs the next live event; false when there is none. */
  runNext(): boolean {
    if (this.nextAt() === undefined) return false;
    // What the heap has for this very moment was scheduled before it came, and so before anything due at once.
    const isAtOnce = this.#atOnce.size > 0 && this.#times[0] !== this.now;
    const event = isAtOnce ? this.#atOnce.shift() : this.#pop();
    assert(event.at >= this.now, 'time went back');
    this.now = event.at;
    this.#ran++;
    event.cancelled = true;
    event.run(event.argument as never);
    return true;
  }

  #pop(): Event {
    const first = must(this.#heap[0], 'pop from an empty event queue');
    const last = must(this.#heap.pop(), 'pop from an empty event queue');
    this.#times.pop();
    if (last !== first) this.#siftDown(last);
    return first;
  }

  #siftUp(event: Event): void {
    const heap = this.#heap;
    const times = this.#times;
    const { at } = event;
    let index = heap.length;
    heap.push(event);
    times.push(at);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = times[parent] as number;
      // A new event is the youngest of its moment.
      if (above <= at) break;
      heap[index] = heap[parent] as Event;
      times[index] = above;
      index = parent;
    }
    heap[index] = event;
    times[index] = at;
  }

  #siftDown(event: Event): void {
    const heap = this.#heap;
    const times = this.#times;
    const { length } = heap;
    const { at } = event;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(child + 1, times[child] as number, heap[child] as Event)) child++;
      if (!this.#isBefore(child, at, event)) break;
      heap[index] = heap[child] as Event;
      times[index] = times[child] as number;
      index = child;
    }
    heap[index] = event;
    times[index] = at;
  }

  #isBefore(index: number, at: number, event: Event): boolean {
    const time = this.#times[index] as number;
    return time < at || (time === at && (this.#heap[index] as Event).serial < event.serial);
  }
}
