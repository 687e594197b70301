import { NO_PREFIX, NO_VALUE, PrefixTrie } from '../../core/prefix-trie.ts';
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
  /** Among the lists of its table the one of which it is all. */
  alone = NO_VALUE;
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

/**
 * One entry of a table (struct fib_alias), as it is entered or as it was found: the table, which may have a million,
 * keeps none of them. Of one table and prefix no two have the same info.
 */
export class FibEntry {
  readonly prefix: Prefix;
  readonly table: number;
  /** Shared with the other entries of its table once it is in there. */
  info: FibInfo;

  constructor(prefix: Prefix, table: number, info: FibInfo) {
    this.prefix = prefix;
    this.table = table;
    this.info = info;
  }

  get network(): Ipv4 {
    return this.prefix.network;
  }
  get length(): number {
    return this.prefix.length;
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

/** What leads on from the prefixes of a table, as numbered lists: prefixes with one and the same info share a list. */
class InfoLists {
  readonly #lists: (readonly FibInfo[])[] = [];
  readonly #free: number[] = [];

  at(number: number): readonly FibInfo[] {
    return this.#lists[number] as readonly FibInfo[];
  }

  add(list: readonly FibInfo[]): number {
    const number = this.#free.pop() ?? this.#lists.length;
    this.#lists[number] = list;
    return number;
  }

  delete(number: number): void {
    this.#lists[number] = [];
    this.#free.push(number);
  }
}

/** A routing table: for each prefix its entries, best first. */
export class FibTable {
  readonly id: number;
  /** Grows with every change. */
  version = 0;
  /** For each prefix the number of its list: its entries, best first. */
  readonly #trie = new PrefixTrie();
  readonly #lists = new InfoLists();
  readonly #infos = new Map<string, FibInfo>();
  /** That of the entry which came last: the next one of a long list mostly leads the same way. */
  #lastInfo: FibInfo | undefined;

  constructor(id: number) {
    this.id = id;
  }

  /** The entries of exactly this prefix, best (lowest metric) first. */
  at(prefix: Prefix): FibEntry[] {
    const list = this.#trie.get(prefix.network, prefix.length);
    return list === NO_VALUE ? [] : this.#lists.at(list).map((info) => new FibEntry(prefix, this.id, info));
  }

  /** Inserts an entry before `before`; without it after those of its metric, before higher ones (fib_insert_alias). */
  insert(entry: FibEntry, before?: FibEntry): void {
    this.version++;
    const info = this.#shared(entry.info);
    info.entries++;
    entry.info = info;
    const { network, length } = entry.prefix;
    const list = this.#trie.get(network, length);
    if (list === NO_VALUE) this.#trie.set(network, length, info.alone);
    else this.#change(entry.prefix, list, inserted(this.#lists.at(list), info, before?.info));
  }

  /** Models fib_find_info(). */
  #shared(made: FibInfo): FibInfo {
    const last = this.#lastInfo;
    if (last !== undefined && last.entries > 0 && isSameWay(last.way, made.way)) return last;
    const key = infoKey(made.way);
    const info = this.#infos.get(key) ?? made;
    this.#lastInfo = info;
    if (info.alone !== NO_VALUE) return info;
    info.alone = this.#lists.add([info]);
    this.#infos.set(key, info);
    return info;
  }

  remove({ prefix, info }: FibEntry): void {
    this.version++;
    const list = this.#trie.get(prefix.network, prefix.length);
    if (list === NO_VALUE || !this.#lists.at(list).includes(info)) return;
    this.#change(
      prefix,
      list,
      this.#lists.at(list).filter((other) => other !== info),
    );
    this.#release(info);
  }

  /** Gives a prefix another list. */
  #change({ network, length }: Prefix, before: number, infos: readonly FibInfo[]): void {
    if (this.#lists.at(before).length > 1) this.#lists.delete(before);
    const [first] = infos;
    if (first === undefined) this.#trie.delete(network, length);
    else this.#trie.set(network, length, infos.length === 1 ? first.alone : this.#lists.add(infos));
  }

  /** Models fib_release_info(). */
  #release(info: FibInfo): void {
    info.entries--;
    if (info.entries > 0) return;
    this.#infos.delete(infoKey(info.way));
    this.#lists.delete(info.alone);
    info.alone = NO_VALUE;
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

  /** The best entry of a node that serves a flow. */
  usableAt(node: number, flow: Flow): FibEntry | undefined {
    const info = this.#lists.at(this.#trie.valueAt(node)).find(({ way }) => isUsable(way, flow));
    return info === undefined ? undefined : this.#entry(node, info);
  }

  #entry(node: number, info: FibInfo): FibEntry {
    return new FibEntry({ network: this.#trie.networkAt(node), length: this.#trie.lengthAt(node) }, this.id, info);
  }

  /** Every entry as the kernel lists them: by network, of one network the longest prefix first, then by metric. */
  *entries(): IterableIterator<FibEntry> {
    let ofNetwork: number[] = [];
    for (const node of this.#trie.nodes()) {
      if (ofNetwork[0] !== undefined && this.#trie.networkAt(ofNetwork[0]) !== this.#trie.networkAt(node)) {
        yield* this.#listed(ofNetwork);
        ofNetwork = [];
      }
      ofNetwork.push(node);
    }
    yield* this.#listed(ofNetwork);
  }

  /** Entries of nodes that stand from the shortest prefix to the longest. */
  #listed(nodes: readonly number[]): FibEntry[] {
    return nodes
      .toReversed()
      .flatMap((node) => this.#lists.at(this.#trie.valueAt(node)).map((info) => this.#entry(node, info)));
  }
}

/** A list with one more: before `before`, else where its metric belongs. */
function inserted(list: readonly FibInfo[], info: FibInfo, before: FibInfo | undefined): readonly FibInfo[] {
  const behind = list.findIndex((other) => other === before || other.way.metric > info.way.metric);
  return list.toSpliced(behind < 0 ? list.length : behind, 0, info);
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
    const entry = isOfSecond ? second.usableAt(b, flow) : first.usableAt(a, flow);
    if (entry !== undefined) return entry;
    if (isOfSecond) b = second.shorter(b);
    else a = first.shorter(a);
  }
  return undefined;
}

function isUsable({ scope, device }: RouteWay, flow: Flow): boolean {
  if (scope < flow.scope) return false;
  return device === undefined || flow.oif === 0 || flow.oif === device.ifindex;
}
