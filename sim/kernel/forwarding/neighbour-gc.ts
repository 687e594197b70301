import type { Clock } from '../../core/events.ts';
import { ms, ns, type SimTime, seconds } from '../../core/time.ts';
import type { NetDevice } from '../../link/device.ts';
import { isMulticast } from '../../wire/address.ts';
import type { NeighbourTableSysctls } from '../core-sysctl.ts';
import type { NeighbourSysctls } from '../sysctl.ts';
import { isInTimer, type Neighbour } from './neighbour.ts';

/** Forced collections below gc_thresh3 keep that far apart, and spare what changed since. */
const FORCED_GAP = seconds(5);

/** What the collector needs of the table. */
export interface CollectedTable {
  readonly clock: Clock;
  readonly bounds: NeighbourTableSysctls;
  /** Base of the time between two rounds: base_reachable_time_ms of `default`. */
  readonly defaults: NeighbourSysctls;
  parametersOf(device: NetDevice): NeighbourSysctls;
  /** In the order they were made. */
  entries(): IterableIterator<Neighbour>;
  forget(neighbour: Neighbour): void;
}

/**
 * Keeps the table of neighbours within gc_thresh1, 2 and 3. An entry whose timer runs is never collected, nor is one that was
 * made by hand for good. Models neigh_alloc(), neigh_forced_gc() and neigh_periodic_work() of net/core/neighbour.c, whose table
 * is one for all namespaces of a machine; here each has its own.
 */
export class NeighbourCollector {
  readonly #table: CollectedTable;
  /** All entries, and those that are PERMANENT. */
  #count = 0;
  #exempt = 0;
  #lastForced: SimTime | undefined;
  #isArmed = false;

  constructor(table: CollectedTable) {
    this.#table = table;
  }

  /** Whether there is room for one more; where there is none, it is made if that can be. */
  hasRoom(): boolean {
    const { gc_thresh2, gc_thresh3 } = this.#table.bounds;
    const counted = this.#count - this.#exempt;
    if (counted < gc_thresh2 && counted < gc_thresh3) return true;
    if (counted < gc_thresh3 && !this.#isForcedDue) return true;
    return this.#collectNow() > 0 || counted < gc_thresh3;
  }

  /** An entry was made. */
  entered(): void {
    this.#count++;
    this.#arm();
  }

  left(isPermanent: boolean): void {
    this.#count--;
    if (isPermanent) this.#exempt--;
  }

  /** An entry became PERMANENT, or is so no more (neigh_update_gc_list). */
  changed(isPermanent: boolean): void {
    this.#exempt += isPermanent ? 1 : -1;
  }

  get #isForcedDue(): boolean {
    return this.#lastForced === undefined || this.#table.clock.now > this.#lastForced + FORCED_GAP;
  }

  /** Models neigh_forced_gc(): gives how many went. Not modelled: that it stops after a millisecond. */
  #collectNow(): number {
    const { clock, bounds } = this.#table;
    const most = this.#count - this.#exempt - bounds.gc_thresh2;
    let gone = 0;
    for (const neighbour of this.#table.entries()) {
      const { state, address, updated } = neighbour;
      if (state === 'PERMANENT' || isInTimer(state)) continue;
      const isIdle = state === 'FAILED' || state === 'NOARP' || isMulticast(address);
      if (!isIdle && clock.now - updated <= FORCED_GAP) continue;
      this.#table.forget(neighbour);
      gone++;
      if (gone >= most) break;
    }
    this.#lastForced = clock.now;
    return gone;
  }

  /** The next round, every half of base_reachable_time; none is due while the table is small, or holds nothing to collect. */
  #arm(): void {
    const { clock, bounds, defaults } = this.#table;
    if (this.#isArmed || this.#count < bounds.gc_thresh1 || this.#count === this.#exempt) return;
    const interval = Math.max(ms(defaults.base_reachable_time_ms / 2), ms(1));
    this.#isArmed = true;
    clock.after(ns(interval - (clock.now % interval)), this.#round, undefined);
  }

  /** Models neigh_periodic_work(). */
  readonly #round = (): void => {
    const { clock, bounds } = this.#table;
    this.#isArmed = false;
    if (this.#count < bounds.gc_thresh1) return;
    for (const neighbour of this.#table.entries()) {
      const { state, device } = neighbour;
      if (state === 'PERMANENT' || isInTimer(state)) continue;
      if (neighbour.used < neighbour.confirmed) neighbour.used = neighbour.confirmed;
      const stale = seconds(this.#table.parametersOf(device).gc_stale_time);
      if (state === 'FAILED' || clock.now - neighbour.used >= stale) this.#table.forget(neighbour);
    }
    this.#arm();
  };
}
