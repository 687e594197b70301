import { NO_PREFIX, PrefixTrie } from '../../core/prefix-trie.ts';
import type { NetDevice } from '../../link/device.ts';
import type { Destination } from '../../packet/packet.ts';
import type { Ipv4, Prefix } from '../../wire/address.ts';

/** Routing tables by number (/etc/iproute2/rt_tables). */
export const TABLE_DEFAULT = 253;
export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw';

/** Distance of a destination (rtnetlink.h rt_scope_t): the larger, the nearer. */
export type Scope = number;
export const SCOPE_GLOBAL: Scope = 0;
export const SCOPE_SITE: Scope = 200;
export const SCOPE_LINK: Scope = 253;
export const SCOPE_HOST: Scope = 254;
export const SCOPE_NOWHERE: Scope = 255;

/** A routing decision that its next hop keeps for the packets after (a struct rtable in nhc_pcpu_rth_output or nhc_rth_input). */
export interface KeptRoute {
  /** The next hop is gone, and the decision's device with it (dst_dev_put). */
  dead: boolean;
  /** The decision itself, once it was made. */
  decision: Destination | undefined;
}

interface Kept {
  readonly route: KeptRoute;
  readonly generation: number;
}

/** How the entries of a table lead on that lead the same way (struct fib_info with its only next hop). */
export interface RouteWay {
  readonly type: RouteType;
  readonly device: NetDevice | undefined;
  /** 0 when the destination is on the link. */
  readonly gateway: Ipv4;
  /** The gateway is an address of this host, and so no next hop: the destination is taken to be on the link. */
  readonly hasOwnGateway: boolean;
  readonly scope: Scope;
  /** Source address to prefer, 0 for none. */
  readonly prefsrc: Ipv4;
  readonly metric: number;
  /** `kernel`, `boot`, `static`, ... as `ip route` prints it. */
  readonly protocol: string;
  readonly onlink: boolean;
}

/** A way that the entries of a table share; it goes with the last of them. */
export class FibInfo {
  readonly way: RouteWay;
  /** Entries that share it (fib_treeref). */
  entries = 0;
  #input: Kept | undefined;
  #output: Kept | undefined;

  constructor(way: RouteWay) {
    this.way = way;
  }

  /** The decision for packets that leave by it; a change of any route since makes a new one, and lets the old one go its own way. */
  routeFor(way: 'input' | 'output', generation: number): KeptRoute {
    const kept = way === 'input' ? this.#input : this.#output;
    if (kept?.generation === generation) return kept.route;
    const made: Kept = { route: { dead: false, decision: undefined }, generation };
    if (way === 'input') this.#input = made;
    else this.#output = made;
    return made.route;
  }

  /** Models free_fib_info() and rt_fibinfo_free(). */
  free(): void {
    for (const kept of [this.#input, this.#output]) if (kept !== undefined) kept.route.dead = true;
  }
}

/** One entry of a table (struct fib_alias). */
export class FibEntry {
  /** As a signed number, which takes no room of its own: there may be a million of them. */
  readonly #network: number;
  readonly length: number;
  readonly table: number;
  /** Shared while it is in a table. */
  info: FibInfo;
  /** The next best of the same prefix. */
  next: FibEntry | undefined;

  constructor(prefix: Prefix, table: number, way: RouteWay) {
    this.#network = prefix.network | 0;
    this.length = prefix.length;
    this.table = table;
    this.info = new FibInfo(way);
  }

  get network(): Ipv4 {
    return this.#network >>> 0;
  }
  get prefix(): Prefix {
    return { network: this.network, length: this.length };
  }
  get type(): RouteType {
    return this.info.way.type;
  }
  get device(): NetDevice | undefined {
    return this.info.way.device;
  }
  get gateway(): Ipv4 {
    return this.info.way.gateway;
  }
  get hasOwnGateway(): boolean {
    return this.info.way.hasOwnGateway;
  }
  get scope(): Scope {
    return this.info.way.scope;
  }
  get prefsrc(): Ipv4 {
    return this.info.way.prefsrc;
  }
  get metric(): number {
    return this.info.way.metric;
  }
  get protocol(): string {
    return this.info.way.protocol;
  }
  get onlink(): boolean {
    return this.info.way.onlink;
  }
}

/** Of entries of one table: the same for those that share their info (fib_find_info). */
function infoKey(way: RouteWay): string {
  const { type, device, gateway, hasOwnGateway, scope, prefsrc, metric, protocol, onlink } = way;
  return `${type} ${device?.ifindex} ${gateway} ${hasOwnGateway} ${scope} ${prefsrc} ${metric} ${protocol} ${onlink}`;
}

function isSameWay(one: RouteWay, other: RouteWay): boolean {
  return (
    one.type === other.type &&
    one.device === other.device &&
    one.gateway === other.gateway &&
    one.hasOwnGateway === other.hasOwnGateway &&
    one.scope === other.scope &&
    one.prefsrc === other.prefsrc &&
    one.metric === other.metric &&
    one.protocol === other.protocol &&
    one.onlink === other.onlink
  );
}

/** The address that packets by this entry go to first, 0 where that is their destination (rt_set_nexthop). */
export function nextHopOf({ gateway, hasOwnGateway }: FibEntry): Ipv4 {
  return hasOwnGateway ? 0 : gateway;
}

/** What a lookup asks (struct flowi4). Ports are 0 and `protocol` 0 where they are not known. */
export interface Flow {
  destination: Ipv4;
  source: Ipv4;
  /** Incoming interface index; that of lo for packets of local origin. */
  iif: number;
  /** Outgoing interface index asked for, 0 for any. */
  oif: number;
  mark: number;
  tos: number;
  protocol: number;
  sourcePort: number;
  destinationPort: number;
  /** Only entries of at least this scope serve. */
  scope: Scope;
}

/** A routing table: for each prefix its entries, best first. */
export class FibTable {
  readonly id: number;
  /** Grows with every change. */
  version = 0;
  /** Of each prefix the best entry; the others follow it. */
  readonly #trie = new PrefixTrie<FibEntry>();
  readonly #infos = new Map<string, FibInfo>();
  /** That of the entry which came last: the next one of a long list mostly leads the same way. */
  #lastInfo: FibInfo | undefined;

  constructor(id: number) {
    this.id = id;
  }

  /** The entries of exactly this prefix, best (lowest metric) first. */
  at(prefix: Prefix): FibEntry[] {
    return aliases(this.#trie.get(prefix.network, prefix.length));
  }

  /** Inserts an entry before `before`; without it after those of its metric, before higher ones (fib_insert_alias). */
  insert(entry: FibEntry, before?: FibEntry): void {
    this.version++;
    const first = this.#trie.get(entry.network, entry.length);
    let previous: FibEntry | undefined;
    let behind = first;
    while (behind !== undefined && behind !== before && behind.metric <= entry.metric) {
      previous = behind;
      behind = behind.next;
    }
    entry.next = behind;
    if (previous === undefined) this.#trie.set(entry.network, entry.length, entry);
    else previous.next = entry;
    const info = this.#shared(entry.info);
    info.entries++;
    entry.info = info;
  }

  /** Models fib_find_info(). */
  #shared(made: FibInfo): FibInfo {
    const last = this.#lastInfo;
    if (last !== undefined && last.entries > 0 && isSameWay(last.way, made.way)) return last;
    const key = infoKey(made.way);
    const info = this.#infos.get(key) ?? made;
    this.#infos.set(key, info);
    this.#lastInfo = info;
    return info;
  }

  remove(entry: FibEntry): void {
    this.version++;
    const first = this.#trie.get(entry.network, entry.length);
    if (first === entry && entry.next === undefined) this.#trie.delete(entry.network, entry.length);
    else if (first === entry) this.#trie.set(entry.network, entry.length, entry.next as FibEntry);
    const previous = aliases(first).find(({ next }) => next === entry);
    if (previous !== undefined) previous.next = entry.next;
    if (first === entry || previous !== undefined) this.#release(entry.info);
    entry.next = undefined;
  }

  /** Models fib_release_info(). */
  #release(info: FibInfo): void {
    info.entries--;
    if (info.entries > 0) return;
    this.#infos.delete(infoKey(info.way));
    info.free();
  }

  /** The node of the longest prefix that contains an address, NO_PREFIX where there is none; shorter ones follow. */
  longest(destination: Ipv4): number {
    return this.#trie.longest(destination);
  }

  shorter(node: number): number {
    return this.#trie.shorter(node);
  }

  lengthAt(node: number): number {
    return this.#trie.lengthAt(node);
  }

  bestAt(node: number): FibEntry {
    return this.#trie.valueAt(node);
  }

  /** Every entry as the kernel lists them: by network, of one network the longest prefix first, then by metric. */
  *entries(): IterableIterator<FibEntry> {
    let ofNetwork: FibEntry[] = [];
    for (const best of this.#trie.values()) {
      if (ofNetwork[0]?.network !== best.network) {
        yield* ofNetwork.reverse().flatMap(aliases);
        ofNetwork = [];
      }
      ofNetwork.push(best);
    }
    yield* ofNetwork.reverse().flatMap(aliases);
  }
}

/** The entries of a prefix, from its best one. */
function aliases(best: FibEntry | undefined): FibEntry[] {
  const list: FibEntry[] = [];
  for (let entry = best; entry !== undefined; entry = entry.next) list.push(entry);
  return list;
}

/**
 * The first usable entry under the longest prefix, backing off to shorter ones.
 * Models net/ipv4/fib_trie.c fib_table_lookup(). `second` is the other half of a merged trie (local and main are one
 * until a rule is added): at equal length the entries of `first` come first. Not modelled: TOS routes, multipath.
 */
export function fibTableLookup(first: FibTable, second: FibTable | undefined, flow: Flow): FibEntry | undefined {
  let a = first.longest(flow.destination);
  let b = second === undefined ? NO_PREFIX : second.longest(flow.destination);
  while (a !== NO_PREFIX || b !== NO_PREFIX) {
    const isOfSecond =
      second !== undefined && b !== NO_PREFIX && (a === NO_PREFIX || first.lengthAt(a) < second.lengthAt(b));
    let entry: FibEntry | undefined = isOfSecond ? second.bestAt(b) : first.bestAt(a);
    for (; entry !== undefined; entry = entry.next) if (isUsable(entry, flow)) return entry;
    if (isOfSecond) b = second.shorter(b);
    else a = first.shorter(a);
  }
  return undefined;
}

function isUsable(entry: FibEntry, flow: Flow): boolean {
  const { scope, device } = entry.info.way;
  if (scope < flow.scope) return false;
  return device === undefined || flow.oif === 0 || flow.oif === device.ifindex;
}
