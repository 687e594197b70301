import type { Errno } from '../core/errno.ts';
import type { NetDevice } from '../link/device.ts';
import { type Ipv4, isLoopback, lastAddress, type Prefix, prefixOf } from '../wire/address.ts';
import type { Mac } from '../wire/mac.ts';
import { arpAnnounce } from './forwarding/arp.ts';
import { addressType, fibLookup, flowTo } from './forwarding/fib-lookup.ts';
import type { FibRule } from './forwarding/fib-rules.ts';
import {
  type FibEntry,
  type RouteType,
  SCOPE_GLOBAL,
  SCOPE_HOST,
  SCOPE_LINK,
  type Scope,
  TABLE_LOCAL,
  TABLE_MAIN,
} from './forwarding/fib-table.ts';
import type { InterfaceAddressEntry, Net } from './net.ts';

/**
 * Why the kernel refused a change: the errno behind "RTNETLINK answers: ...", and where the kernel says more, its
 * extended message.
 */
export interface ControlError {
  readonly errno: Errno;
  readonly message?: string;
}

/*
 * The control interface of a namespace: what netlink and sysctl offer, and all that changes its state. Each function
 * gives undefined when the change was made.
 */

/** Puts a device into the namespace (register_netdevice). It is down and has no address. */
export function registerDevice(net: Net, device: NetDevice): ControlError | undefined {
  if (net.device(device.name) !== undefined) return { errno: 'EEXIST' };
  device.ifindex = net.takeIfindex();
  device.place = net.place;
  device.receiver = net;
  device.onCarrier = () => carrierChanged(net, device);
  net.devices.push(device);
  net.sysctls.of(device.name);
  return undefined;
}

/** Takes a device out: addresses, routes and neighbours go with it (unregister_netdevice). */
export function unregisterDevice(net: Net, device: NetDevice): void {
  setLink(net, device, false);
  for (const entry of net.addressesOf(device)) removeAddress(net, entry);
  net.devices.splice(net.devices.indexOf(device), 1);
  device.receiver = undefined;
  device.onCarrier = undefined;
}

/** `ip link set DEV up|down`. Down takes the routes over it away; up brings back only those its addresses make. */
export function setLink(net: Net, device: NetDevice, up: boolean): void {
  if (device.up === up) return;
  device.setUp(up);
  if (up) {
    for (const entry of net.addressesOf(device)) addAddressRoutes(net, entry);
    if (net.sysctls.either(device.name, 'arp_notify') && device.carrier) announce(net, device);
  } else {
    for (const table of net.tables.values()) {
      for (const entry of [...table.entries()]) if (entry.device === device) removeEntry(net, entry);
    }
    net.parts.neighbours.flush(device, false);
  }
}

function carrierChanged(net: Net, device: NetDevice): void {
  if (!device.carrier) net.parts.neighbours.flush(device, true);
  else if (net.sysctls.either(device.name, 'arp_notify')) announce(net, device);
}

function announce(net: Net, device: NetDevice): void {
  for (const entry of net.addressesOf(device)) arpAnnounce(net, device, entry.address);
}

/** `ip addr add`. `scope` is host for 127.0.0.0/8 unless given, as iproute2 chooses it. */
export function addAddress(
  net: Net,
  device: NetDevice,
  address: { readonly address: Ipv4; readonly length: number },
  scope: Scope = isLoopback(address.address) ? SCOPE_HOST : SCOPE_GLOBAL,
): ControlError | undefined {
  const prefix = prefixOf(address.address, address.length);
  const own = net.addressesOf(device);
  const inSubnet = own.filter((entry) => samePrefix(entry.prefix, prefix));
  if (inSubnet.some((entry) => entry.address === address.address)) return { errno: 'EEXIST' };
  const entry: InterfaceAddressEntry = {
    device,
    address: address.address,
    prefix,
    scope,
    secondary: inSubnet.length > 0,
  };
  // Primary addresses stand before secondary ones: source selection takes the first that fits.
  const secondaries = net.addresses.findIndex((other) => other.device === device && other.secondary);
  if (entry.secondary || secondaries < 0) net.addresses.push(entry);
  else net.addresses.splice(secondaries, 0, entry);
  if (device.up) addAddressRoutes(net, entry);
  return undefined;
}

/** `ip addr del`. With the primary address of a subnet its secondary ones go too (promote_secondaries is 0). */
export function deleteAddress(net: Net, device: NetDevice, address: Ipv4, length: number): ControlError | undefined {
  const prefix = prefixOf(address, length);
  const own = net.addressesOf(device);
  const entry = own.find((other) => other.address === address && samePrefix(other.prefix, prefix));
  if (entry === undefined) return { errno: 'EADDRNOTAVAIL', message: 'Address not found.' };
  if (!entry.secondary) {
    for (const other of own) if (other.secondary && samePrefix(other.prefix, prefix)) removeAddress(net, other);
  }
  removeAddress(net, entry);
  return undefined;
}

function removeAddress(net: Net, address: InterfaceAddressEntry): void {
  net.addresses.splice(net.addresses.indexOf(address), 1);
  for (const table of net.tables.values()) {
    for (const entry of [...table.entries()]) {
      const made = entry.device === address.device && entry.protocol === 'kernel' && isMadeBy(entry, address, net);
      // Routes that prefer the address go with it (fib_sync_down_addr), unless another interface still has it.
      const prefers = entry.prefsrc === address.address && !net.hasAddress(address.address);
      if (made || prefers) removeEntry(net, entry);
    }
  }
}

function isMadeBy(entry: FibEntry, address: InterfaceAddressEntry, net: Net): boolean {
  if (entry.prefsrc !== address.address) return false;
  return !net.addresses.some((other) => other.device === address.device && other.address === address.address);
}

/** The routes of an address. Models net/ipv4/fib_frontend.c fib_add_ifaddr(). */
function addAddressRoutes(net: Net, entry: InterfaceAddressEntry): void {
  const { device, address, prefix } = entry;
  const base = { device, gateway: 0, metric: 0, protocol: 'kernel', onlink: false } as const;
  const add = (type: RouteType, to: Prefix, table: number, scope: Scope, prefsrc: Ipv4): void => {
    const wanted: FibEntry = { ...base, type, prefix: to, table, scope, prefsrc };
    const exists = net
      .table(table)
      .at(to)
      .some((other) => other.device === device && other.prefsrc === prefsrc);
    if (!exists) insertEntry(net, wanted);
  };
  add('local', { network: address, length: 32 }, TABLE_LOCAL, SCOPE_HOST, address);
  if (entry.secondary) return;
  if (prefix.length < 32 && prefix.network >>> 24 !== 0) {
    if (device.isLoopback) add('local', prefix, TABLE_LOCAL, SCOPE_HOST, address);
    else add('unicast', prefix, TABLE_MAIN, SCOPE_LINK, address);
  }
  if (prefix.length < 31) {
    add('broadcast', { network: lastAddress(prefix), length: 32 }, TABLE_LOCAL, SCOPE_LINK, address);
  }
}

/** What `ip route add` names; the rest is worked out as the kernel does. */
export interface RouteRequest {
  readonly type: RouteType;
  readonly prefix: Prefix;
  readonly gateway: Ipv4;
  /** '' leaves it to the gateway. */
  readonly device: string;
  readonly table: number;
  readonly scope: Scope | undefined;
  readonly prefsrc: Ipv4;
  readonly metric: number;
  readonly protocol: string;
  readonly onlink: boolean;
}

/** `ip route add` (or `replace`). Models fib_table_insert() and fib_create_info() with its checks. */
export function addRoute(net: Net, request: RouteRequest, replace = false): ControlError | undefined {
  const made = entryOf(net, request);
  if ('errno' in made) return made;
  const same = net
    .table(request.table)
    .at(request.prefix)
    .find((entry) => entry.metric === request.metric);
  if (same !== undefined && !replace) return { errno: 'EEXIST' };
  if (same !== undefined) removeEntry(net, same);
  insertEntry(net, made);
  if (made.type === 'local') net.hasCustomLocalRoutes = true;
  return undefined;
}

const WITHOUT_DEVICE: readonly RouteType[] = ['blackhole', 'unreachable', 'prohibit', 'throw'];

function entryOf(net: Net, request: RouteRequest): FibEntry | ControlError {
  const { type, gateway, prefsrc } = request;
  let device = request.device === '' ? undefined : net.device(request.device);
  if (request.device !== '' && device === undefined) return { errno: 'ENODEV', message: 'Cannot find device.' };
  if (prefsrc !== 0 && addressType(net, prefsrc) !== 'local') {
    return { errno: 'EINVAL', message: 'Invalid prefsrc address.' };
  }
  if (!WITHOUT_DEVICE.includes(type)) {
    if (gateway === 0 && device === undefined) return { errno: 'ENODEV', message: 'Device for nexthop is not up.' };
    if (gateway !== 0) {
      const reached = checkGateway(net, gateway, device, request.onlink);
      if ('errno' in reached) return reached;
      device = reached.device;
    }
    if (device !== undefined && !device.up) return { errno: 'ENETDOWN', message: 'Device for nexthop is not up.' };
  }
  const scope = request.scope ?? defaultScope(type, gateway);
  const { prefix, table, metric, protocol, onlink } = request;
  return { prefix, type, table, device, gateway, scope, prefsrc, metric, protocol, onlink };
}

/** Models fib_check_nh_gw(): the gateway must be a neighbour, and not ourselves. */
function checkGateway(
  net: Net,
  gateway: Ipv4,
  device: NetDevice | undefined,
  onlink: boolean,
): { readonly device: NetDevice } | ControlError {
  if (onlink) {
    if (device === undefined) return { errno: 'ENODEV', message: 'Nexthop device required for onlink.' };
    return { device };
  }
  const result = fibLookup(net, {
    ...flowTo(gateway),
    oif: device?.ifindex ?? 0,
    iif: net.loopback.ifindex,
    scope: SCOPE_LINK,
  });
  if ('errno' in result) return { errno: 'ENETUNREACH', message: 'Nexthop has invalid gateway.' };
  const { entry } = result;
  if (entry.type !== 'unicast' || entry.device === undefined) {
    return { errno: 'EINVAL', message: 'Nexthop has invalid gateway.' };
  }
  return { device: entry.device };
}

/** What iproute2 fills in: host for local, link for what is on the wire, global for what has a gateway. */
function defaultScope(type: RouteType, gateway: Ipv4): Scope {
  if (type === 'local') return SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast') return SCOPE_LINK;
  return type === 'unicast' && gateway === 0 ? SCOPE_LINK : SCOPE_GLOBAL;
}

/** Which routes `ip route del` means: undefined selectors match any. */
export interface RouteSelector {
  readonly prefix: Prefix;
  readonly table: number;
  readonly gateway?: Ipv4;
  readonly device?: string;
  readonly metric?: number;
  readonly type?: RouteType;
  readonly prefsrc?: Ipv4;
}

/** `ip route del`: the first route that fits. Models fib_table_delete(). */
export function deleteRoute(net: Net, selector: RouteSelector): ControlError | undefined {
  const entry = net
    .table(selector.table)
    .at(selector.prefix)
    .find(
      (other) =>
        (selector.gateway === undefined || other.gateway === selector.gateway) &&
        (selector.device === undefined || other.device?.name === selector.device) &&
        (selector.metric === undefined || other.metric === selector.metric) &&
        (selector.type === undefined || other.type === selector.type) &&
        (selector.prefsrc === undefined || other.prefsrc === selector.prefsrc),
    );
  if (entry === undefined) return { errno: 'ESRCH' };
  removeEntry(net, entry);
  return undefined;
}

function insertEntry(net: Net, entry: FibEntry): void {
  net.table(entry.table).insert(entry);
  net.parts.pathMtu.flush();
}

function removeEntry(net: Net, entry: FibEntry): void {
  net.table(entry.table).remove(entry);
  net.parts.pathMtu.flush();
}

/** `ip rule add`. The first one splits local and main for the life of the namespace (fib_unmerge). */
export function addRule(net: Net, rule: FibRule): ControlError | undefined {
  if (net.rules.some((other) => sameRule(other, rule))) return { errno: 'EEXIST' };
  const index = net.rules.findIndex((other) => other.priority > rule.priority);
  net.rules.splice(index < 0 ? net.rules.length : index, 0, rule);
  net.hasCustomRules = true;
  net.parts.pathMtu.flush();
  return undefined;
}

/** `ip rule del`: the first rule that fits every selector named. */
export function deleteRule(net: Net, selector: Partial<FibRule>): ControlError | undefined {
  const index = net.rules.findIndex((rule) => fits(rule, selector));
  if (index < 0) return { errno: 'ENOENT' };
  net.rules.splice(index, 1);
  // Deleting even one of the three default rules counts as a rule change (fib4_rule_delete calls fib_unmerge).
  net.hasCustomRules = true;
  net.parts.pathMtu.flush();
  return undefined;
}

function fits(rule: FibRule, selector: Partial<FibRule>): boolean {
  return Object.entries(selector).every(
    ([key, value]) => JSON.stringify(rule[key as keyof FibRule]) === JSON.stringify(value),
  );
}

function sameRule(a: FibRule, b: FibRule): boolean {
  return fits(a, b);
}

/** The priority `ip rule add` gives where none is named: one less than the first rule after `local`. */
export function freeRulePriority(net: Net): number {
  const second = net.rules[1];
  return second === undefined || second.priority === 0 ? 0 : second.priority - 1;
}

/** `ip neigh replace ADDRESS lladdr MAC dev DEV nud permanent`. */
export function addNeighbour(net: Net, device: NetDevice, address: Ipv4, mac: Mac): ControlError | undefined {
  if (device.noArp || device.isLoopback) return { errno: 'EINVAL' };
  net.parts.neighbours.addPermanent(device, address, mac);
  return undefined;
}

/** `ip neigh del`. */
export function deleteNeighbour(net: Net, device: NetDevice, address: Ipv4): ControlError | undefined {
  return net.parts.neighbours.remove(device, address) ? undefined : { errno: 'ENOENT' };
}

/** `sysctl -w`. */
export function setSysctl(net: Net, key: string, value: number): ControlError | undefined {
  return net.sysctls.write(key, value) ? undefined : { errno: 'ENOENT', message: `cannot stat ${key}` };
}

/** The namespace ends with everything in it: what its queues hold is dropped. */
export function destroyNamespace(net: Net): void {
  net.dead = true;
  for (const device of [...net.devices]) unregisterDevice(net, device);
  net.parts.reassembler.purge('kernel:QUEUE_PURGE');
}

function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.network === b.network && a.length === b.length;
}
