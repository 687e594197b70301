import { configure } from '../comware/command.ts';
import type { Comware } from '../comware/comware.ts';
import { addPort, addStatic, openInterface, setAddress, setShutdown } from '../comware/configuration.ts';
import { createComware } from '../comware/create.ts';
import type { ComwareInterface } from '../comware/forwarding/interface.ts';
import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { attachDocker0Leg } from '../comware/kernel-link/kernel-link.ts';
import { DeviceHost, DOCKER0_COMWARE, DOCKER0_HOST } from '../container/device-host.ts';
import { DockerEngine } from '../container/docker-engine.ts';
import { must } from '../core/assert.ts';
import { us, ZERO } from '../core/time.ts';
import { addAddress, registerDevice, setLink, setSysctl } from '../kernel/control.ts';
import type { Net } from '../kernel/net.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import { BridgeDevice } from '../link/bridge.ts';
import { Cable } from '../link/cable.ts';
import { EthernetPort } from '../link/ethernet-port.ts';
import type { Role } from '../packet/place.ts';
import { runCommand } from './commands.ts';
import type { Finding } from './finding.ts';
import { startService, stopServices } from './services.ts';
import { parseStaticRoute } from './static-route.ts';
import type { ComwareNode, ContainerSpec, Endpoint, LinkSpec, LinuxNode, Topology } from './topology-schema.ts';
import { addressesOf } from './topology-schema.ts';
import { World, type WorldNode, type WorldOptions } from './world.ts';

/** One way, when a link names no delay: a few metres of cable and a switch ASIC. */
const DEFAULT_DELAY = us(10);

/**
 * Builds the world of a topology that check.ts found sound. What only the kernel, Comware or Docker can refuse is
 * found here: every refusal is reported, with the path of the value that caused it.
 */
export function buildWorld(topology: Topology, options: WorldOptions): { world: World; findings: Finding[] } {
  const world = new World(options);
  const builder = new Builder(world, topology);
  builder.build();
  return { world, findings: builder.findings };
}

class Builder {
  readonly findings: Finding[] = [];
  readonly #world: World;
  readonly #topology: Topology;
  /** Physical ports by `node:interface`, in Comware's short form. */
  readonly #ports = new Map<string, EthernetPort>();

  constructor(world: World, topology: Topology) {
    this.#world = world;
    this.#topology = topology;
  }

  build(): void {
    const { nodes, links } = this.#topology.topology;
    for (const node of Object.values(nodes)) {
      if (node.kind === 'bridge') continue;
      for (const { mac } of Object.values(node.interfaces)) if (mac !== undefined) this.#world.reserveMac(mac);
    }
    for (const [name, node] of Object.entries(nodes)) {
      if (node.kind === 'comware') this.#makeComware(name, node);
      else if (node.kind === 'linux') this.#makeLinux(name, node);
      else this.#makeBridge(name, node.ageing);
    }
    for (const [index, link] of links.entries()) this.#makeLink(link, index);
    // Cables first, then addresses and routes: a port without carrier would hold its routes back.
    for (const [name, node] of Object.entries(nodes)) {
      if (node.kind === 'linux') this.#configureLinux(name, node);
      if (node.kind === 'comware') this.#configureComware(name, node);
    }
  }

  #report(message: string | undefined, path: readonly (string | number)[]): void {
    if (message !== undefined) this.findings.push({ code: 'COMMAND', message, path: ['topology', ...path] });
  }

  #namespace(name: string, role: Role): Net {
    const place = { node: name, role, title: name };
    const world = this.#world;
    return createNetNamespace(place, { clock: world.clock, chance: world.chance.fork(name), ledger: world.ledger });
  }

  #makeLinux(name: string, node: LinuxNode): void {
    const net = this.#namespace(name, 'linux');
    const bridges: BridgeDevice[] = [];
    this.#world.nodes.set(name, { kind: 'linux', name, net, bridges });
    for (const [key, value] of Object.entries(node.sysctls)) {
      this.#report(setSysctl(net, key, value)?.message, ['nodes', name, 'sysctls', key]);
    }
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const options = { name: interfaceName, mac: spec.mac ?? this.#world.takeMac(), mtu: spec.mtu ?? 1500 };
      if (spec.kind === 'bridge') {
        const ageing = spec.ageing === undefined ? {} : { ageing: spec.ageing };
        const bridge = new BridgeDevice(this.#world.clock, { ...options, ...ageing });
        bridges.push(bridge);
        registerDevice(net, bridge);
        this.#world.deviceMade(bridge);
      } else this.#makePort(net, `${name}:${interfaceName}`, options);
    }
  }

  #makeBridge(name: string, ageing: LinuxNode['interfaces'][string]['ageing']): void {
    const net = this.#namespace(name, 'bridge');
    const options = { name: 'br0', title: name, mac: this.#world.takeMac(), mtu: 1500 };
    const bridge = new BridgeDevice(this.#world.clock, { ...options, ...(ageing === undefined ? {} : { ageing }) });
    registerDevice(net, bridge);
    setLink(net, bridge, true);
    this.#world.deviceMade(bridge);
    this.#world.nodes.set(name, { kind: 'bridge', name, net, bridges: [bridge] });
  }

  #makePort(net: Net, key: string, options: { name: string; mac: number; mtu: number }): EthernetPort {
    const port = new EthernetPort(options);
    registerDevice(net, port);
    this.#world.deviceMade(port);
    this.#ports.set(key, port);
    return port;
  }

  #makeComware(name: string, node: ComwareNode): void {
    const world = this.#world;
    const host = new DeviceHost(name, world);
    const place = { node: name, role: 'comware', title: `${name}/comware` } as const;
    const net = createNetNamespace(place, {
      clock: world.clock,
      chance: world.chance.fork(place.title),
      ledger: world.ledger,
    });
    const comware = createComware(place, node.sysname ?? name, net, host);
    for (const device of net.devices) if (!device.isLoopback) world.deviceMade(device);
    attachDocker0Leg(comware, host.createDocker0(), DOCKER0_COMWARE, DOCKER0_HOST.address);
    const docker = new DockerEngine(name, host, comware, world, {
      started: (container) => {
        const started = must(container.net, 'a started container has a namespace');
        const stack = must(world.find(started.place.title), 'a started container can be found');
        for (const service of world.services.of(stack.title)) {
          if (service.spec.autostart) startService(world, stack, service);
        }
        const { exec } = must(node.containers[container.options.name], 'containers come from the topology');
        for (const [index, line] of exec.entries()) {
          const path = ['nodes', name, 'containers', container.options.name, 'exec', index];
          this.#report(runCommand(started, line), path);
        }
      },
      stopping: (container) => stopServices(world, `${name}/${container.options.name}`),
    });
    world.nodes.set(name, { kind: 'comware', name, comware, host, docker });
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const parsed = must(parseInterfaceName(interfaceName), 'the schema checks interface names');
      if (parsed.kind === 'ethernet') this.#makeComwarePort(name, comware, interfaceName, spec.mac, spec.mtu);
    }
  }

  #makeComwarePort(node: string, comware: Comware, text: string, mac?: number, mtu?: number): EthernetPort {
    const name = must(parseInterfaceName(text), 'the check of links reads interface names');
    const port = new EthernetPort({ name: name.short, mac: mac ?? this.#world.takeMac(), mtu: mtu ?? 1500 });
    this.#world.deviceMade(port);
    this.#ports.set(`${node}:${name.short}`, port);
    addPort(comware, name, port);
    return port;
  }

  #makeLink(link: LinkSpec, index: number): void {
    const [a, b] = link.endpoints.map((end) => this.#portOf(end)) as [EthernetPort, EthernetPort];
    const { delay, jitter, rate, loss, mtu } = link;
    const cable = new Cable(this.#world.clock, this.#world.chance.fork(`link ${index}`), a, b, {
      delay: delay ?? DEFAULT_DELAY,
      jitter: jitter ?? ZERO,
      rate: rate === undefined ? undefined : bitsPerSecond(rate),
      loss: (loss ?? 0) / 100,
    });
    if (mtu !== undefined) for (const end of link.endpoints) this.#setMtu(end, mtu);
    if (link.state === 'down') cable.setPlugged(false);
    const [one, other] = link.endpoints;
    this.#world.links.push({ ends: [textOf(one), textOf(other)], cable });
    for (const port of [a, b]) port.carrierChanged();
  }

  #setMtu(end: Endpoint, mtu: number): void {
    const node = this.#topology.topology.nodes[end.node];
    const own = node?.kind === 'bridge' ? undefined : node?.interfaces[end.interface]?.mtu;
    if (own === undefined) this.#portOf(end).mtu = mtu;
  }

  /** The port a link goes into; made here where the topology does not list it. */
  #portOf(end: Endpoint): EthernetPort {
    const node = must(this.#world.nodes.get(end.node), 'the check of links knows every node');
    const short = node.kind === 'comware' ? (parseInterfaceName(end.interface)?.short ?? '') : end.interface;
    const present = this.#ports.get(`${end.node}:${short}`);
    if (present !== undefined) return present;
    if (node.kind === 'comware') return this.#makeComwarePort(end.node, node.comware, end.interface);
    const port = this.#makePort(node.net, `${end.node}:${end.interface}`, {
      name: end.interface,
      mac: this.#world.takeMac(),
      mtu: 1500,
    });
    if (node.kind === 'bridge') node.bridges[0]?.addPort(port);
    setLink(node.net, port, true);
    return port;
  }

  #configureLinux(name: string, node: LinuxNode): void {
    const world = must(this.#world.nodes.get(name), 'made above');
    if (world.kind === 'comware') return;
    const { net } = world;
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const device = must(net.device(interfaceName), 'made above');
      for (const portName of spec.ports ?? []) {
        const port = must(net.device(portName), 'the check of ports knows every interface');
        world.bridges.find((bridge) => bridge === device)?.addPort(port);
      }
      for (const address of addressesOf(spec.address)) addAddress(net, device, address);
    }
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      if (spec.up) setLink(net, must(net.device(interfaceName), 'made above'), true);
    }
    this.#runAll(net, name, node);
    for (const spec of node.services) this.#service(name, spec);
  }

  #runAll(net: Net, name: string, spec: LinuxNode): void {
    const run = (line: string, path: (string | number)[]): void =>
      this.#report(runCommand(net, line), ['nodes', name, ...path]);
    for (const [index, route] of spec.routes.entries()) run(`ip route add ${route}`, ['routes', index]);
    for (const [index, rule] of spec.rules.entries()) run(`ip rule add ${rule}`, ['rules', index]);
    for (const [index, line] of spec.exec.entries()) run(line, ['exec', index]);
  }

  #service(owner: string, spec: LinuxNode['services'][number]): void {
    const service = this.#world.services.add(owner, spec);
    const stack = this.#world.find(owner);
    if (spec.autostart && stack !== undefined) {
      const refused = startService(this.#world, stack, service);
      this.#report(refused, ['nodes', owner, 'services']);
    }
  }

  #configureComware(name: string, node: ComwareNode): void {
    const made = must(this.#world.nodes.get(name), 'made above');
    if (made.kind !== 'comware') return;
    const { comware } = made;
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const path = ['nodes', name, 'interfaces', interfaceName];
      const one = openInterface(comware, must(parseInterfaceName(interfaceName), 'the schema checks interface names'));
      if (typeof one === 'string') this.#report(one, path);
      else this.#configureInterface(comware, one, spec, path);
    }
    for (const [index, text] of node.routes.entries()) {
      const route = parseStaticRoute(text);
      const refused = typeof route === 'string' ? route : addStatic(comware, route);
      this.#report(refused, ['nodes', name, 'routes', index]);
    }
    for (const fault of configure(comware, node.configuration ?? '')) {
      const path = ['topology', 'nodes', name, 'configuration'];
      this.findings.push({ code: 'COMMAND', message: fault.message, path, blockLine: fault.line });
    }
    for (const [index, line] of node.exec.entries()) {
      this.#report(runCommand(comware.net, line), ['nodes', name, 'exec', index]);
    }
    for (const [index, spec] of node.applications.entries()) this.#application(made, spec, index);
    for (const [containerName, spec] of Object.entries(node.containers)) this.#container(made, containerName, spec);
  }

  #configureInterface(
    comware: Comware,
    one: ComwareInterface,
    spec: ComwareNode['interfaces'][string],
    path: readonly string[],
  ): void {
    if (spec.shutdown) setShutdown(comware, one, true);
    if (spec.address === undefined) return;
    this.#report(setAddress(comware, one, spec.address), [...path, 'address']);
  }

  #application(node: WorldNode & { kind: 'comware' }, spec: ComwareNode['applications'][number], index: number): void {
    const owner = spec.stack === 'comware' ? node.name : `${node.name}/comware`;
    const service = this.#world.services.add(owner, spec);
    const stack = this.#world.find(owner);
    if (!spec.autostart || stack === undefined) return;
    this.#report(startService(this.#world, stack, service), ['nodes', node.name, 'applications', index]);
  }

  #container(node: WorldNode & { kind: 'comware' }, name: string, spec: ContainerSpec): void {
    const path = ['nodes', node.name, 'containers', name];
    for (const service of spec.services) this.#world.services.add(`${node.name}/${name}`, service);
    const { network, address } = networkOf(spec, node.comware);
    const refused = node.docker.run({ name, network, address }, spec.autostart);
    // A pool that ran dry is told once, at the first container that got nothing.
    if (!this.findings.some((finding) => finding.message === refused)) this.#report(refused, path);
  }
}

/** Which Virtual-Eth-Group a container joins: the one it names, else the only one there is. */
function networkOf(spec: ContainerSpec, comware: Comware): { network: string; address: number | undefined } {
  if (spec.network_mode === 'none') return { network: 'none', address: undefined };
  const named = Array.isArray(spec.networks) ? spec.networks[0] : Object.keys(spec.networks ?? {})[0];
  const groups = comware.interfaces.filter((one) => one.name.kind === 'virtual-eth-group');
  const wanted = named ?? groups[0]?.name.long ?? '';
  const options = Array.isArray(spec.networks) ? undefined : spec.networks?.[wanted];
  // Docker compares names letter by letter; interface names are read in any case.
  return { network: parseInterfaceName(wanted)?.long ?? wanted, address: options?.ipv4_address };
}

function textOf(end: Endpoint): string {
  return `${end.node}:${end.interface}`;
}

function bitsPerSecond(rate: string): number {
  const unit = rate.slice(-4);
  return Number(rate.slice(0, -4)) * (unit === 'gbit' ? 1e9 : unit === 'mbit' ? 1e6 : 1e3);
}
