import type { Errno } from '../core/errno.ts';
import { BridgeDevice } from '../link/bridge.ts';
import type { NetDevice } from '../link/device.ts';
import { type Ipv4, isLoopback, LOOPBACK, type Prefix, prefixOf } from '../wire/address.ts';
import { isGroupMac, type Mac, ZERO_MAC } from '../wire/mac.ts';
import type { InterfaceAddressEntry, ShownAddress } from './address-table.ts';
import { arpAnnounce } from './forwarding/arp.ts';
import { enableBridgeNetfilter } from './forwarding/bridge-netfilter.ts';
import {
  addAddressRoutes,
  insertRoute,
  removeAddressRoutes,
  removeDeviceRoutes,
  removeRoute,
  sameAs,
} from './forwarding/fib-frontend.ts';
import type { FibRule } from './forwarding/fib-rules.ts';
import { createFibEntry, type RouteRequest } from './forwarding/fib-semantics.ts';
import { type RouteType, SCOPE_GLOBAL, SCOPE_HOST, type Scope } from './forwarding/fib-table.ts';
import { forgetMasqueraded } from './forwarding/nat/masquerade.ts';
import { Ipv4Device, inDevice } from './in-device.ts';
import type { Net } from './net.ts';
import type { SysctlValue } from './sysctl.ts';

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
  device.backlogLimit = net.sysctls.core;
  device.onCarrier = () => carrierChanged(net, device);
  device.onMac = () => macChanged(net, device);
  net.deviceTable.add(device);
  device.inDevice = new Ipv4Device(net.sysctls.of(device.name), net.sysctls.all);
  net.sysctls.neighbourOf(device.name);
  if (net.filtersBridges) enableBridgeNetfilter(net);
  return undefined;
}

/** Takes a device out: addresses, routes and neighbours go with it (unregister_netdevice). */
export function unregisterDevice(net: Net, device: NetDevice): void {
  setLink(net, device, false);
  for (const entry of [...net.addressesOf(device)]) removeAddress(net, entry);
  removeDeviceRoutes(net, device, true);
  net.deviceTable.remove(device);
  device.receiver = undefined;
  device.onCarrier = undefined;
  device.onMac = undefined;
}

/** 127.0.0.1/8. */
/** The address of lo (net/ipv4/devinet.c inetdev_event()). */
export const LOOPBACK_ADDRESS = { address: LOOPBACK, length: 8 } as const;

/**
 * `ip link set DEV up|down`. Down takes the routes over it away, but for those to its own addresses; up brings back only
 * those its addresses make.
 */
export function setLink(net: Net, device: NetDevice, up: boolean): void {
  if (device.up === up) return;
  device.setUp(up);
  if (up) {
    for (const entry of net.addressesOf(device)) addAddressRoutes(net, entry);
    // A loopback device without any address gets its own back (inetdev_event).
    if (device.isLoopback && net.addressesOf(device).length === 0) addAddress(net, device, LOOPBACK_ADDRESS);
    if (inDevice(device).arpNotify && device.carrier) announce(net, device);
  } else {
    removeDeviceRoutes(net, device, false);
    forgetMasqueraded(net, device);
    neighboursDown(net, device);
  }
}

/** The least MTU of a device that carries IPv4, and the greatest, in bytes (ETH_MIN_MTU, ETH_MAX_MTU). */
const MTU = { least: 68, greatest: 65535 } as const;

/** `ip link set DEV mtu N`. */
export function setMtu(net: Net, device: NetDevice, mtu: number): ControlError | undefined {
  if (!device.isLoopback && mtu < MTU.least) return { errno: 'EINVAL', message: 'mtu less than device minimum.' };
  if (!device.isLoopback && mtu > MTU.greatest) return { errno: 'EINVAL', message: 'mtu greater than device maximum.' };
  // What it is already is no choice of the user: a bridge goes on following its ports.
  if (mtu === device.mtu) return undefined;
  device.setMtu(mtu);
  net.parts.pathMtu.flush();
  return undefined;
}

/** `ip link set DEV address MAC`. */
export function setMac(device: NetDevice, mac: Mac): ControlError | undefined {
  if (device.linkType !== 'ether') return { errno: 'EOPNOTSUPP' };
  if (isGroupMac(mac) || mac === ZERO_MAC) return { errno: 'EADDRNOTAVAIL' };
  device.setMac(mac);
  return undefined;
}

/** `ip link set DEV master BRIDGE`, or `nomaster` for undefined. Models do_set_master() and br_add_if(). */
export function setMaster(net: Net, device: NetDevice, master: NetDevice | undefined): ControlError | undefined {
  const before = device.rxHandler?.bridge;
  if (before instanceof BridgeDevice) before.removePort(device);
  net.parts.pathMtu.flush();
  if (master === undefined) return undefined;
  if (!(master instanceof BridgeDevice)) return { errno: 'EOPNOTSUPP' };
  if (device.linkType !== 'ether') return { errno: 'EINVAL' };
  if (device instanceof BridgeDevice) return { errno: 'ELOOP', message: 'Can not enslave a bridge to a bridge.' };
  master.addPort(device);
  return undefined;
}

/** Nobody has the old one any more: neighbours are asked afresh, and may be told (arp_netdev_event, inetdev_event). */
function macChanged(net: Net, device: NetDevice): void {
  net.parts.neighbours.flush(device, false);
  if (device.up && inDevice(device).arpNotify) announce(net, device);
}

/** Models neigh_ifdown(). */
function neighboursDown(net: Net, device: NetDevice): void {
  net.parts.neighbours.flush(device, false);
  net.parts.proxies.forget(device);
}

function carrierChanged(net: Net, device: NetDevice): void {
  // A carrier that comes back is no news to arp_notify (inetdev_event() hears NETDEV_UP, not NETDEV_CHANGE).
  if (!device.carrier && inDevice(device).arpEvictNocarrier) net.parts.neighbours.flush(device, true);
}

function announce(net: Net, device: NetDevice): void {
  for (const entry of net.addressesOf(device)) arpAnnounce(net, device, entry.address);
}

/**
 * `ip addr add`. `scope` is host for 127.0.0.0/8 unless given, as iproute2 chooses it.
 * Models net/ipv4/devinet.c __inet_insert_ifa().
 */
export function addAddress(
  net: Net,
  device: NetDevice,
  address: { readonly address: Ipv4; readonly length: number },
  scope: Scope = isLoopback(address.address) ? SCOPE_HOST : SCOPE_GLOBAL,
  shown: ShownAddress = {},
): ControlError | undefined {
  const prefix = prefixOf(address.address, address.length);
  const own = net.addressesOf(device);
  const inSubnet = own.filter((entry) => samePrefix(entry.prefix, prefix));
  if (inSubnet.some((other) => other.address === address.address)) {
    return { errno: 'EEXIST', message: 'ipv4: Address already assigned.' };
  }
  if (inSubnet.some((other) => other.scope !== scope))
    return { errno: 'EINVAL', message: 'ipv4: Invalid scope value.' };
  const secondary = inSubnet.length > 0;
  const entry: InterfaceAddressEntry = { device, address: address.address, prefix, scope, secondary, shown };
  // The nearest scope stands first, and secondary addresses last: source selection takes the first that fits.
  const next = secondary ? undefined : own.find((other) => other.secondary || other.scope < scope);
  net.addressTable.insert(entry, next);
  addAddressRoutes(net, entry);
  return undefined;
}

/** `ip addr del`. With the primary address of a subnet its secondary ones go too unless promote_secondaries is set. */
export function deleteAddress(net: Net, device: NetDevice, address: Ipv4, length: number): ControlError | undefined {
  const prefix = prefixOf(address, length);
  const own = net.addressesOf(device);
  const entry = own.find((other) => other.address === address && samePrefix(other.prefix, prefix));
  if (entry === undefined) return { errno: 'EADDRNOTAVAIL', message: 'ipv4: Address not found.' };
  const others = entry.secondary ? [] : own.filter((one) => one.secondary && samePrefix(one.prefix, prefix));
  if (others.length > 0 && inDevice(device).promoteSecondaries) {
    promoteSecondaries(net, entry, others);
    return undefined;
  }
  for (const other of others) removeAddress(net, other);
  removeAddress(net, entry);
  return undefined;
}

/** The first of the secondary addresses takes the place of the one that goes (__inet_del_ifa). */
function promoteSecondaries(net: Net, gone: InterfaceAddressEntry, others: readonly InterfaceAddressEntry[]): void {
  const { device, address } = gone;
  for (const entry of [...others, gone]) {
    removeAddressRoutes(net, entry);
    net.addressTable.remove(entry);
  }
  forgetMasqueraded(net, device, address);
  for (const { address, prefix, scope, shown } of others) {
    addAddress(net, device, { address, length: prefix.length }, scope, shown);
  }
}

/** `ip addr flush dev DEV`. */
export function flushAddresses(net: Net, device: NetDevice): void {
  for (const entry of [...net.addressesOf(device)]) deleteAddress(net, device, entry.address, entry.prefix.length);
}

function removeAddress(net: Net, entry: InterfaceAddressEntry): void {
  removeAddressRoutes(net, entry);
  net.addressTable.remove(entry);
  forgetMasqueraded(net, entry.device, entry.address);
  if (net.addressesOf(entry.device).length > 0) return;
  // With its last address a device is no longer one of IP (fib_inetaddr_event calls fib_disable_ip).
  removeDeviceRoutes(net, entry.device, true);
  neighboursDown(net, entry.device);
}

/**
 * What becomes of a route where one of the same prefix and metric is there: `add` is refused, `append` and `prepend`
 * stand after and before it, `replace` takes its place, `change` does so too and demands that it is there.
 */
export type RouteVerb = 'add' | 'append' | 'prepend' | 'replace' | 'change';

/** `ip route add` and its kin. Models net/ipv4/fib_trie.c fib_table_insert(). */
export function addRoute(net: Net, request: RouteRequest, verb: RouteVerb = 'add'): ControlError | undefined {
  // Even a route that is refused leaves its table behind (inet_rtm_newroute).
  const table = net.table(request.table);
  const made = createFibEntry(net, request);
  if ('errno' in made) return made;
  const same = table.at(made.prefix).filter((entry) => entry.metric === made.metric);
  const [first] = same;
  const twin = same.find(sameAs(made));
  if (first === undefined && verb === 'change') return { errno: 'ENOENT' };
  if (first !== undefined && verb === 'add') return { errno: 'EEXIST' };
  const replaces = verb === 'replace' || verb === 'change';
  if (twin !== undefined) return replaces && twin === first ? undefined : { errno: 'EEXIST' };
  insertRoute(net, made, verb === 'append' ? undefined : first);
  if (replaces && first !== undefined) removeRoute(net, first);
  if (made.type === 'local') net.hasCustomLocalRoutes = true;
  return undefined;
}

/** Which routes `ip route del` means: undefined selectors match any. */
export interface RouteSelector {
  readonly prefix: Prefix;
  readonly table: number;
  readonly gateway?: Ipv4;
  readonly device?: string;
  readonly metric?: number;
  readonly type?: RouteType;
  readonly scope?: Scope;
  readonly prefsrc?: Ipv4;
  readonly protocol?: string;
}

/** `ip route del`: the first route that fits. Models fib_table_delete(). */
export function deleteRoute(net: Net, selector: RouteSelector): ControlError | undefined {
  const table = net.tables.get(selector.table);
  if (table === undefined) return { errno: 'ESRCH', message: 'FIB table does not exist.' };
  const entry = table
    .at(selector.prefix)
    .find(
      (other) =>
        (selector.gateway === undefined || other.gateway === selector.gateway) &&
        (selector.device === undefined || other.device?.name === selector.device) &&
        (selector.metric === undefined || other.metric === selector.metric) &&
        (selector.type === undefined || other.type === selector.type) &&
        (selector.scope === undefined || other.scope === selector.scope) &&
        (selector.prefsrc === undefined || other.prefsrc === selector.prefsrc) &&
        (selector.protocol === undefined || other.protocol === selector.protocol),
    );
  if (entry === undefined) return { errno: 'ESRCH' };
  removeRoute(net, entry);
  return undefined;
}

/** `ip route flush`: every route of a table (of all for undefined), over `device` where it is given. */
export function flushRoutes(net: Net, table: number | undefined, device?: NetDevice): ControlError | undefined {
  const tables = table === undefined ? [...net.tables.values()] : [net.tables.get(table)];
  for (const one of tables) {
    if (one === undefined) return { errno: 'ENOENT', message: 'ipv4: FIB table does not exist.' };
    for (const entry of [...one.entries()]) {
      if (device === undefined || entry.device === device) removeRoute(net, entry);
    }
  }
  return undefined;
}

/** `ip route flush cache`: forgets path MTUs and redirects (rt_cache_flush). */
export function flushRouteCache(net: Net): undefined {
  net.parts.pathMtu.flush();
}

/** `ip rule add`. The first one splits local and main for the life of the namespace (fib_unmerge). */
export function addRule(net: Net, rule: FibRule): ControlError | undefined {
  if (net.rules.some((other) => coveredBy(other, rule))) return { errno: 'EEXIST' };
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

/**
 * Whether `rule` counts as there already: `not` is not compared, and prefixes only where `rule` has them (rule_exists).
 * Not modelled: the kernel's own three rules never count.
 */
function coveredBy(other: FibRule, rule: FibRule): boolean {
  const { not: _, from, to, ...exact } = rule;
  return fits(other, { ...exact, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
}

/** The priority `ip rule add` gives where none is named: one less than the first rule after `local`. */
export function freeRulePriority(net: Net): number {
  const second = net.rules[1];
  return second === undefined || second.priority === 0 ? 0 : second.priority - 1;
}

/** `ip neigh replace ADDRESS lladdr MAC dev DEV nud STATE`; `add` refuses one that is there already. */
export function addNeighbour(
  net: Net,
  device: NetDevice,
  address: Ipv4,
  mac: Mac,
  verb: 'add' | 'replace' = 'replace',
  state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'FAILED' = 'PERMANENT',
): ControlError | undefined {
  if (device.noArp || device.isLoopback) return { errno: 'EINVAL' };
  if (verb === 'add' && net.parts.neighbours.lookup(device, address) !== undefined) return { errno: 'EEXIST' };
  return net.parts.neighbours.set(device, address, mac, state) ? undefined : { errno: 'ENOBUFS' };
}

/** `ip neigh add|replace|del proxy ADDRESS [dev DEV]`. Models the part of neigh_add() and neigh_delete() with NTF_PROXY. */
export function changeProxy(
  net: Net,
  device: NetDevice | undefined,
  address: Ipv4,
  verb: 'add' | 'replace' | 'del',
): ControlError | undefined {
  if (verb === 'del') return net.parts.proxies.remove(address, device) ? undefined : { errno: 'ENOENT' };
  net.parts.proxies.add(address, device);
  return undefined;
}

/** `ip neigh del`. */
export function deleteNeighbour(net: Net, device: NetDevice, address: Ipv4): ControlError | undefined {
  return net.parts.neighbours.remove(device, address) ? undefined : { errno: 'ENOENT' };
}

/** `ip neigh flush`: each entry that is not permanent, and not of a group, is deleted, of one device or of all. */
export function flushNeighbours(net: Net, device: NetDevice | undefined): void {
  for (const neighbour of net.parts.neighbours.list()) {
    const stays = neighbour.state === 'PERMANENT' || neighbour.state === 'NOARP';
    if (stays || (device !== undefined && neighbour.device !== device)) continue;
    deleteNeighbour(net, neighbour.device, neighbour.address);
  }
}

/** `sysctl -w`. */
export function setSysctl(net: Net, key: string, value: SysctlValue): ControlError | undefined {
  const errno = net.sysctls.write(key, value);
  if (errno === undefined) {
    enableBridgeNetfilter(net);
    return undefined;
  }
  if (errno === 'EINVAL') return { errno, message: `setting key "${key}": Invalid argument` };
  const path = key.includes('/') ? key : key.replaceAll('.', '/');
  return { errno, message: `cannot stat /proc/sys/${path}: No such file or directory` };
}

/** The namespace ends with everything in it: what its queues hold is dropped. */
export function destroyNamespace(net: Net): void {
  net.dead = true;
  net.parts.tcp.destroy();
  for (const device of [...net.devices]) unregisterDevice(net, device);
  net.parts.reassembler.purge('kernel:QUEUE_PURGE');
}

function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.network === b.network && a.length === b.length;
}
