import type { DeviceReasons, NetDevice } from '../link/device.ts';
import {
  contains,
  formatIpv4,
  type InterfaceAddress,
  type Ipv4,
  isLoopback,
  isMulticast,
  lastAddress,
  type Prefix,
  prefixOf,
} from '../wire/address.ts';
import type { Comware } from './comware.ts';
import type { StaticRoute } from './forwarding/fib.ts';
import { ComwareInterface } from './forwarding/interface.ts';
import type { InterfaceName } from './forwarding/interface-name.ts';
import { downloadListenerRules } from './kernel-link/downloaded-rules.ts';
import { attachInterface, detachInterface, followState, refreshDefaultRoute } from './kernel-link/kernel-link.ts';
import { forgetAddress } from './nat-configuration.ts';

/*
 * What the command line of the device can change. Each function gives undefined, or the sentence with which the device
 * refuses; a refused command changes nothing.
 */

const PORT_REASONS: DeviceReasons = {
  down: 'comware:INTERFACE_DOWN',
  noCarrier: 'comware:INTERFACE_DOWN',
  tooShort: 'comware:FRAME_TOO_SHORT',
};

/** A physical port becomes an interface; it is up unless shut down. */
export function addPort(cw: Comware, name: InterfaceName, port: NetDevice): ComwareInterface {
  const one = new ComwareInterface(name, port);
  port.place = cw.place;
  port.receiver = cw;
  port.reasons = PORT_REASONS;
  port.setUp(true);
  port.onCarrier = () => {
    if (!port.carrier) cw.parts.arp.flush(one);
    refresh(cw, one);
  };
  cw.interfaces.push(one);
  refresh(cw, one);
  return one;
}

/** `interface LoopBackN` and `interface Virtual-Eth-GroupN` make the interface; the latter its TPA bridge too. */
export function openInterface(cw: Comware, name: InterfaceName): ComwareInterface | string {
  const present = cw.interface(name.short);
  if (present !== undefined) return present;
  if (name.kind === 'ethernet') return `Interface ${name.long} does not exist.`;
  const one = new ComwareInterface(name, undefined);
  if (name.kind === 'virtual-eth-group') cw.host.createBridge(name.number);
  cw.interfaces.push(one);
  refresh(cw, one);
  return one;
}

/** `undo interface LoopBackN`, `undo interface Virtual-Eth-GroupN`. */
export function removeInterface(cw: Comware, name: InterfaceName): string | undefined {
  const one = cw.interface(name.short);
  if (one === undefined) return `Interface ${name.long} does not exist.`;
  if (name.kind === 'ethernet') return 'A physical interface cannot be removed.';
  undoAddress(cw, one);
  cw.interfaces.splice(cw.interfaces.indexOf(one), 1);
  if (name.kind === 'virtual-eth-group') cw.host.removeBridge(name.number);
  cw.fib.rebuild(cw.interfaces, cw.statics);
  return undefined;
}

/** `ip address A L`: replaces the address the interface had. */
export function setAddress(cw: Comware, one: ComwareInterface, address: InterfaceAddress): string | undefined {
  const fault = addressFault(cw, one, address);
  if (fault !== undefined) return fault;
  if (one.address !== undefined) undoAddress(cw, one);
  one.address = address;
  attachInterface(cw, one);
  refresh(cw, one);
  return undefined;
}

/** Why an address cannot be given to an interface. */
function addressFault(cw: Comware, one: ComwareInterface, address: InterfaceAddress): string | undefined {
  const prefix = prefixOf(address.address, address.length);
  const text = formatIpv4(address.address);
  const longest = one.name.kind === 'loopback' ? 32 : 31;
  if (address.length < 1 || address.length > longest) {
    return `The mask of ${one.name.short} must be 1 to ${longest} bits long.`;
  }
  if (isMulticast(address.address) || isLoopback(address.address) || address.address >>> 24 === 0) {
    return `${text} cannot be the address of an interface.`;
  }
  if (address.length < 31 && (address.address === prefix.network || address.address === lastAddress(prefix))) {
    return `${text} is the network or broadcast address of its subnet.`;
  }
  const other = cw.interfaces.find((candidate) => candidate !== one && overlaps(candidate, prefix));
  return other === undefined ? undefined : `${text} overlaps with the address of ${other.name.short}.`;
}

function overlaps(one: ComwareInterface, prefix: Prefix): boolean {
  const own = one.prefix;
  return own !== undefined && (contains(own, prefix.network) || contains(prefix, own.network));
}

/** `undo ip address`. */
export function undoAddress(cw: Comware, one: ComwareInterface): void {
  if (one.address === undefined) return;
  cw.parts.arp.flush(one);
  forgetAddress(cw, one.address.address);
  one.address = undefined;
  detachInterface(cw, one);
  refresh(cw, one);
}

/** `shutdown`, `undo shutdown`. */
export function setShutdown(cw: Comware, one: ComwareInterface, shutdown: boolean): void {
  if (one.shutdown === shutdown) return;
  one.shutdown = shutdown;
  if (shutdown) cw.parts.arp.flush(one);
  one.port?.setUp(!shutdown);
  refresh(cw, one);
}

/** `ip route-static`. */
export function addStatic(cw: Comware, route: StaticRoute): string | undefined {
  if (cw.statics.some((other) => sameStatic(other, route))) return undefined;
  if (route.interface === undefined && cw.isLocalAddress(route.nextHop))
    return 'The next hop is an address of this device.';
  cw.statics.push(route);
  cw.fib.rebuild(cw.interfaces, cw.statics);
  return undefined;
}

/** `undo ip route-static`: next hop 0 removes every route of the prefix. */
export function undoStatic(cw: Comware, prefix: Prefix, nextHop: Ipv4, out: string | undefined): string | undefined {
  const matches = (route: StaticRoute): boolean =>
    route.prefix.network === prefix.network &&
    route.prefix.length === prefix.length &&
    (nextHop === 0 || route.nextHop === nextHop) &&
    (out === undefined || route.interface === out);
  const left = cw.statics.filter((route) => !matches(route));
  if (left.length === cw.statics.length) return 'The route does not exist.';
  cw.statics.splice(0, cw.statics.length, ...left);
  cw.fib.rebuild(cw.interfaces, cw.statics);
  return undefined;
}

function sameStatic(a: StaticRoute, b: StaticRoute): boolean {
  const samePrefix = a.prefix.network === b.prefix.network && a.prefix.length === b.prefix.length;
  return samePrefix && a.nextHop === b.nextHop && a.interface === b.interface;
}

/** `tpa ip source interface`; undefined undoes it. */
export function setTpaSource(cw: Comware, name: string | undefined): undefined {
  cw.settings.tpaSource = name;
  cw.parts.settingsChanged();
}

/** Everything that follows from the state of an interface. */
function refresh(cw: Comware, one: ComwareInterface): void {
  followState(cw, one);
  cw.fib.rebuild(cw.interfaces, cw.statics);
  refreshDefaultRoute(cw);
  downloadListenerRules(cw);
  cw.host.addressesChanged(cw);
}
