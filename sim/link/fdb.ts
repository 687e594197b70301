import type { Errno } from '../core/errno.ts';
import type { Clock } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
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

/** Which port a MAC is behind. Models net/bridge/br_fdb.c. Not modelled: VLANs, sticky and offloaded entries. */
export class ForwardingDatabase {
  readonly #clock: Clock;
  readonly #ageing: SimTime;
  // In the order they were made. Aged entries stay until somebody looks, where the kernel has a garbage collector.
  readonly #entries = new Map<Mac, FdbEntry>();

  constructor(clock: Clock, ageing: SimTime) {
    this.#clock = clock;
    this.#ageing = ageing;
  }

  /** The live entry of a MAC (br_fdb_find). */
  find(mac: Mac): FdbEntry | undefined {
    const entry = this.#entries.get(mac);
    if (entry === undefined || !this.#isAged(entry)) return entry;
    this.#entries.delete(mac);
    return undefined;
  }

  /**
   * A frame from `mac` came in by `port`. A station that moved is followed at once, also where a static entry says
   * otherwise; our own addresses are not, the kernel only warns of them. Models br_fdb_update().
   */
  learn(mac: Mac, port: NetDevice): void {
    if (this.#ageing === 0) return;
    const entry = this.find(mac);
    if (entry === undefined) {
      this.#set(mac, port, 'learnt');
    } else if (entry.kind !== 'permanent') {
      entry.port = port;
      entry.updated = this.#clock.now;
    }
  }

  /** The MAC of a port or of the bridge itself; of two with the same MAC the first is entered. Models fdb_add_local(). */
  addLocal(device: NetDevice): void {
    // A bridge that lost its last port has no address.
    if (device.mac === ZERO_MAC || this.#entries.get(device.mac)?.kind === 'permanent') return;
    this.#entries.delete(device.mac);
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
      entry.port = port;
      entry.kind = kind;
    }
    return undefined;
  }

  /** `bridge fdb del MAC dev PORT master`, of whatever kind. Models fdb_delete_by_addr_and_port(). */
  remove(mac: Mac, port: NetDevice): Errno | undefined {
    if (this.find(mac)?.port !== port) return 'ENOENT';
    this.#entries.delete(mac);
    return undefined;
  }

  /** The port does not forward any more: what was learnt there goes. Models br_fdb_delete_by_port(). */
  flush(port: NetDevice): void {
    for (const entry of this.#entries.values()) {
      if (entry.port === port && entry.kind === 'learnt') this.#entries.delete(entry.mac);
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
      else this.#entries.delete(entry.mac);
    }
  }

  #bequeath(entry: FdbEntry, heirs: readonly NetDevice[]): void {
    const heir = heirs.find((other) => other.mac === entry.mac);
    if (heir === undefined) this.#entries.delete(entry.mac);
    else entry.port = heir;
  }

  /** Live entries, in the order they were made. */
  list(): FdbEntry[] {
    return [...this.#entries.values()].filter((entry) => !this.#isAged(entry));
  }

  #set(mac: Mac, port: NetDevice, kind: FdbKind): void {
    this.#entries.set(mac, { mac, port, updated: this.#clock.now, kind });
  }

  #isAged(entry: FdbEntry): boolean {
    return entry.kind === 'learnt' && this.#clock.now - entry.updated >= this.#ageing;
  }
}
