import type { SimTime } from '../core/time.ts';
import type { NetDevice } from '../link/device.ts';
import { formatIpv4, formatPrefix, type Prefix } from '../wire/address.ts';
import { formatMac } from '../wire/mac.ts';
import { type ConntrackRow, conntrackRows } from './conntrack-snapshot.ts';
import type { FibRule } from './forwarding/fib-rules.ts';
import { type FibEntry, SCOPE_GLOBAL, SCOPE_HOST } from './forwarding/fib-table.ts';
import { isInTimer } from './forwarding/neighbour.ts';
import type { ProxyNeighbour } from './forwarding/proxy-neighbours.ts';
import { hexText, ipProtocolName, scopeName, tableName, tosText } from './forwarding/rule-text.ts';
import { type IptablesChainRow, iptablesRows } from './iptables-snapshot.ts';
import { type AddrRow, addrRows, type BridgePortRow, bridgePortRows } from './link-snapshot.ts';
import type { Net } from './net.ts';
import { type SocketRow, socketRows } from './socket-snapshot.ts';
import type { SysctlValue } from './sysctl.ts';

/** One route, with the keys of `ip -j route show table all`. */
export interface RouteRow {
  /** Absent for unicast. */
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  /** Absent for main. */
  readonly table?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  /** `onlink`, `linkdown`. */
  readonly flags: readonly string[];
}

/** One rule, with the keys of `ip -j rule`. */
export interface RuleRow {
  readonly priority: number;
  readonly not?: null;
  readonly src: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  readonly tos?: string;
  readonly fwmark?: string;
  readonly fwmask?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly ipproto?: string;
  readonly sport?: number;
  readonly sport_start?: number;
  readonly sport_end?: number;
  readonly dport?: number;
  readonly dport_start?: number;
  readonly dport_end?: number;
  readonly table?: string;
  readonly action?: string;
}

/** One neighbour, with the keys of `ip -j -s neigh`. */
export interface NeighRow {
  readonly dst: string;
  readonly dev: string;
  readonly lladdr?: string;
  /** Its timer holds it. */
  readonly refcnt?: number;
  /** Whole seconds since it was last used, confirmed, changed. */
  readonly used: number;
  readonly confirmed: number;
  readonly updated: number;
  /** Requests since the search began. */
  readonly probes: number;
  readonly state: readonly string[];
}

/** An address that is answered for in the name of another, with the keys of `ip -j neigh show proxy`. */
export interface ProxyRow {
  readonly dst: string;
  readonly dev?: string;
  readonly proxy: null;
}

/** One forwarding entry of a bridge, with the keys of `bridge -j fdb`. */
export interface FdbRow {
  readonly mac: string;
  readonly ifname: string;
  readonly flags: readonly string[];
  /** Absent for an address that the device itself listens to (`self`). */
  readonly master?: string;
  /** '' for a learnt entry, `permanent` for an own address, `static` for one added by hand. */
  readonly state: string;
  /** Seconds since the entry was last confirmed; absent for permanent ones. */
  readonly used?: number;
}

/** The whole state of a namespace at one moment, as plain data. */
export interface NamespaceSnapshot {
  readonly title: string;
  readonly role: string;
  readonly addr: readonly AddrRow[];
  readonly route: readonly RouteRow[];
  readonly rule: readonly RuleRow[];
  readonly neigh: readonly NeighRow[];
  /** `ip -j neigh show proxy`. */
  readonly proxy: readonly ProxyRow[];
  readonly fdb: readonly FdbRow[];
  /** `bridge -j link`. */
  readonly bridgePort: readonly BridgePortRow[];
  readonly socket: readonly SocketRow[];
  readonly iptables: readonly IptablesChainRow[];
  readonly conntrack: readonly ConntrackRow[];
  /** Every counter with its nstat name, zeros included. */
  readonly counters: Readonly<Record<string, number>>;
  readonly sysctl: readonly { readonly key: string; readonly value: SysctlValue }[];
}

/** Copies the state of a namespace. Rows stand in the order the real commands print them. */
export function snapshotNamespace(net: Net, bridges: readonly FdbSource[]): NamespaceSnapshot {
  return {
    title: net.place.title,
    role: net.place.role,
    addr: addrRows(net),
    route: routeRows(net),
    rule: net.rules.map(ruleRow),
    neigh: neighRows(net),
    proxy: net.parts.proxies.list.map(proxyRow),
    fdb: fdbRows(net, bridges),
    bridgePort: bridgePortRows(net),
    socket: socketRows(net),
    iptables: iptablesRows(net),
    conntrack: conntrackRows(net),
    counters: { ...net.counters },
    sysctl: net.sysctls.list(),
  };
}

/** What a bridge tells of its forwarding table. */
export interface FdbSource {
  fdbRows(): readonly FdbRow[];
}

/**
 * Device by device what its bridge knows behind it and the groups it listens to; a bridge tells the groups first. Models
 * net/core/rtnetlink.c rtnl_fdb_dump() and net/bridge/br_fdb.c br_fdb_dump().
 */
function fdbRows(net: Net, bridges: readonly FdbSource[]): FdbRow[] {
  const behind = bridges.flatMap((bridge) => [...bridge.fdbRows()]);
  const behindEach = new Map<string, FdbRow[]>();
  for (const row of behind) {
    const rows = behindEach.get(row.ifname);
    if (rows === undefined) behindEach.set(row.ifname, [row]);
    else rows.push(row);
  }
  const own = net.devices.flatMap((device) => [
    ...(device.kind === 'bridge' ? groupRows(device) : []),
    ...(behindEach.get(device.name) ?? []),
    ...(device.kind === 'bridge' ? [] : groupRows(device)),
  ]);
  // Comware's stack is shown with the bridges of its host.
  return [...own, ...behind.filter((row) => net.device(row.ifname) === undefined)];
}

/** A device that is up listens to all hosts (ip_mc_up). Not modelled: the groups of IPv6, and multicast snooping. */
function groupRows(device: NetDevice): FdbRow[] {
  if (!device.up || device.linkType !== 'ether') return [];
  return [{ mac: '01:00:5e:00:00:01', ifname: device.name, flags: ['self'], state: 'permanent' }];
}

/**
 * Tables in the order of the kernel's hash of them, newest first in each chain (inet_dump_fib), but main before all
 * others: readers look for it.
 */
function routeRows(net: Net): RouteRow[] {
  const order = (id: number): number => (id === 254 ? -1 : id & 0xff);
  return [...net.tables.values()]
    .reverse()
    .sort((a, b) => order(a.id) - order(b.id))
    .flatMap((table) => [...table.entries()].map(routeRow));
}

function routeRow(entry: FibEntry): RouteRow {
  return {
    ...(entry.type === 'unicast' ? {} : { type: entry.type }),
    dst: prefixText(entry.prefix),
    ...(entry.gateway === 0 ? {} : { gateway: formatIpv4(entry.gateway) }),
    ...(entry.device === undefined ? {} : { dev: entry.device.name }),
    ...(entry.table === 254 ? {} : { table: tableName(entry.table) }),
    ...(entry.protocol === 'boot' ? {} : { protocol: entry.protocol }),
    ...(entry.scope === SCOPE_GLOBAL ? {} : { scope: scopeName(entry.scope) }),
    ...(entry.prefsrc === 0 ? {} : { prefsrc: formatIpv4(entry.prefsrc) }),
    ...(entry.metric === 0 ? {} : { metric: entry.metric }),
    flags: [
      ...(entry.onlink ? ['onlink'] : []),
      ...(entry.device !== undefined && !entry.device.carrier && entry.scope !== SCOPE_HOST ? ['linkdown'] : []),
    ],
  };
}

/** `default`, `10.0.0.0/8`, or a bare address for /32, as iproute2 writes them. */
function prefixText(prefix: Prefix): string {
  if (prefix.length === 0) return 'default';
  return prefix.length === 32 ? formatIpv4(prefix.network) : formatPrefix(prefix);
}

function ruleRow(rule: FibRule): RuleRow {
  return {
    priority: rule.priority,
    ...(rule.not ? { not: null } : {}),
    ...(rule.from === undefined
      ? { src: 'all' }
      : { src: formatIpv4(rule.from.network), ...lengthOf('srclen', rule.from) }),
    ...(rule.to === undefined ? {} : { dst: formatIpv4(rule.to.network), ...lengthOf('dstlen', rule.to) }),
    ...(rule.tos === undefined ? {} : { tos: tosText(rule.tos) }),
    ...(rule.fwmark === undefined ? {} : { fwmark: hexText(rule.fwmark) }),
    ...(rule.fwmark === undefined || rule.fwmask === 0xffffffff ? {} : { fwmask: hexText(rule.fwmask) }),
    ...(rule.iif === undefined ? {} : { iif: rule.iif }),
    ...(rule.oif === undefined ? {} : { oif: rule.oif }),
    ...(rule.protocol === undefined ? {} : { ipproto: ipProtocolName(rule.protocol) }),
    ...portsOf('sport', rule.sourcePorts),
    ...portsOf('dport', rule.destinationPorts),
    ...(rule.action === 'lookup' ? { table: tableName(rule.table) } : { action: rule.action }),
  };
}

function lengthOf(key: 'srclen' | 'dstlen', prefix: Prefix): Partial<RuleRow> {
  return prefix.length === 32 ? {} : { [key]: prefix.length };
}

function portsOf(key: 'sport' | 'dport', range: readonly [number, number] | undefined): Partial<RuleRow> {
  if (range === undefined) return {};
  return range[0] === range[1] ? { [key]: range[0] } : { [`${key}_start`]: range[0], [`${key}_end`]: range[1] };
}

function proxyRow({ address, device }: ProxyNeighbour): ProxyRow {
  return { dst: formatIpv4(address), ...(device === undefined ? {} : { dev: device.name }), proxy: null };
}

function neighRows(net: Net): NeighRow[] {
  const since = (time: SimTime): number => Math.floor((net.clock.now - time) / 1e9);
  return net.parts.neighbours
    .list()
    .filter(({ state }) => state !== 'NONE' && state !== 'NOARP')
    .map((neighbour) => ({
      dst: formatIpv4(neighbour.address),
      dev: neighbour.device.name,
      ...(neighbour.state === 'INCOMPLETE' || neighbour.state === 'FAILED' ? {} : { lladdr: formatMac(neighbour.mac) }),
      ...(isInTimer(neighbour.state) ? { refcnt: 1 } : {}),
      used: since(neighbour.used),
      confirmed: since(neighbour.confirmed),
      updated: since(neighbour.updated),
      probes: neighbour.probes,
      state: [neighbour.state],
    }));
}
