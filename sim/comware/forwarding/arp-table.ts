import { type Clock, cancel, type Timer } from '../../core/events.ts';
import { type SimTime, seconds } from '../../core/time.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import { drop, type Fate, hold, release } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { formatMacComware, type Mac } from '../../wire/mac.ts';
import type { ComwareInterface } from './interface.ts';

/** Dynamic entries live 20 minutes (the default of `arp timer aging`). */
const AGING = seconds(1200);
/** Assumptions, as nothing is published: three requests, one a second, 64 packets may wait, and there are 4096 entries. */
const RETRANSMIT = seconds(1);
const REQUESTS = 3;
const QUEUE_LIMIT = 64;
const ENTRIES = 4096;

export interface ArpEntry {
  readonly interface: ComwareInterface;
  readonly address: Ipv4;
  /** Undefined while incomplete. */
  mac: Mac | undefined;
  learnt: SimTime;
  requests: number;
  readonly queue: Packet[];
  timer: Timer | undefined;
}

export interface ArpOps {
  request(entry: ArpEntry, cause: number): void;
  transmit(packet: Packet, out: ComwareInterface, mac: Mac): Fate;
}

const SITE: Site = { component: 'Comware forwarding', function: 'ARP' };

/** Comware's ARP entries, by interface and address. */
export class ArpTable {
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #ops: ArpOps;
  readonly #entries = new Map<string, ArpEntry>();

  constructor(clock: Clock, place: Place, ops: ArpOps) {
    this.#clock = clock;
    this.#place = place;
    this.#ops = ops;
  }

  get held(): number {
    let count = 0;
    for (const entry of this.#entries.values()) count += entry.queue.length;
    return count;
  }

  /** Resolved and unresolved entries, in the order of their making. */
  list(): ArpEntry[] {
    return [...this.#entries.values()];
  }

  /** Seconds an entry has left. */
  remaining(entry: ArpEntry): number {
    return Math.ceil((entry.learnt + AGING - this.#clock.now) / 1e9);
  }

  /** Sends to a neighbour behind `out`, asking for its MAC first where it is not known. */
  output(packet: Packet, out: ComwareInterface, address: Ipv4): Fate {
    const known = this.#find(out, address);
    packet.ledger.recorder?.step(packet, this.#place, SITE, {
      kind: 'neighbour',
      nextHop: formatIpv4(address),
      device: out.name.short,
      state: known === undefined ? 'none' : known.mac === undefined ? 'incomplete' : 'D',
      mac: known?.mac === undefined ? '' : formatMacComware(known.mac),
    });
    if (known?.mac !== undefined) return this.#ops.transmit(packet, out, known.mac);
    const entry = known ?? this.#create(out, address);
    if (entry === undefined) return drop(packet, this.#place, SITE, 'comware:ARP_TABLE_FULL', formatIpv4(address));
    if (entry.queue.length >= QUEUE_LIMIT) {
      const oldest = entry.queue.shift();
      if (oldest !== undefined) drop(release(oldest), this.#place, SITE, 'comware:ARP_QUEUE_FULL', formatIpv4(address));
    }
    entry.queue.push(packet);
    const fate = hold(packet, this.#place, SITE, `queue of ARP entry ${formatIpv4(address)}`);
    if (known === undefined) this.#ask(entry);
    return fate;
  }

  /** Takes over a MAC; makes the entry only where `create` says so. */
  learn(on: ComwareInterface, address: Ipv4, mac: Mac, create: boolean): void {
    const entry = this.#find(on, address) ?? (create ? this.#create(on, address) : undefined);
    if (entry === undefined) return;
    entry.mac = mac;
    entry.learnt = this.#clock.now;
    cancel(entry.timer);
    entry.timer = this.#clock.after(AGING, this.#expire, entry);
    for (const packet of entry.queue.splice(0)) this.#ops.transmit(release(packet), on, mac);
  }

  /** Forgets what is behind an interface: it went down, or lost its address. */
  flush(on: ComwareInterface): void {
    for (const entry of this.list()) if (entry.interface === on) this.#remove(entry, 'comware:QUEUE_PURGE');
  }

  #find(on: ComwareInterface, address: Ipv4): ArpEntry | undefined {
    return this.#entries.get(keyOf(on, address));
  }

  /** Undefined where there are as many as there may be. */
  #create(on: ComwareInterface, address: Ipv4): ArpEntry | undefined {
    if (this.#entries.size >= ENTRIES) return undefined;
    const entry: ArpEntry = {
      interface: on,
      address,
      mac: undefined,
      learnt: this.#clock.now,
      requests: 0,
      queue: [],
      timer: undefined,
    };
    this.#entries.set(keyOf(on, address), entry);
    return entry;
  }

  readonly #ask = (entry: ArpEntry): void => {
    if (entry.requests >= REQUESTS) {
      this.#remove(entry, 'comware:ARP_FAILED');
      return;
    }
    entry.requests++;
    entry.timer = this.#clock.after(RETRANSMIT, this.#ask, entry);
    this.#ops.request(entry, entry.queue.at(-1)?.number ?? 0);
  };

  readonly #expire = (entry: ArpEntry): void => this.#remove(entry, 'comware:ARP_FAILED');

  #remove(entry: ArpEntry, reason: DropReason): void {
    cancel(entry.timer);
    this.#entries.delete(keyOf(entry.interface, entry.address));
    for (const packet of entry.queue.splice(0)) {
      drop(release(packet), this.#place, SITE, reason, `no answer from ${formatIpv4(entry.address)}`);
    }
  }
}

function keyOf(on: ComwareInterface, address: Ipv4): string {
  return `${on.name.short} ${address}`;
}
