import {
  addAddress,
  addNeighbour,
  addRoute,
  addRule,
  changeProxy,
  deleteAddress,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  flushAddresses,
  flushNeighbours,
  flushRouteCache,
  flushRoutes,
  freeRulePriority,
  setLink,
  setMac,
  setMaster,
  setMtu,
  setSysctl,
} from '../kernel/control.ts';
import type { Net } from '../kernel/net.ts';
import { BridgeDevice } from '../link/bridge.ts';
import { bridgePortOf } from '../link/bridge-port.ts';
import type { NetDevice } from '../link/device.ts';
import { ZERO_MAC } from '../wire/mac.ts';
import type { AddrChange, AddrFlush } from './addr-command.ts';
import type { Command } from './command.ts';
import type { Refusal } from './error-text.ts';
import type { FdbChange } from './fdb-command.ts';
import type { LinkSet } from './link-command.ts';
import type { NeighChange, NeighFlush, ProxyChange } from './neigh-command.ts';
import type { PortSet } from './port-command.ts';
import type { RouteAdd, RouteDelete, RouteFlush } from './route-command.ts';
import type { RuleAdd, RuleDelete } from './rule-command.ts';
import type { SysctlWrite } from './sysctl-command.ts';

/** Does what a command says; undefined when it was done. A refused command changed nothing, but see `sysctl`. */
export function applyCommand(net: Net, command: Command): Refusal | undefined {
  switch (command.object) {
    case 'route':
      return applyRoute(net, command);
    case 'rule':
      return applyRule(net, command);
    case 'addr':
      return applyAddr(net, command);
    case 'link':
      return applyLink(net, command);
    case 'neigh':
      return applyNeigh(net, command);
    case 'sysctl':
      return applySysctl(net, command);
    case 'fdb':
      return applyFdb(net, command);
    case 'port':
      return applyPort(net, command);
  }
}

function applyRoute(net: Net, command: RouteAdd | RouteDelete | RouteFlush): Refusal | undefined {
  switch (command.verb) {
    case 'flush':
      if (command.cache) return flushRouteCache(net);
      return withDevice(net, command.device, (device) => flushRoutes(net, command.table, device));
    case 'del':
      return withDevice(net, command.selector.device ?? '', () => deleteRoute(net, command.selector));
    default:
      return withDevice(net, command.request.device, () => addRoute(net, command.request, command.verb));
  }
}

function applyRule(net: Net, command: RuleAdd | RuleDelete): Refusal | undefined {
  if (command.verb === 'del') return deleteRule(net, command.selector);
  const { request } = command;
  return addRule(net, { ...request, priority: request.priority ?? freeRulePriority(net) });
}

function applyAddr(net: Net, command: AddrChange | AddrFlush): Refusal | undefined {
  const device = net.device(command.device);
  if (command.verb === 'flush') {
    if (device === undefined) return { errno: 'ENODEV', line: `Device "${command.device}" does not exist.` };
    flushAddresses(net, device);
    return undefined;
  }
  if (device === undefined) return noDevice(command.device);
  const { address, bare, scope, broadcast, label } = command;
  if (command.verb === 'add') {
    return addAddress(net, device, address, scope, {
      ...(broadcast === 0 ? {} : { broadcast }),
      ...(label === device.name ? {} : { label }),
    });
  }
  const first = net.addressesOf(device).find((entry) => entry.address === address.address);
  return deleteAddress(
    net,
    device,
    address.address,
    bare && first !== undefined ? first.prefix.length : address.length,
  );
}

/** In the order in which the kernel takes the parts of one request (do_setlink). */
function applyLink(net: Net, { device: name, up, mtu, mac, txQueueLength, master }: LinkSet): Refusal | undefined {
  const device = net.device(name);
  if (device === undefined) return noDevice(name);
  const bridge = master === undefined || master === '' ? undefined : net.device(master);
  if (bridge === undefined && master !== undefined && master !== '') {
    return { errno: 'ENODEV', line: `Error: argument "${master}" is wrong: Device does not exist` };
  }
  const refused =
    (mac === undefined ? undefined : setMac(device, mac)) ??
    (mtu === undefined ? undefined : setMtu(net, device, mtu)) ??
    (master === undefined ? undefined : setMaster(net, device, bridge));
  if (refused !== undefined) return refused;
  if (txQueueLength !== undefined) device.txQueueLength = txQueueLength;
  if (up !== undefined) setLink(net, device, up);
  return undefined;
}

function applyNeigh(net: Net, command: NeighChange | ProxyChange | NeighFlush): Refusal | undefined {
  if (command.verb === 'flush') {
    return withDevice(net, command.device ?? '', (device) => {
      flushNeighbours(net, device);
      return undefined;
    });
  }
  if ('proxy' in command) {
    const { proxy, verb } = command;
    return withDevice(net, command.device, (device) => changeProxy(net, device, proxy, verb));
  }
  const device = net.device(command.device);
  if (device === undefined) return noDevice(command.device);
  const { verb, address, mac, state } = command;
  if (verb === 'del') return deleteNeighbour(net, device, address);
  return addNeighbour(net, device, address, mac ?? ZERO_MAC, verb, state);
}

/** Every setting is tried, as sysctl(8) does; the first refusal is told. */
function applySysctl(net: Net, { settings }: SysctlWrite): Refusal | undefined {
  let first: Refusal | undefined;
  for (const { key, value } of settings) {
    const refused = setSysctl(net, key, value);
    if (refused !== undefined) first ??= { ...refused, line: `sysctl: ${refused.message ?? key}` };
  }
  return first;
}

const NOT_A_PORT: Refusal = { errno: 'EOPNOTSUPP' };

/** Models net/core/rtnetlink.c rtnl_fdb_add() and br_fdb_add(): an entry of the bridge itself is permanent. */
function applyFdb(net: Net, { verb, mac, device: name, master, kind }: FdbChange): Refusal | undefined {
  const device = net.device(name);
  if (device === undefined) return noDevice(name);
  const bridge = master ? device.rxHandler?.bridge : device;
  if (!(bridge instanceof BridgeDevice)) {
    const line = `the address list of ${name} itself is not modelled: add \`master\``;
    return master ? NOT_A_PORT : { errno: 'EOPNOTSUPP', line };
  }
  if (verb !== 'del' && !master && kind !== 'permanent') return { errno: 'EINVAL' };
  const errno = verb === 'del' ? bridge.fdb.remove(mac, device) : bridge.fdb.add(mac, device, kind, verb);
  return errno === undefined ? undefined : { errno };
}

function applyPort(net: Net, { device: name, flags }: PortSet): Refusal | undefined {
  const device = net.device(name);
  if (device === undefined) return { errno: 'ENODEV', line: `Cannot find bridge device "${name}"` };
  const port = bridgePortOf(device);
  if (port === undefined) return Object.keys(flags).length === 0 ? undefined : NOT_A_PORT;
  Object.assign(port, flags);
  return undefined;
}

/** Runs `change` with the device of this name, which has to be there unless no name is given. */
function withDevice(
  net: Net,
  name: string,
  change: (device: NetDevice | undefined) => Refusal | undefined,
): Refusal | undefined {
  const device = name === '' ? undefined : net.device(name);
  return name !== '' && device === undefined ? noDevice(name) : change(device);
}

function noDevice(name: string): Refusal {
  return { errno: 'ENODEV', line: `Cannot find device "${name}"` };
}
