import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { World } from '../world/world.ts';
import { Pass } from './pass.ts';
import type { Reel } from './reel.ts';
import { type StopIndex, stackOf } from './stop-index.ts';

/** Stops before and after the one that is asked for, whose tables are read on the way. */
const BEHIND = 8;
const AHEAD = 6;

/** Stops away that are read ahead of time. */
const CLOSE = 4;

/** Tables that are kept: some 100 kB each where a device has many containers. */
const MOST_KEPT = 400;

/** Of a stack that is not there at that moment. */
type Read = StackSnapshot | 'absent';

/**
 * The tables of any stack as they were at any step: read in a pass that is made for it, at the step itself. Reading on goes on
 * with the same pass; reading back begins anew, and reads what lies around as well.
 */
export class Moments {
  readonly #reel: Reel;
  readonly #index: StopIndex;
  readonly #kept = new Map<string, Read>();
  #pass: Pass | undefined;
  #ride: Pass | undefined;
  #wanted: { order: number; title: string } | undefined;
  /** By order: whose tables are read there. */
  #plan = new Map<number, Set<string>>();

  constructor(reel: Reel, index: StopIndex) {
    this.#reel = reel;
    this.#index = index;
  }

  /** The tables of a stack right after a step; undefined while they have not been read, which work() does. */
  at(order: number, title: string): Read | undefined {
    const known = this.#kept.get(key(order, title));
    if (known === undefined) this.#want(order, title);
    else this.#readAhead(order);
    return known;
  }

  has(order: number, title: string): boolean {
    return this.#kept.has(key(order, title));
  }

  /** The same if it was read already. */
  known(order: number, title: string): StackSnapshot | undefined {
    const read = this.#kept.get(key(order, title));
    return read === 'absent' ? undefined : read;
  }

  /** What a few more keys lead to is read while nobody waits. */
  #readAhead(order: number): void {
    this.#wanted = undefined;
    const stop = this.#index.stopOf(order);
    for (const near of [stop + CLOSE, stop - CLOSE]) {
      if (near < 0 || near >= this.#index.length) continue;
      const title = stackOf(this.#index.station(near));
      const last = this.#index.last(near);
      if (this.#kept.has(key(last, title))) continue;
      this.#want(last, title);
      return;
    }
  }

  /** A pass that is made for something else, and reads what is planned on its way. */
  ride(pass: Pass): void {
    this.#ride = pass;
  }

  /** Reads on by a slice; false when nothing is left to be read, or another pass is on its way to it. */
  work(): boolean {
    const wanted = this.#wanted;
    if (wanted === undefined) return false;
    if (this.#kept.has(key(wanted.order, wanted.title))) {
      this.#wanted = undefined;
      return false;
    }
    if (this.#isRiding(wanted.order)) return false;
    if (this.#pass === undefined || this.#pass.recorder.length > wanted.order) this.#begin();
    // A step that is not there is nothing to wait for.
    if (this.#pass?.work() === true && !this.#kept.has(key(wanted.order, wanted.title))) {
      this.#keep(wanted.order, wanted.title, 'absent');
    }
    return true;
  }

  #want(order: number, title: string): void {
    if (this.#wanted?.order === order && this.#wanted.title === title) return;
    this.#wanted = { order, title };
    const isAhead = this.#pass !== undefined && this.#pass.recorder.length <= order;
    this.#planAround(order, title, isAhead && !this.#isRiding(order) ? 0 : BEHIND);
  }

  #isRiding(order: number): boolean {
    return this.#ride !== undefined && this.#ride.run === undefined && this.#ride.recorder.length <= order;
  }

  #planAround(order: number, title: string, behind: number): void {
    const index = this.#index;
    const stop = index.stopOf(order);
    this.#plan = new Map([[order, new Set([title])]]);
    const plan = (at: number, of: string): void => {
      const titles = this.#plan.get(at);
      if (titles === undefined) this.#plan.set(at, new Set([of]));
      else titles.add(of);
    };
    for (let near = Math.max(0, stop - behind); near <= Math.min(index.length - 1, stop + AHEAD); near++) {
      const own = stackOf(index.station(near));
      // Within a stop too: each of its decisions can be looked at.
      for (let at = index.first(near); at <= index.last(near); at++) if (near === stop) plan(at, own);
      plan(index.last(near), own);
      plan(index.last(near), title);
    }
  }

  #begin(): void {
    this.#pass = new Pass(this.#reel, {
      trace: { keeps: () => false, watch: ({ order }) => this.read(this.#pass?.world, order) },
      capture: false,
    });
  }

  /** To be told of every step of a pass, in the world of that pass: reads the tables that are planned. */
  read(world: World | undefined, order: number): void {
    const titles = this.#plan.get(order);
    if (titles === undefined || world === undefined) return;
    for (const title of titles) {
      const stack = world.find(title);
      this.#keep(order, title, stack === undefined ? 'absent' : world.snapshot(stack));
    }
  }

  #keep(order: number, title: string, read: Read): void {
    this.#kept.set(key(order, title), read);
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

function key(order: number, title: string): string {
  return `${order} ${title}`;
}
