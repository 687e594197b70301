import type { Clock } from '../../../core/events.ts';
import { later, seconds } from '../../../core/time.ts';
import type { ConntrackSysctls } from '../../sysctl.ts';
import { Connection, type TupleEntry } from './connection.ts';
import { canEarlyDrop } from './tcp-states.ts';
import { Tuple } from './tuple.ts';

/** What `conntrack -S` counts (struct ip_conntrack_stat). */
export class ConntrackStatistics {
  found = 0;
  invalid = 0;
  insert = 0;
  insert_failed = 0;
  drop = 0;
  early_drop = 0;
  error = 0;
  clash_resolve = 0;
}

const FIRST_SIZE = 64;
/** Chains that an early drop looks at (nf_conntrack_core.c early_drop()). */
const EARLY_DROP_CHAINS = 8;
/** Chains that each new entry sweeps of what expired: the whole table in as many insertions as it has chains. */
const SWEEP_CHAINS = 2;

/**
 * The connections of a namespace: a hash table that holds each one twice, by what it sends and by what answers it.
 * An expired entry is never found again and is taken out when it is met, by a lookup, a listing, or the sweep that goes
 * with each insertion; no timer runs. Models net/netfilter/nf_conntrack_core.c. Not modelled: zones, expectations
 * (helpers), events, the limit on the length of a chain.
 */
export class ConntrackTable {
  readonly statistics = new ConntrackStatistics();
  /** Who needs connections tracked: while there is one, the hooks that track are registered (nf_conntrack_net.users4). */
  readonly users = new Set<string>();
  /** Rooms for the packet at work, so that none is made for each one; nothing in them outlives it. */
  readonly scratch = { tuple: new Tuple(), inverse: new Tuple() } as const;
  /** Called for each connection that enters the table. */
  onConfirm: ((connection: Connection) => void) | undefined;
  /** Called for each connection that is taken out of it. */
  onRemove: ((connection: Connection) => void) | undefined;
  readonly #clock: Clock;
  readonly #settings: ConntrackSysctls;
  #chains: (TupleEntry | undefined)[] = new Array<TupleEntry | undefined>(FIRST_SIZE).fill(undefined);
  #count = 0;
  #serial = 0;
  #sweep = 0;

  constructor(clock: Clock, settings: ConntrackSysctls) {
    this.#clock = clock;
    this.#settings = settings;
  }

  get enabled(): boolean {
    return this.users.size > 0;
  }

  /** Of established TCP connections nobody knows what passed while nothing was tracked (nf_ct_tcp_fixup). */
  forgetWindows(): void {
    for (const { tcp } of this.list()) {
      if (tcp?.state !== 'ESTABLISHED') continue;
      tcp.seen.original.maxWindow = 0;
      tcp.seen.reply.maxWindow = 0;
    }
  }

  /** Confirmed connections, those included that have expired and were not met since (nf_conntrack_count). */
  get count(): number {
    return this.#count;
  }

  /** The entry with exactly this tuple; expired ones on its way are taken out (__nf_conntrack_find_get). */
  find(tuple: Tuple): TupleEntry | undefined {
    const hash = tuple.hash();
    let entry = this.#chains[hash & (this.#chains.length - 1)];
    while (entry !== undefined) {
      const { next } = entry;
      if (this.isExpired(entry.connection)) this.kill(entry.connection);
      else if (entry.hash === hash && entry.tuple.equals(tuple)) return entry;
      entry = next;
    }
    return undefined;
  }

  /** Whether another connection than `except` holds this tuple (nf_conntrack_tuple_taken). */
  isTaken(tuple: Tuple, except: Connection): boolean {
    const entry = this.find(tuple);
    return entry !== undefined && entry.connection !== except;
  }

  /** A connection that is not in the table yet; undefined when the table is full and nothing may be given up. */
  allocate(tuple: Tuple, reply: Tuple): Connection | undefined {
    const limit = this.#settings.nf_conntrack_max;
    if (limit > 0 && this.#count + 1 > limit && !this.#earlyDrop(tuple.hash())) return undefined;
    const connection = new Connection(this.#serial++, this.#settings.nf_conntrack_acct !== 0);
    connection.original.tuple.assign(tuple);
    connection.reply.tuple.assign(reply);
    return connection;
  }

  /**
   * Puts a connection into the table, its clock starts; gives the entry it clashes with instead, if there is one.
   * Models __nf_conntrack_confirm().
   */
  confirm(connection: Connection): TupleEntry | undefined {
    const clash = this.find(connection.original.tuple) ?? this.find(connection.reply.tuple);
    if (clash !== undefined) return clash;
    connection.expires = later(this.#clock.now, seconds(connection.timeout));
    connection.confirmed = true;
    if (this.#count >= this.#chains.length / 2) this.#grow();
    this.#link(connection.original);
    this.#link(connection.reply);
    this.#count++;
    this.statistics.insert++;
    this.onConfirm?.(connection);
    this.#sweepSome();
    return undefined;
  }

  /** Takes a connection out; harmless on one that is out (nf_ct_kill). */
  kill(connection: Connection): void {
    if (connection.dying) return;
    connection.dying = true;
    if (!connection.confirmed) return;
    this.#unlink(connection.original);
    this.#unlink(connection.reply);
    this.#count--;
    this.onRemove?.(connection);
  }

  /** Takes out every connection that `choose` picks (nf_ct_iterate_cleanup_net). */
  killWhere(choose: (connection: Connection) => boolean): number {
    const chosen = this.list().filter(choose);
    for (const connection of chosen) this.kill(connection);
    return chosen.length;
  }

  /** Living connections, oldest first. */
  list(): Connection[] {
    for (let index = 0; index < this.#chains.length; index++) this.#sweepChain(index);
    const found: Connection[] = [];
    for (const chain of this.#chains) {
      for (let entry = chain; entry !== undefined; entry = entry.next) {
        if (entry.direction === 'original') found.push(entry.connection);
      }
    }
    return found.sort((a, b) => a.serial - b.serial);
  }

  isExpired(connection: Connection): boolean {
    return connection.confirmed && connection.expires <= this.#clock.now;
  }

  /** Starts the timeout anew. An unconfirmed connection keeps it until it is confirmed (__nf_ct_refresh_acct). */
  refresh(connection: Connection, timeout: number): void {
    if (connection.confirmed) connection.expires = later(this.#clock.now, seconds(timeout));
    else connection.timeout = timeout;
  }

  /** Whole seconds that a confirmed connection has left (nf_ct_expires). */
  secondsLeft(connection: Connection): number {
    return Math.max(0, Math.floor((connection.expires - this.#clock.now) / 1e9));
  }

  /** Models early_drop(): makes room by one connection that is not assured, or is closing; false if there is none. */
  #earlyDrop(hash: number): boolean {
    for (let step = 0; step < EARLY_DROP_CHAINS; step++) {
      const index = (hash + step) & (this.#chains.length - 1);
      const before = this.#count;
      this.#sweepChain(index);
      if (this.#count < before) return true;
      for (let entry = this.#chains[index]; entry !== undefined; entry = entry.next) {
        const { connection } = entry;
        if (connection.assured && !canEarlyDrop(connection.tcp)) continue;
        this.kill(connection);
        this.statistics.early_drop++;
        return true;
      }
    }
    return false;
  }

  #sweepSome(): void {
    for (let step = 0; step < SWEEP_CHAINS; step++) {
      this.#sweepChain(this.#sweep & (this.#chains.length - 1));
      this.#sweep++;
    }
  }

  #sweepChain(index: number): void {
    let entry = this.#chains[index];
    while (entry !== undefined) {
      const { next } = entry;
      if (this.isExpired(entry.connection)) this.kill(entry.connection);
      entry = next;
    }
  }

  #link(entry: TupleEntry): void {
    entry.hash = entry.tuple.hash();
    const index = entry.hash & (this.#chains.length - 1);
    entry.next = this.#chains[index];
    this.#chains[index] = entry;
  }

  #unlink(entry: TupleEntry): void {
    const index = entry.hash & (this.#chains.length - 1);
    let at = this.#chains[index];
    if (at === entry) {
      this.#chains[index] = entry.next;
      return;
    }
    while (at !== undefined && at.next !== entry) at = at.next;
    if (at !== undefined) at.next = entry.next;
  }

  #grow(): void {
    const old = this.#chains;
    this.#chains = new Array<TupleEntry | undefined>(old.length * 2).fill(undefined);
    for (const chain of old) {
      let entry = chain;
      while (entry !== undefined) {
        const { next } = entry;
        this.#link(entry);
        entry = next;
      }
    }
  }
}
