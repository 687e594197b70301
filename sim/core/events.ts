import { assert, must } from './assert.ts';
import { later, type SimTime, ZERO } from './time.ts';

/** A scheduled event; `cancelled` is the only thing anyone outside the queue may look at. */
export interface Timer {
  readonly at: SimTime;
  cancelled: boolean;
}

interface Event extends Timer {
  readonly serial: number;
  readonly run: (argument: never) => void;
  readonly argument: unknown;
}

/** What code in the simulation sees of time: it is told `now`, and it may ask to be called later. */
export interface Clock {
  readonly now: SimTime;
  /** Calls `run(argument)` once, `delay` from now, after everything already scheduled for that moment. */
  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer;
}

/** Ends a timer that has not fired; harmless on one that has. */
export function cancel(timer: Timer | undefined): void {
  if (timer !== undefined) timer.cancelled = true;
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.serial < b.serial);

/** Discrete-event queue: a binary heap ordered by (time, serial), so equal times run in the order they were scheduled. */
export class EventQueue implements Clock {
  now: SimTime = ZERO;
  #heap: Event[] = [];
  #serial = 0;
  #ran = 0;

  /** Events run so far. */
  get ran(): number {
    return this.#ran;
  }

  after<T>(delay: SimTime, run: (argument: T) => void, argument: T): Timer {
    const event: Event = { at: later(this.now, delay), serial: this.#serial++, run, argument, cancelled: false };
    this.#heap.push(event);
    this.#siftUp(this.#heap.length - 1);
    return event;
  }

  /** The time of the next live event, undefined when nothing is scheduled. */
  nextAt(): SimTime | undefined {
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0]?.at;
  }

  /** Runs the next live event; false when there is none. */
  runNext(): boolean {
    if (this.nextAt() === undefined) return false;
    const event = this.#pop();
    assert(event.at >= this.now, `time went back from ${this.now} to ${event.at} ns`);
    this.now = event.at;
    this.#ran++;
    event.cancelled = true;
    event.run(event.argument as never);
    return true;
  }

  #pop(): Event {
    const heap = this.#heap;
    const first = must(heap[0], 'pop from an empty event queue');
    const last = must(heap.pop(), 'pop from an empty event queue');
    if (heap.length > 0) {
      heap[0] = last;
      this.#siftDown();
    }
    return first;
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const event = heap[from] as Event;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Event;
      if (!before(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const event = heap[0] as Event;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
      const below = heap[child] as Event;
      if (!before(below, event)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = event;
  }
}
