import {
  addAddress,
  addNeighbour,
  addRoute,
  addRule,
  deleteAddress,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  flushAddresses,
  flushNeighbours,
  flushRoutes,
  freeRulePriority,
  setLink,
  setMac,
  setMtu,
  setSysctl,
} from '../kernel/control.ts';
import type { Net } from '../kernel/net.ts';
import { BridgeDevice } from '../link/bridge.ts';
import type { NetDevice } from '../link/device.ts';
import { ZERO_MAC } from '../wire/mac.ts';
import type { AddrChange, AddrFlush } from './addr-command.ts';
import type { Command } from './command.ts';
import type { Refusal } from './error-text.ts';
import type { FdbChange } from './fdb-command.ts';
import type { LinkSet } from './link-command.ts';
import type { NeighChange, NeighFlush } from './neigh-command.ts';
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
  }
}

function applyRoute(net: Net, command: RouteAdd | RouteDelete | RouteFlush): Refusal | undefined {
  switch (command.verb) {
    case 'flush':
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
  const { address, bare, scope } = command;
  if (command.verb === 'add') return addAddress(net, device, address, scope);
  const first = net.addressesOf(device).find((entry) => entry.address === address.address);
  return deleteAddress(
    net,
    device,
    address.address,
    bare && first !== undefined ? first.prefix.length : address.length,
  );
}

function applyLink(net: Net, { device: name, up, mtu, mac }: LinkSet): Refusal | undefined {
  const device = net.device(name);
  if (device === undefined) return noDevice(name);
  const refused =
    (mac === undefined ? undefined : setMac(device, mac)) ?? (mtu === undefined ? undefined : setMtu(net, device, mtu));
  if (refused !== undefined) return refused;
  if (up !== undefined) setLink(net, device, up);
  return undefined;
}

function applyNeigh(net: Net, command: NeighChange | NeighFlush): Refusal | undefined {
  if (command.verb === 'flush') {
    return withDevice(net, command.device ?? '', (device) => {
      flushNeighbours(net, device);
      return undefined;
    });
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

function applyFdb(net: Net, { verb, mac, device: name, kind }: FdbChange): Refusal | undefined {
  const port = net.device(name);
  if (port === undefined) return noDevice(name);
  const bridge = port.rxHandler?.bridge;
  if (!(bridge instanceof BridgeDevice)) {
    return { errno: 'EINVAL', line: 'RTNETLINK answers: Operation not supported' };
  }
  const errno = verb === 'add' ? bridge.fdb.add(mac, port, kind) : bridge.fdb.remove(mac, port);
  return errno === undefined ? undefined : { errno };
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
