import type { NetDevice } from '../../link/device.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import type { Step } from '../../packet/trace.ts';
import {
  ANY,
  contains,
  formatIpv4,
  formatPrefix,
  type Ipv4,
  isLimitedBroadcast,
  isMulticast,
} from '../../wire/address.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import type { FibResult } from './fib-result.ts';
import { type FibRule, ruleMatches } from './fib-rules.ts';
import { type FibEntry, type Flow, fibTableLookup, SCOPE_HOST, SCOPE_LINK, type Scope } from './fib-table.ts';
import { ruleText, tableName } from './rule-text.ts';

const NO_ROUTE: FibResult = { errno: 'ENETUNREACH', entry: undefined, rule: undefined };

/**
 * Asks the rules and tables for a flow. Models include/net/ip_fib.h fib_lookup() and net/core/fib_rules.c
 * fib_rules_lookup(). While no rule was ever added, local and main are one trie and the longest prefix of both wins;
 * afterwards the rules are asked one by one, `local` first.
 */
export function fibLookup(net: Net, flow: Flow): FibResult {
  if (!net.hasCustomRules) return withoutRules(net, flow);
  for (const rule of net.rules) {
    if (!ruleMatches(rule, flow, net.nameOf)) continue;
    const result = applyRule(net, rule, flow);
    // EAGAIN: nothing in this table, or a throw route. The next rule is asked.
    if (result !== undefined) return result;
  }
  return NO_ROUTE;
}

function withoutRules(net: Net, flow: Flow): FibResult {
  return (
    resultOf(fibTableLookup(net.localTable, net.mainTable, flow), undefined) ??
    resultOf(fibTableLookup(net.defaultTable, undefined, flow), undefined) ??
    NO_ROUTE
  );
}

/** fibLookup() where nothing but the destination is asked for: there is no rule, no interface and no scope. */
export function fibLookupTo(net: Net, destination: Ipv4): FibResult {
  const { localTable, mainTable, defaultTable, fibMemo } = net;
  const version = localTable.version + mainTable.version + defaultTable.version;
  return fibMemo.find(destination, version) ?? fibMemo.keep(destination, withoutRules(net, flowTo(destination)));
}

function applyRule(net: Net, rule: FibRule, flow: Flow): FibResult | undefined {
  switch (rule.action) {
    case 'unreachable':
      return { errno: 'ENETUNREACH', entry: undefined, rule };
    case 'prohibit':
      return { errno: 'EACCES', entry: undefined, rule };
    case 'blackhole':
      return { errno: 'EINVAL', entry: undefined, rule };
    case 'lookup': {
      const table = net.tables.get(rule.table);
      return table === undefined ? undefined : resultOf(fibTableLookup(table, undefined, flow), rule);
    }
  }
}

/** Models net/ipv4/fib_semantics.c fib_props[]. */
function resultOf(entry: FibEntry | undefined, rule: FibRule | undefined): FibResult | undefined {
  switch (entry?.type) {
    case 'throw':
      return undefined;
    case 'blackhole':
      return { errno: 'EINVAL', entry, rule };
    case 'unreachable':
      return { errno: 'EHOSTUNREACH', entry, rule };
    case 'prohibit':
      return { errno: 'EACCES', entry, rule };
    default:
      return entry === undefined ? undefined : { entry, rule, told: undefined };
  }
}

function recordRule(net: Net, packet: Packet, site: Site, rule: FibRule): void {
  packet.ledger.recorder?.step(packet, net.place, site, {
    kind: 'rule',
    priority: rule.priority,
    rule: ruleText(rule),
    table: tableName(rule.table),
  });
}

/** Records what a route lookup for a packet decided on: the rule, and the route; without one the tables that `flow` was asked in. */
export function recordRoute(
  net: Net,
  packet: Packet,
  site: Site,
  destination: Ipv4,
  result: FibResult,
  flow?: Flow,
): void {
  const recorder = packet.ledger.recorder;
  if (recorder === undefined) return;
  const { entry, rule } = result;
  if (rule !== undefined) recordRule(net, packet, site, rule);
  const told = result.told;
  if (told !== undefined && told.destination === destination) {
    recorder.step(packet, net.place, site, told.step);
    return;
  }
  const step = routeStep(
    destination,
    entry,
    entry === undefined && flow !== undefined ? tablesAsked(net, flow) : undefined,
  );
  // Without an entry the result is one of all who find none.
  if (entry !== undefined) result.told = { destination, step };
  recorder.step(packet, net.place, site, step);
}

function routeStep(destination: Ipv4, entry: FibEntry | undefined, asked: readonly string[] | undefined): Step {
  return {
    kind: 'route',
    destination: formatIpv4(destination),
    type: entry?.type ?? 'none',
    prefix: entry === undefined ? '' : entry.prefix.length === 0 ? 'default' : formatPrefix(entry.prefix),
    table: entry === undefined ? '' : tableName(entry.table),
    device: entry?.device?.name ?? '',
    gateway: entry === undefined || entry.gateway === 0 ? '' : formatIpv4(entry.gateway),
    ...(entry === undefined || entry.metric === 0 ? {} : { metric: entry.metric }),
    ...(asked === undefined ? {} : { asked }),
  };
}

/** `10.0.0.0/24 via 10.1.0.1 dev eth1`, as `ip route` begins it. */
export function entryText({ type, prefix, gateway, device }: FibEntry): string {
  const kind = type === 'unicast' ? '' : `${type} `;
  const to = prefix.length === 0 ? 'default' : formatPrefix(prefix);
  const via = gateway === 0 ? '' : ` via ${formatIpv4(gateway)}`;
  return `${kind}${to}${via}${device === undefined ? '' : ` dev ${device.name}`}`;
}

/** Names of the tables in which a flow is looked up, in the order of the rules. */
export function tablesAsked(net: Net, flow: Flow): string[] {
  if (!net.hasCustomRules) return ['local', 'main', 'default'];
  const asked = net.rules.filter((rule) => rule.action === 'lookup' && ruleMatches(rule, flow, net.nameOf));
  return [...new Set(asked.map((rule) => tableName(rule.table)))];
}

/**
 * The type of an address, on whichever device it is; asked for one device, it is unicast where it belongs to another.
 * Models net/ipv4/fib_frontend.c __inet_dev_addr_type().
 */
export function addressType(
  net: Net,
  address: Ipv4,
  device?: NetDevice,
): 'local' | 'broadcast' | 'multicast' | 'unicast' {
  if (address === ANY || isLimitedBroadcast(address)) return 'broadcast';
  if (isMulticast(address)) return 'multicast';
  const entry = entryOf(net, address);
  if (device !== undefined && entry?.device !== device) return 'unicast';
  const type = entry?.type;
  return type === 'local' || type === 'broadcast' || type === 'multicast' ? type : 'unicast';
}

/** The kernel asks table local, which is merged with main until a rule is added. */
function entryOf(net: Net, address: Ipv4): FibEntry | undefined {
  const main = net.hasCustomRules ? undefined : net.mainTable;
  return fibTableLookup(net.localTable, main, flowTo(address));
}

/** The device to which a local address belongs: by that comes what this namespace sends to itself, over lo though it goes (rt_iif). */
export function localDevice(net: Net, address: Ipv4): NetDevice | undefined {
  return entryOf(net, address)?.device;
}

/** A flow that asks for a destination only. */
export function flowTo(destination: Ipv4): Flow {
  return {
    destination,
    source: 0,
    iif: 0,
    oif: 0,
    mark: 0,
    tos: 0,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
    scope: 0,
  };
}

/**
 * An address of `device` to send from, near `destination` if it has one there, of a scope not beyond `scope`; else of
 * another device. 0 when there is none. Models net/ipv4/devinet.c inet_select_addr().
 */
export function selectAddress(net: Net, device: NetDevice, destination: Ipv4, scope: Scope): Ipv4 {
  // With route_localnet an address of host scope serves on the link.
  const farthest = inDevice(device).routeLocalnet ? SCOPE_LINK : SCOPE_HOST;
  let first = 0;
  for (const entry of net.addressesOf(device)) {
    if (entry.secondary || Math.min(entry.scope, farthest) > scope) continue;
    if (destination === 0 || contains(entry.prefix, destination)) {
      return entry.address;
    }
    if (first === 0) first = entry.address;
  }
  return first === 0 ? selectElsewhere(net, scope) : first;
}

/** Of the other devices, in the order they were registered: lo, the first, may lend an address that is not 127.0.0.1. */
function selectElsewhere(net: Net, scope: Scope): Ipv4 {
  for (const device of net.devices) {
    for (const entry of net.addresses) {
      const serves = entry.device === device && !entry.secondary && entry.scope !== SCOPE_LINK;
      if (serves && entry.scope <= scope) return entry.address;
    }
  }
  return 0;
}

/** The source address that an entry implies (net/ipv4/fib_semantics.c fib_result_prefsrc()). */
export function preferredSource(net: Net, entry: FibEntry): Ipv4 {
  if (entry.prefsrc !== 0) return entry.prefsrc;
  if (entry.device === undefined) return 0;
  return selectAddress(net, entry.device, entry.gateway, entry.scope);
}
