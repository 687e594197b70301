import type { Clock } from '../../core/events.ts';
import { NO_PREFIX, NO_VALUE, PrefixTrie } from '../../core/prefix-trie.ts';
import type { SimTime } from '../../core/time.ts';
import { contains, type Ipv4, LIMITED_BROADCAST, LOOPBACK, lastAddress, type Prefix } from '../../wire/address.ts';
import type { ComwareInterface } from './interface.ts';

/** `ip route-static`. */
export interface StaticRoute {
  readonly prefix: Prefix;
  /** 0 when only an interface is named. */
  readonly nextHop: Ipv4;
  /** 'NULL0', or undefined to follow the next hop. */
  readonly interface: string | undefined;
  /** 1 to 255, 60 by default. */
  readonly preference: number;
}

/** What a packet for a prefix meets. */
export interface FibEntry {
  readonly prefix: Prefix;
  readonly protocol: 'Direct' | 'Static';
  readonly preference: number;
  /** As listed: 127.0.0.1 for an own address, the own address for a subnet. */
  readonly nextHop: Ipv4;
  /**
   * `local`: ours. `broadcast`: ours and everyone's. `direct`: the destination is a neighbour. `gateway`: the next hop
   * is. `discard`: NULL0, or a neighbour behind an interface that has none.
   */
  readonly kind: 'local' | 'broadcast' | 'direct' | 'gateway' | 'discard';
  /** Who to resolve by ARP, for `gateway`: the next hop after recursion. */
  readonly neighbour: Ipv4;
  /** Undefined for InLoop0 and NULL0. */
  readonly interface: ComwareInterface | undefined;
  /** `GE1/0/1`, `InLoop0`, `NULL0`. */
  readonly interfaceName: string;
  /** Since when it has led there. */
  readonly since: SimTime;
}

/** An entry before it is known how old it is. */
type NewEntry = Omit<FibEntry, 'since'>;

/** Entries by their prefix. None is ever taken out: a change makes the table anew. */
class EntryTable {
  readonly #trie = new PrefixTrie();
  readonly #entries: FibEntry[] = [];

  /** Enters one, in place of that which its prefix has. */
  set(entry: FibEntry): void {
    this.#trie.set(entry.prefix.network, entry.prefix.length, this.#entries.push(entry) - 1);
  }

  get({ network, length }: Prefix): FibEntry | undefined {
    const place = this.#trie.get(network, length);
    return place === NO_VALUE ? undefined : this.#entries[place];
  }

  /** That of the longest prefix. */
  lookup(destination: Ipv4): FibEntry | undefined {
    const node = this.#trie.longest(destination);
    return node === NO_PREFIX ? undefined : this.#entries[this.#trie.valueAt(node)];
  }

  /** Ordered by prefix. */
  list(): FibEntry[] {
    return Array.from(this.#trie.nodes(), (node) => this.#entries[this.#trie.valueAt(node)] as FibEntry);
  }
}

/** Comware's forwarding table: direct and static routes, by longest prefix. Not modelled: equal-cost routes, OSPF, BGP. */
export class Fib {
  readonly #clock: Clock;
  #table = new EntryTable();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  lookup(destination: Ipv4): FibEntry | undefined {
    return this.#table.lookup(destination);
  }

  /** Entries ordered by prefix, as `display ip routing-table` lists them. */
  entries(): FibEntry[] {
    return this.#table.list();
  }

  /**
   * Works the table out anew from interfaces that are up and from what is configured. A static route may lean on another
   * one, whatever their order, so each round looks next hops up in the table of the round before, until nothing changes.
   */
  rebuild(interfaces: readonly ComwareInterface[], statics: readonly StaticRoute[]): void {
    const before = this.#table;
    this.#settle([...builtIn(), ...interfaces.filter((one) => one.isUp).flatMap(directRoutes)], statics);
    const { now } = this.#clock;
    const aged = new EntryTable();
    for (const entry of this.#table.list()) {
      const old = before.get(entry.prefix);
      aged.set({ ...entry, since: old !== undefined && sameRoute(entry, old) ? old.since : now });
    }
    this.#table = aged;
  }

  #settle(direct: readonly NewEntry[], statics: readonly StaticRoute[]): void {
    let active: (NewEntry | undefined)[] = [];
    this.#fill(direct, active);
    // Routes that lean on each other in a circle may never settle; a chain settles after as many rounds as it is long.
    for (let round = 0; round <= statics.length; round++) {
      const next = statics.map((route) => this.#resolve(route));
      const settled = next.every((entry, index) => sameWay(entry, active[index]));
      active = next;
      this.#fill(direct, active);
      if (settled) return;
    }
  }

  #fill(direct: readonly NewEntry[], statics: readonly (NewEntry | undefined)[]): void {
    this.#table = new EntryTable();
    for (const entry of [...direct, ...statics]) if (entry !== undefined) this.#offer(entry);
  }

  /** Where a route leads by the table as it is; undefined while its next hop cannot be reached. */
  #resolve(route: StaticRoute): NewEntry | undefined {
    if (route.interface === 'NULL0') return entryOf(route, 'discard', 0, undefined, 'NULL0');
    const via = this.lookup(route.nextHop);
    if (via?.interface === undefined) return undefined;
    if (via.kind === 'direct') return entryOf(route, 'gateway', route.nextHop, via.interface, via.interfaceName);
    // A next hop that is reached by the route itself, or by one that it overrides, is reached by nobody.
    const isOwn = contains(route.prefix, route.nextHop) && via.prefix.length <= route.prefix.length;
    if (via.kind !== 'gateway' || isOwn) return undefined;
    return entryOf(route, 'gateway', via.neighbour, via.interface, via.interfaceName);
  }

  /** Enters a route unless the prefix has one of better, or the same, preference. */
  #offer(entry: NewEntry): void {
    const present = this.#table.get(entry.prefix);
    if (present === undefined || entry.preference < present.preference)
      this.#table.set({ ...entry, since: this.#clock.now });
  }
}

function sameRoute(a: FibEntry, b: FibEntry): boolean {
  return a.protocol === b.protocol && a.preference === b.preference && a.nextHop === b.nextHop && sameWay(a, b);
}

function sameWay(a: NewEntry | undefined, b: NewEntry | undefined): boolean {
  return a?.interfaceName === b?.interfaceName && a?.neighbour === b?.neighbour;
}

function entryOf(
  route: StaticRoute,
  kind: FibEntry['kind'],
  neighbour: Ipv4,
  out: ComwareInterface | undefined,
  interfaceName: string,
): NewEntry {
  const { prefix, preference, nextHop } = route;
  return { prefix, protocol: 'Static', preference, nextHop, kind, neighbour, interface: out, interfaceName };
}

/** The rows every device has (release 91xx). */
function builtIn(): NewEntry[] {
  const row = (network: Ipv4, length: number, kind: FibEntry['kind']): NewEntry => ({
    prefix: { network, length },
    protocol: 'Direct',
    preference: 0,
    nextHop: kind === 'discard' ? 0 : LOOPBACK,
    kind,
    neighbour: 0,
    interface: undefined,
    interfaceName: kind === 'discard' ? 'NULL0' : 'InLoop0',
  });
  return [
    row(0, 32, 'local'),
    row(0x7f000000, 8, 'local'),
    row(LOOPBACK, 32, 'local'),
    row(0x7fffffff, 32, 'local'),
    row(0xe0000000, 4, 'discard'),
    row(0xe0000000, 24, 'discard'),
    row(LIMITED_BROADCAST, 32, 'broadcast'),
  ];
}

function directRoutes(one: ComwareInterface): NewEntry[] {
  const { address, prefix } = one;
  if (address === undefined || prefix === undefined) return [];
  const base = { protocol: 'Direct', preference: 0, neighbour: 0 } as const;
  const own: NewEntry = {
    ...base,
    prefix: { network: address.address, length: 32 },
    nextHop: LOOPBACK,
    kind: 'local',
    interface: one,
    interfaceName: 'InLoop0',
  };
  if (prefix.length === 32) return [own];
  const shared = { ...base, nextHop: address.address, interface: one, interfaceName: one.name.short } as const;
  const subnet: NewEntry = { ...shared, prefix, kind: one.name.kind === 'loopback' ? 'discard' : 'direct' };
  if (prefix.length === 31) return [own, subnet];
  return [own, subnet, { ...shared, prefix: { network: lastAddress(prefix), length: 32 }, kind: 'broadcast' }];
}
