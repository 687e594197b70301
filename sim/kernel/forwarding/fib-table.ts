import { PrefixTrie, type TrieNode } from '../../core/prefix-trie.ts';
import type { NetDevice } from '../../link/device.ts';
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
}

interface Kept {
  readonly route: KeptRoute;
  readonly generation: number;
}

/** What the entries of a table share that lead the same way (struct fib_info); it goes with the last of them. */
export class FibInfo {
  /** Entries that share it (fib_treeref). */
  entries = 0;
  #input: Kept | undefined;
  #output: Kept | undefined;

  /** The decision for packets that leave by it; a change of any route since makes a new one, and lets the old one go its own way. */
  routeFor(way: 'input' | 'output', generation: number): KeptRoute {
    const kept = way === 'input' ? this.#input : this.#output;
    if (kept?.generation === generation) return kept.route;
    const made: Kept = { route: { dead: false }, generation };
    if (way === 'input') this.#input = made;
    else this.#output = made;
    return made.route;
  }

  /** Models free_fib_info() and rt_fibinfo_free(). */
  free(): void {
    for (const kept of [this.#input, this.#output]) if (kept !== undefined) kept.route.dead = true;
  }
}

/** One entry of a table (struct fib_alias with its fib_info and only next hop). */
export interface FibEntry {
  readonly prefix: Prefix;
  readonly type: RouteType;
  readonly table: number;
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
  /** While it is in a table. */
  info?: FibInfo | undefined;
}

/** Of entries of one table: the same for those that share their info (fib_find_info). */
function infoKey({ type, device, gateway, scope, prefsrc, metric, protocol, onlink }: FibEntry): string {
  return [type, device?.ifindex, gateway, scope, prefsrc, metric, protocol, onlink].join(' ');
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
  readonly #trie = new PrefixTrie<FibEntry[]>();
  readonly #infos = new Map<string, FibInfo>();

  constructor(id: number) {
    this.id = id;
  }

  /** The entries of exactly this prefix, best (lowest metric) first. */
  at(prefix: Prefix): readonly FibEntry[] {
    return this.#trie.get(prefix.network, prefix.length) ?? [];
  }

  /** Inserts an entry before `before`; without it after those of its metric, before higher ones (fib_insert_alias). */
  insert(entry: FibEntry, before?: FibEntry): void {
    const entries = [...this.at(entry.prefix)];
    const index = entries.findIndex((other) => other === before || other.metric > entry.metric);
    entries.splice(index < 0 ? entries.length : index, 0, entry);
    this.#trie.set(entry.prefix.network, entry.prefix.length, entries);
    const key = infoKey(entry);
    const info = this.#infos.get(key) ?? new FibInfo();
    this.#infos.set(key, info);
    info.entries++;
    entry.info = info;
  }

  remove(entry: FibEntry): void {
    this.#release(entry);
    const entries = this.at(entry.prefix).filter((other) => other !== entry);
    if (entries.length > 0) this.#trie.set(entry.prefix.network, entry.prefix.length, entries);
    else this.#trie.delete(entry.prefix.network, entry.prefix.length);
  }

  /** Models fib_release_info(). */
  #release(entry: FibEntry): void {
    const { info } = entry;
    if (info === undefined) return;
    entry.info = undefined;
    info.entries--;
    if (info.entries > 0) return;
    this.#infos.delete(infoKey(entry));
    info.free();
  }

  longest(destination: Ipv4): TrieNode<FibEntry[]> | undefined {
    return this.#trie.longest(destination);
  }

  /** Every entry as the kernel lists them: by network, of one network the longest prefix first, then by metric. */
  *entries(): IterableIterator<FibEntry> {
    let ofNetwork: FibEntry[][] = [];
    for (const entries of this.#trie.values()) {
      if (ofNetwork[0]?.[0]?.prefix.network !== entries[0]?.prefix.network) {
        yield* ofNetwork.reverse().flat();
        ofNetwork = [];
      }
      ofNetwork.push(entries);
    }
    yield* ofNetwork.reverse().flat();
  }
}

/**
 * The first usable entry under the longest prefix, backing off to shorter ones.
 * Models net/ipv4/fib_trie.c fib_table_lookup(). `second` is the other half of a merged trie (local and main are one
 * until a rule is added): at equal length the entries of `first` come first. Not modelled: TOS routes, multipath.
 */
export function fibTableLookup(first: FibTable, second: FibTable | undefined, flow: Flow): FibEntry | undefined {
  let a = first.longest(flow.destination);
  let b = second?.longest(flow.destination);
  while (a !== undefined || b !== undefined) {
    const takeA = b === undefined || (a !== undefined && a.length >= b.length);
    const node = takeA ? a : b;
    for (const entry of node?.value ?? []) if (isUsable(entry, flow)) return entry;
    if (takeA) a = a?.shorter();
    else b = b?.shorter();
  }
  return undefined;
}

function isUsable(entry: FibEntry, flow: Flow): boolean {
  if (entry.scope < flow.scope) return false;
  if (entry.device === undefined) return true;
  return flow.oif === 0 || flow.oif === entry.device.ifindex;
}
