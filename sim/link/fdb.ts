import type { Clock } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { Mac } from '../wire/mac.ts';
import type { NetDevice } from './device.ts';

export interface FdbEntry {
  readonly mac: Mac;
  port: NetDevice;
  updated: SimTime;
  /** `permanent`: the MAC of a port or of the bridge itself. `static`: added by hand. `learnt`: ages. */
  readonly kind: 'permanent' | 'static' | 'learnt';
}

/** Which port a MAC is behind (net/bridge/br_fdb.c). */
export class ForwardingDatabase {
  readonly #clock: Clock;
  readonly #ageing: SimTime;
  readonly #entries = new Map<Mac, FdbEntry>();

  constructor(clock: Clock, ageing: SimTime) {
    this.#clock = clock;
    this.#ageing = ageing;
  }

  /** The live entry of a MAC; an aged one is forgotten by this look. */
  find(mac: Mac): FdbEntry | undefined {
    const entry = this.#entries.get(mac);
    if (entry === undefined || !this.#isAged(entry)) return entry;
    this.#entries.delete(mac);
    return undefined;
  }

  /** A frame from `mac` came in by `port`: a station that moved is followed at once (br_fdb_update). */
  learn(mac: Mac, port: NetDevice): void {
    const entry = this.find(mac);
    if (entry === undefined) {
      this.#entries.set(mac, { mac, port, updated: this.#clock.now, kind: 'learnt' });
    } else if (entry.kind === 'learnt') {
      entry.port = port;
      entry.updated = this.#clock.now;
    }
  }

  add(mac: Mac, port: NetDevice, kind: 'permanent' | 'static'): void {
    this.#entries.set(mac, { mac, port, updated: this.#clock.now, kind });
  }

  /** False when there is none. */
  remove(mac: Mac): boolean {
    return this.#entries.delete(mac);
  }

  /** The port lost its carrier, or left: learnt entries go, with `all` the others too (br_fdb_delete_by_port). */
  flush(port: NetDevice, all: boolean): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.port === port && (all || entry.kind === 'learnt')) this.#entries.delete(entry.mac);
    }
  }

  /** Live entries, in the order they were made. */
  list(): FdbEntry[] {
    return [...this.#entries.values()].filter((entry) => !this.#isAged(entry));
  }

  #isAged(entry: FdbEntry): boolean {
    return entry.kind === 'learnt' && this.#clock.now >= entry.updated + this.#ageing;
  }
}
