import type { Comware } from '../comware/comware.ts';
import { addAddress, addRoute, destroyNamespace, registerDevice, setLink } from '../kernel/control.ts';
import { SCOPE_GLOBAL, TABLE_MAIN } from '../kernel/forwarding/fib-table.ts';
import type { Net } from '../kernel/net.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import {
  contains,
  formatIpv4,
  formatPrefix,
  type InterfaceAddress,
  type Ipv4,
  lastAddress,
  prefixOf,
} from '../wire/address.ts';
import type { DeviceHost } from './device-host.ts';
import type { WorldServices } from './machine.ts';

/** `docker create`. */
export interface ContainerOptions {
  readonly name: string;
  /** A Virtual-Eth-Group, by its long name; `none` for lo alone. */
  readonly network: string;
  /** `--ip`. */
  readonly address: Ipv4 | undefined;
}

/** A container of the user's Docker instance. */
export interface Container {
  readonly options: ContainerOptions;
  /** Its namespace, while it runs. */
  net: Net | undefined;
  address: InterfaceAddress | undefined;
}

/** Told when a container has started, and before it stops. */
export interface ContainerEvents {
  started(container: Container): void;
  stopping(container: Container): void;
}

/** The Comware container belongs to another Docker instance and may not be touched (whitepaper 3.3, 3.7). */
const RESERVED_NAME = 'comware';

/**
 * The user's Docker instance on a Comware device: gives containers the lowest free address of their network's subnet
 * and the Virtual-Eth-Group as their gateway (whitepaper 3.5.2). Functions give undefined, or the sentence of a refusal.
 */
export class DockerEngine {
  readonly containers: Container[] = [];
  readonly #node: string;
  readonly #host: DeviceHost;
  readonly #comware: Comware;
  readonly #services: WorldServices;
  readonly #events: ContainerEvents;

  constructor(node: string, host: DeviceHost, comware: Comware, services: WorldServices, events: ContainerEvents) {
    this.#node = node;
    this.#host = host;
    this.#comware = comware;
    this.#services = services;
    this.#events = events;
  }

  container(name: string): Container | undefined {
    return this.containers.find((container) => container.options.name === name);
  }

  /** `docker run`, or `docker create` where `start` is false. */
  run(options: ContainerOptions, start: boolean): string | undefined {
    const fault = reservedFault(options.name);
    if (fault !== undefined) return fault;
    if (this.container(options.name) !== undefined) return `The container name "${options.name}" is already in use.`;
    this.containers.push({ options, net: undefined, address: undefined });
    return start ? this.start(options.name) : undefined;
  }

  /** `docker start`: the address may be another one than last time, unless it was given. */
  start(name: string): string | undefined {
    const fault = reservedFault(name);
    const container = this.container(name);
    if (fault !== undefined || container === undefined) return fault ?? `No such container: ${name}`;
    if (container.net !== undefined) return undefined;
    const attached = this.#attach(container);
    if (attached !== undefined) return attached;
    this.#events.started(container);
    return undefined;
  }

  /** `docker stop`: the namespace goes, the address is free again. */
  stop(name: string): string | undefined {
    const fault = reservedFault(name);
    const container = this.container(name);
    if (fault !== undefined || container === undefined) return fault ?? `No such container: ${name}`;
    if (container.net === undefined) return undefined;
    this.#events.stopping(container);
    const eth0 = container.net.device('eth0');
    if (eth0 !== undefined) this.#host.removeLeg(eth0);
    destroyNamespace(container.net);
    container.net = undefined;
    container.address = undefined;
    return undefined;
  }

  /** `docker restart`. */
  restart(name: string): string | undefined {
    return this.stop(name) ?? this.start(name);
  }

  #attach(container: Container): string | undefined {
    const { name, network } = container.options;
    const place = { node: this.#node, role: 'container', title: `${this.#node}/${name}` } as const;
    const environment = { ...this.#services, chance: this.#services.chance.fork(place.title) };
    if (network === 'none') {
      container.net = createNetNamespace(place, environment);
      return undefined;
    }
    const group = this.#comware.interface(network);
    if (group?.name.kind !== 'virtual-eth-group') return `network ${network} not found`;
    const gateway = group.address;
    const bridge = this.#host.bridge(group.name.number);
    if (gateway === undefined || bridge === undefined) return `${network} has no address to take a subnet from`;
    const address = this.#allocate(container, network, gateway);
    if (typeof address === 'string') return address;
    const net = createNetNamespace(place, environment);
    // Docker's MAC tells the address: 02:42 and its four bytes.
    const eth0 = this.#host.plug(bridge, 'eth0', 0x024200000000 + address);
    registerDevice(net, eth0);
    container.address = { address, length: gateway.length };
    container.net = net;
    addAddress(net, eth0, container.address);
    setLink(net, eth0, true);
    addDefaultRoute(net, gateway.address);
    return undefined;
  }

  /** The address asked for, or the lowest one that neither a container nor the gateway has. */
  #allocate(container: Container, network: string, gateway: InterfaceAddress): Ipv4 | string {
    const prefix = prefixOf(gateway.address, gateway.length);
    const taken = new Set<Ipv4>([gateway.address]);
    for (const other of this.containers) {
      if (other.options.network !== network || other === container) continue;
      if (other.address !== undefined) taken.add(other.address.address);
      // A fixed address stays its owner's while that one is stopped.
      if (other.options.address !== undefined) taken.add(other.options.address);
    }
    const last = lastAddress(prefix);
    const asked = container.options.address;
    if (asked !== undefined) {
      if (!contains(prefix, asked) || asked === prefix.network || asked === last) {
        return `${formatIpv4(asked)} is no host address of ${formatPrefix(prefix)}, the subnet of ${network}`;
      }
      return taken.has(asked) ? `${formatIpv4(asked)} is already in use on ${network}` : asked;
    }
    for (let address = prefix.network + 1; address < last; address++) if (!taken.has(address)) return address;
    return `no free address in ${formatPrefix(prefix)}, the subnet of ${network}`;
  }
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

function reservedFault(name: string): string | undefined {
  return name === RESERVED_NAME ? 'The Comware container cannot be managed by docker commands.' : undefined;
}
