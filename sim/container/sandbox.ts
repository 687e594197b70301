import type { Comware } from '../comware/comware.ts';
import { addAddress, addRoute, destroyNamespace, registerDevice, setLink } from '../kernel/control.ts';
import { SCOPE_GLOBAL, TABLE_MAIN } from '../kernel/forwarding/fib-table.ts';
import type { Net } from '../kernel/net.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { AddressBook } from './address-book.ts';
import type { Container } from './container.ts';
import type { DeviceHost } from './device-host.ts';
import type { WorldServices } from './machine.ts';
import { groupInterface, type Pool } from './network.ts';

/** The machine below a Docker instance; a reboot puts another host and another Comware into it. */
export interface Machine {
  readonly name: string;
  readonly host: DeviceHost;
  readonly comware: Comware;
}

/** A namespace of the container's own, with lo alone. */
export function isolate(container: Container, services: WorldServices): Net {
  const { place } = container;
  container.net = createNetNamespace(place, { ...services, chance: services.chance.fork(place.title) });
  return container.net;
}

/**
 * A namespace of its own, with eth0 on the TPA bridge of a Virtual-Eth-Group, an address of the pool and the
 * group as its gateway (whitepaper 3.5.2). The sentence of a refusal.
 */
export function plugIn(
  container: Container,
  machine: Machine,
  services: WorldServices,
  pool: Pool & { readonly group: string },
  addresses: AddressBook,
): string | undefined {
  const { gateway } = pool;
  const number = groupInterface(machine.comware, pool.group)?.name.number;
  const bridge = number === undefined ? undefined : machine.host.bridge(number);
  if (bridge === undefined) return `network ${pool.network} not found`;
  const given = addresses.allocate(pool, container);
  if ('refused' in given) return given.refused;
  const { address } = given;
  const net = isolate(container, services);
  // Docker's MAC tells the address: 02:42 and its four bytes.
  const eth0 = machine.host.plug(bridge, 'eth0', 0x024200000000 + address);
  registerDevice(net, eth0);
  container.network = pool.network;
  container.address = { address, length: gateway.length };
  addresses.hold(container, address);
  addAddress(net, eth0, container.address);
  setLink(net, eth0, true);
  addDefaultRoute(net, gateway.address);
  return undefined;
}

/**
 * The container ends: what it made goes, what it shared stays. A namespace that others have joined outlives its maker,
 * without the maker's eth0, until the last of them ends: they keep running with lo alone.
 */
export function leave(container: Container, machine: Machine, all: readonly Container[], addresses: AddressBook): void {
  const { net, address } = container;
  if (net === undefined) return;
  container.net = undefined;
  container.network = undefined;
  container.address = undefined;
  if (address !== undefined) addresses.release(container, address.address);
  if (net === machine.host.net || net === machine.comware.net) return;
  const eth0 = net.device('eth0');
  if (net.place === container.place && eth0 !== undefined) machine.host.removeLeg(eth0);
  if (!all.some((other) => other.net === net)) destroyNamespace(net);
}

function addDefaultRoute(net: Net, gateway: Ipv4): void {
  addRoute(net, {
    type: 'unicast',
    prefix: { network: 0, length: 0 },
    gateway,
    device: 'eth0',
    table: TABLE_MAIN,
    scope: SCOPE_GLOBAL,
    prefsrc: 0,
    metric: 0,
    protocol: 'boot',
    onlink: false,
  });
}
