import { setSysctl } from '../kernel/control.ts';
import type { AddressBook } from './address-book.ts';
import { COMWARE_NAME, type Container } from './container.ts';
import type { DockerNetworks } from './docker-networks.ts';
import type { WorldServices } from './machine.ts';
import { isolate, type Machine, plugIn } from './sandbox.ts';

/** What of the Docker instance decides where a container goes. */
interface Instance {
  readonly networks: DockerNetworks;
  readonly addresses: AddressBook;
  container(name: string): Container | undefined;
}

/** Gives a container that starts the namespace it was created for, with its settings; the sentence of a refusal. */
export function attach(
  container: Container,
  machine: Machine,
  services: WorldServices,
  instance: Instance,
): string | undefined {
  const { network } = container.options;
  const other = joinedName(network);
  let refused: string | undefined;
  if (network === 'none') isolate(container, services);
  else if (network === 'host') container.net = machine.host.net;
  else if (other === COMWARE_NAME) container.net = machine.comware.net;
  else if (other !== undefined) refused = join(container, other, instance);
  else refused = connect(container, machine, services, instance);
  return refused ?? applySysctls(container);
}

/** X of `container:X`. */
export function joinedName(network: string): string | undefined {
  return network.startsWith('container:') ? network.slice('container:'.length) : undefined;
}

function join(container: Container, name: string, instance: Instance): string | undefined {
  const other = instance.container(name);
  if (other === undefined) return `No such container: ${name}`;
  if (other.net === undefined) {
    return `cannot join network namespace of a non running container: container /${other.options.name} is ${other.state}`;
  }
  container.net = other.net;
  return undefined;
}

function connect(
  container: Container,
  machine: Machine,
  services: WorldServices,
  instance: Instance,
): string | undefined {
  const pool = instance.networks.pool(container.options.network);
  if ('refused' in pool) return pool.refused;
  return plugIn(container, machine, services, pool, instance.addresses);
}

function applySysctls({ net, options }: Container): string | undefined {
  for (const [key, value] of options.sysctls) {
    const refused = net === undefined ? undefined : setSysctl(net, key, value);
    if (refused !== undefined) return `sysctl ${key}: ${refused.message ?? refused.errno}`;
  }
  return undefined;
}
