import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { must } from '../core/assert.ts';
import { ownValue } from '../core/own-value.ts';
import { us, ZERO } from '../core/time.ts';
import { addAddress, registerDevice, setLink, setMtu, setSysctl } from '../kernel/control.ts';
import type { Net } from '../kernel/net.ts';
import { createNetNamespace } from '../kernel/net-namespace.ts';
import { BridgeDevice, type BridgeOptions } from '../link/bridge.ts';
import { Cable } from '../link/cable.ts';
import { EthernetPort } from '../link/ethernet-port.ts';
import type { Role } from '../packet/place.ts';
import { loadIptables, runCommand, runRoute } from './commands.ts';
import { ComwareDevice } from './comware-device.ts';
import type { Finding } from './finding.ts';
import { bitsPerSecond } from './rate.ts';
import { startService } from './services.ts';
import type { ComwareNode, Endpoint, LinkSpec, LinuxNode, Topology } from './topology-schema.ts';
import { addressesOf } from './topology-schema.ts';
import { World, type WorldOptions } from './world.ts';

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

type FdbSpec = Pick<LinuxNode['interfaces'][string], 'ageing' | 'fdb_max_learned'>;

/** What a file says of how a bridge learns. */
function fdbOptions({ ageing, fdb_max_learned }: FdbSpec): Pick<BridgeOptions, 'ageing' | 'maxLearned'> {
  return {
    ...(ageing === undefined ? {} : { ageing }),
    ...(fdb_max_learned === undefined ? {} : { maxLearned: fdb_max_learned }),
  };
}

class Builder {
  readonly findings: Finding[] = [];
  readonly #world: World;
  readonly #topology: Topology;
  /** Physical ports by `node:interface`, in Comware's short form. */
  readonly #devices = new Map<string, ComwareDevice>();
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
      else this.#makeBridge(name, node);
    }
    for (const [index, link] of links.entries()) this.#makeLink(link, index);
    // Cables first, then addresses and routes: a port without carrier would hold its routes back.
    for (const [name, node] of Object.entries(nodes)) {
      if (node.kind === 'linux') this.#configureLinux(name, node);
      this.#devices.get(name)?.start();
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
        const keeps = { keepsMac: spec.mac !== undefined, keepsMtu: false };
        const bridge = new BridgeDevice(this.#world.clock, { ...options, ...keeps, ...fdbOptions(spec) });
        bridges.push(bridge);
        registerDevice(net, bridge);
        this.#world.deviceMade(bridge);
      } else this.#makePort(net, `${name}:${interfaceName}`, options);
    }
  }

  #makeBridge(name: string, node: FdbSpec): void {
    const net = this.#namespace(name, 'bridge');
    const options = { name: 'br0', title: name, mac: this.#world.takeMac(), mtu: 1500, keepsMtu: false };
    const bridge = new BridgeDevice(this.#world.clock, { ...options, ...fdbOptions(node) });
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
    const below = ['topology', 'nodes', name];
    const device = new ComwareDevice(this.#world, name, node, (finding) => {
      // A pool that ran dry is told once, at the first container that got nothing.
      const isPool = finding.message.startsWith('no free address');
      if (isPool && this.findings.some((other) => other.message === finding.message)) return;
      this.findings.push({ ...finding, path: [...below, ...finding.path] });
    });
    this.#devices.set(name, device);
    this.#world.nodes.set(name, device);
    device.powerOn();
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const parsed = must(parseInterfaceName(interfaceName), 'the schema checks interface names');
      if (parsed.kind === 'ethernet') this.#makeComwarePort(device, interfaceName, spec.mac, spec.mtu);
    }
  }

  #makeComwarePort(device: ComwareDevice, text: string, mac?: number, mtu?: number): EthernetPort {
    const name = must(parseInterfaceName(text), 'the check of links reads interface names');
    const port = new EthernetPort({ name: name.short, mac: mac ?? this.#world.takeMac(), mtu: mtu ?? 1500 });
    port.mtuBoundsReceive = false;
    this.#world.deviceMade(port);
    this.#ports.set(`${device.name}:${name.short}`, port);
    device.addPort(name, port);
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
    const own =
      node?.kind === 'bridge'
        ? undefined
        : ownValue<{ mtu?: number | undefined }>(node?.interfaces ?? {}, end.interface)?.mtu;
    if (own === undefined) this.#portOf(end).setMtu(mtu);
  }

  /** The port a link goes into; made here where the topology does not list it. */
  #portOf(end: Endpoint): EthernetPort {
    const node = must(this.#world.nodes.get(end.node), 'the check of links knows every node');
    const short = node.kind === 'comware' ? (parseInterfaceName(end.interface)?.short ?? '') : end.interface;
    const present = this.#ports.get(`${end.node}:${short}`);
    if (present !== undefined) return present;
    if (node.kind === 'comware') {
      return this.#makeComwarePort(must(this.#devices.get(end.node), 'made above'), end.interface);
    }
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
      // What a bridge is told after it has its ports, it keeps.
      if (spec.kind === 'bridge' && spec.mtu !== undefined) setMtu(net, device, spec.mtu);
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
    // entries() makes a pair for each, and there may be a million.
    let index = 0;
    for (const route of spec.routes) {
      const refused = runRoute(net, route);
      if (refused !== undefined) this.#report(refused, ['nodes', name, 'routes', index]);
      index++;
    }
    for (const [index, rule] of spec.rules.entries()) run(`ip rule add ${rule}`, ['rules', index]);
    const fault = loadIptables(net, spec.iptables);
    if (fault !== undefined) {
      const path = ['topology', 'nodes', name, 'iptables'];
      this.findings.push({ code: 'COMMAND', message: fault.message, path, blockLine: fault.blockLine });
    }
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
}

function textOf(end: Endpoint): string {
  return `${end.node}:${end.interface}`;
}
