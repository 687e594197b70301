import type { Errno } from '../core/errno.ts';
import type { Clock } from '../core/events.ts';
import { later, ms, ns, type SimTime, ZERO } from '../core/time.ts';
import { type Mac, ZERO_MAC } from '../wire/mac.ts';
import type { NetDevice } from './device.ts';

/** `permanent`: an own MAC of a port or the bridge. `static`: added by hand, never ages. `learnt`: ages. */
export type FdbKind = 'permanent' | 'static' | 'learnt';

export interface FdbEntry {
  readonly mac: Mac;
  /** The port it is behind; the bridge itself for the bridge's MAC. */
  port: NetDevice;
  /** When it was last confirmed. */
  updated: SimTime;
  kind: FdbKind;
}

/** What `bridge fdb` may do where the MAC has an entry, and where it has none. */
export type FdbVerb = 'add' | 'append' | 'replace';

/** Where the kernel sets no limit it has its memory alone; ours ends there. */
const MOST_LEARNT = 262144;
/** Aged entries are looked for no oftener than that (br_fdb_cleanup). */
const CLEANUP_GAP = ms(10);

/** Which port a MAC is behind. Models net/bridge/br_fdb.c. Not modelled: VLANs, sticky and offloaded entries. */
export class ForwardingDatabase {
  readonly #clock: Clock;
  readonly #ageing: SimTime;
  /** Entries that may be learnt (fdb_max_learned); 0 sets no limit. */
  readonly #most: number;
  // In the order they were made. Aged entries stay until somebody looks, or another one is learnt.
  readonly #entries = new Map<Mac, FdbEntry>();
  /** Entries that were learnt (fdb_n_learned), and when aged ones are to be looked for. */
  #learnt = 0;
  /** Of each port that there are any of: how many of them. */
  readonly #learntAt = new Map<NetDevice, number>();
  #nextCleanup: SimTime = ZERO;

  constructor(clock: Clock, ageing: SimTime, maxLearned = 0) {
    this.#clock = clock;
    this.#ageing = ageing;
    this.#most = maxLearned === 0 ? MOST_LEARNT : maxLearned;
  }

  /** Entries that are kept, those included that have aged and were not looked for since. */
  get size(): number {
    return this.#entries.size;
  }

  /** The live entry of a MAC (br_fdb_find). */
  find(mac: Mac): FdbEntry | undefined {
    const entry = this.#entries.get(mac);
    if (entry === undefined || !this.#isAged(entry)) return entry;
    this.#delete(entry);
    return undefined;
  }

  /**
   * A frame from `mac` came in by `port`. A station that moved is followed at once, also where a static entry says
   * otherwise; our own addresses are not, the kernel only warns of them. Where there are too many, a new one is not learnt.
   * Models br_fdb_update() and fdb_create().
   */
  learn(mac: Mac, port: NetDevice): void {
    if (this.#ageing === 0) return;
    const entry = this.find(mac);
    if (entry === undefined) {
      if (this.#clock.now >= this.#nextCleanup) this.#cleanUp();
      if (this.#learnt < this.#most) this.#set(mac, port, 'learnt');
    } else if (entry.kind !== 'permanent') {
      if (entry.port !== port) this.#move(entry, port, entry.kind);
      entry.updated = this.#clock.now;
    }
  }

  /** The MAC of a port or of the bridge itself; of two with the same MAC the first is entered. Models fdb_add_local(). */
  addLocal(device: NetDevice): void {
    // A bridge that lost its last port has no address.
    if (device.mac === ZERO_MAC || this.#entries.get(device.mac)?.kind === 'permanent') return;
    const other = this.#entries.get(device.mac);
    if (other !== undefined) this.#delete(other);
    this.#set(device.mac, device, 'permanent');
  }

  /**
   * The MAC of a port or of the bridge changed: its old one goes to the first of `heirs` that has it too. Models
   * br_fdb_changeaddr() and br_fdb_change_mac_address().
   */
  changeLocal(device: NetDevice, before: Mac, heirs: readonly NetDevice[]): void {
    const entry = this.#entries.get(before);
    if (entry !== undefined && entry.port === device && entry.kind === 'permanent') this.#bequeath(entry, heirs);
    this.addLocal(device);
  }

  /** `bridge fdb add|append|replace MAC dev PORT master permanent|static|dynamic`. Models fdb_add_entry(). */
  add(mac: Mac, port: NetDevice, kind: FdbKind, verb: FdbVerb = 'add'): Errno | undefined {
    if (mac === ZERO_MAC) return 'EINVAL';
    const entry = this.find(mac);
    if (entry === undefined) this.#set(mac, port, kind);
    else if (verb === 'add') return 'EEXIST';
    else {
      if (entry.port !== port || entry.kind !== kind) entry.updated = this.#clock.now;
      this.#move(entry, port, kind);
    }
    return undefined;
  }

  /** `bridge fdb del MAC dev PORT master`, of whatever kind. Models fdb_delete_by_addr_and_port(). */
  remove(mac: Mac, port: NetDevice): Errno | undefined {
    const entry = this.find(mac);
    if (entry?.port !== port) return 'ENOENT';
    this.#delete(entry);
    return undefined;
  }

  /** The port does not forward any more: what was learnt there goes. Models br_fdb_delete_by_port(). */
  flush(port: NetDevice): void {
    if (!this.#learntAt.has(port)) return;
    for (const entry of this.#entries.values()) {
      if (entry.port === port && entry.kind === 'learnt') this.#delete(entry);
    }
  }

  /**
   * The port left: all its entries go, but its own MAC becomes that of the first of `heirs` that has it too.
   * Models br_fdb_delete_by_port() with do_all, and fdb_delete_local().
   */
  forget(port: NetDevice, heirs: readonly NetDevice[]): void {
    for (const entry of this.#entries.values()) {
      if (entry.port !== port) continue;
      if (entry.kind === 'permanent') this.#bequeath(entry, heirs);
      else this.#delete(entry);
    }
  }

  #bequeath(entry: FdbEntry, heirs: readonly NetDevice[]): void {
    const heir = heirs.find((other) => other.mac === entry.mac);
    if (heir === undefined) this.#delete(entry);
    else this.#move(entry, heir, entry.kind);
  }

  /** Live entries, in the order they were made. */
  list(): FdbEntry[] {
    return [...this.#entries.values()].filter((entry) => !this.#isAged(entry));
  }

  #set(mac: Mac, port: NetDevice, kind: FdbKind): void {
    const entry = { mac, port, updated: this.#clock.now, kind };
    this.#entries.set(mac, entry);
    this.#count(entry, 1);
  }

  #move(entry: FdbEntry, port: NetDevice, kind: FdbKind): void {
    this.#count(entry, -1);
    entry.port = port;
    entry.kind = kind;
    this.#count(entry, 1);
  }

  #delete(entry: FdbEntry): void {
    this.#entries.delete(entry.mac);
    this.#count(entry, -1);
  }

  #count({ kind, port }: FdbEntry, by: 1 | -1): void {
    if (kind !== 'learnt') return;
    this.#learnt += by;
    const left = (this.#learntAt.get(port) ?? 0) + by;
    if (left === 0) this.#learntAt.delete(port);
    else this.#learntAt.set(port, left);
  }

  /** What has aged goes, and the next to age says when to look again. Models br_fdb_cleanup(). */
  #cleanUp(): void {
    const { now } = this.#clock;
    let oldest = now;
    for (const entry of this.#entries.values()) {
      if (this.#isAged(entry)) this.#delete(entry);
      else if (entry.kind === 'learnt' && entry.updated < oldest) oldest = entry.updated;
    }
    this.#nextCleanup = later(now, ns(Math.max(oldest + this.#ageing - now, CLEANUP_GAP)));
  }

  #isAged(entry: FdbEntry): boolean {
    return entry.kind === 'learnt' && this.#clock.now - entry.updated >= this.#ageing;
  }
}
