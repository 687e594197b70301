import type { NetDevice } from '../../link/device.ts';
import { type Ipv4, lastAddress, type Prefix } from '../../wire/address.ts';
import type { InterfaceAddressEntry } from '../address-table.ts';
import type { Net } from '../net.ts';
import {
  FibEntry,
  FibInfo,
  type RouteType,
  SCOPE_HOST,
  SCOPE_LINK,
  type Scope,
  TABLE_LOCAL,
  TABLE_MAIN,
} from './fib-table.ts';

/** Enters a route, before `before` where given, else after those of its metric. What was learnt of paths is void. */
export function insertRoute(net: Net, entry: FibEntry, before?: FibEntry): void {
  net.table(entry.table).insert(entry, before);
  net.parts.pathMtu.flush();
}

export function removeRoute(net: Net, entry: FibEntry): void {
  net.table(entry.table).remove(entry);
  net.parts.pathMtu.flush();
}

/** Makes the routes of an address that are not there yet. Models net/ipv4/fib_frontend.c fib_add_ifaddr(). */
export function addAddressRoutes(net: Net, address: InterfaceAddressEntry): void {
  for (const route of routesOf(net, address, address.device.up)) {
    if (!net.table(route.table).at(route.prefix).some(sameAs(route))) insertRoute(net, route);
  }
}

/**
 * Takes away what an address made, but for what another address of its device makes as well. The address itself is
 * still, or no longer, in the list of the namespace. Models fib_del_ifaddr() and fib_sync_down_addr().
 */
export function removeAddressRoutes(net: Net, address: InterfaceAddressEntry): void {
  const others = net.addressesOf(address.device).filter((other) => other !== address);
  const kept = others.flatMap((other) => routesOf(net, other, true));
  for (const route of routesOf(net, address, true)) {
    if (kept.some(sameAs(route))) continue;
    const present = net.table(route.table).at(route.prefix).find(sameAs(route));
    if (present !== undefined) removeRoute(net, present);
  }
  if (net.addresses.some((other) => other !== address && other.address === address.address)) return;
  // Of routes that prefer an address which is gone, the kernel flushes those of table main only.
  for (const entry of [...net.table(TABLE_MAIN).entries()]) {
    if (entry.prefsrc === address.address) removeRoute(net, entry);
  }
}

/**
 * Routes over a device that is down: those with host scope stay until it is gone, so that addresses of a device which
 * is down are still local. Models net/ipv4/fib_semantics.c fib_sync_down_dev().
 */
export function removeDeviceRoutes(net: Net, device: NetDevice, gone: boolean): void {
  for (const table of net.tables.values()) {
    for (const entry of [...table.entries()]) {
      if (entry.device === device && (gone || entry.scope !== SCOPE_HOST)) removeRoute(net, entry);
    }
  }
}

/** The routes an address stands for; while its device is not up only that to itself. */
function routesOf(net: Net, entry: InterfaceAddressEntry, up: boolean): FibEntry[] {
  const { device, address, prefix } = entry;
  const prefsrc = primaryOf(net, entry);
  const kernels = { gateway: 0, hasOwnGateway: false, metric: 0, protocol: 'kernel', onlink: false };
  const route = (type: RouteType, to: Prefix, table: number, scope: Scope): FibEntry =>
    new FibEntry(to, table, new FibInfo({ type, device, scope, prefsrc, ...kernels }));
  const routes = [route('local', { network: address, length: 32 }, TABLE_LOCAL, SCOPE_HOST)];
  if (!up || entry.secondary || prefix.network === 0 || prefix.length === 32) return routes;
  if (device.isLoopback) routes.push(route('local', prefix, TABLE_LOCAL, SCOPE_HOST));
  else routes.push(route('unicast', prefix, TABLE_MAIN, SCOPE_LINK));
  const broadcast = { network: lastAddress(prefix), length: 32 };
  if (prefix.length < 31) routes.push(route('broadcast', broadcast, TABLE_LOCAL, SCOPE_LINK));
  return routes;
}

/** The address of a subnet that its other ones are secondary to (inet_ifa_byprefix). */
function primaryOf(net: Net, entry: InterfaceAddressEntry): Ipv4 {
  if (!entry.secondary) return entry.address;
  const { network, length } = entry.prefix;
  const primary = net.addresses.find(
    ({ device, prefix, secondary }) =>
      !secondary && device === entry.device && prefix.network === network && prefix.length === length,
  );
  return primary?.address ?? entry.address;
}

/** Whether a route is, but for its place in the table, the same one. */
export function sameAs(route: FibEntry): (other: FibEntry) => boolean {
  return (other) =>
    other.type === route.type &&
    other.table === route.table &&
    other.network === route.network &&
    other.length === route.length &&
    other.device === route.device &&
    other.gateway === route.gateway &&
    other.scope === route.scope &&
    other.prefsrc === route.prefsrc &&
    other.metric === route.metric &&
    other.protocol === route.protocol &&
    other.onlink === route.onlink;
}
