import { assert, must } from '../core/assert.ts';
import { BridgeDevice } from '../link/bridge.ts';
import type { NetDevice } from '../link/device.ts';
import { formatIpv4 } from '../wire/address.ts';
import { formatMac } from '../wire/mac.ts';
import type { Finding } from '../world/finding.ts';
import { protocolOf } from '../world/service-schema.ts';
import {
  addressesOf,
  type Endpoint,
  type LinkSpec,
  type LinuxNode,
  type Topology,
  type TopologyNode,
} from '../world/topology-schema.ts';
import type { World } from '../world/world.ts';
import { netemArgv } from './emulation.ts';
import { execArgv } from './exec-line.ts';
import { whyNotExported } from './refusals.ts';
import { restoreOf } from './restore-text.ts';
import { CUBIC, mainlineDefaults, planSettings, WITHOUT_IPV6_AND_BRIDGE_FILTER, writeSettings } from './sysctls.ts';

/** A program to run, with its arguments. */
export interface NetnsCommand {
  /** It runs inside the namespace of this node; '' for outside of all. */
  readonly node: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** It may fail: a tool or feature that is not everywhere. */
  readonly optional?: true;
  /** Of an optional one: what is missing when it failed, for the user. */
  readonly lost?: string;
  /** It begins a part of the plan: what the part does. */
  readonly heading?: string;
}

/** How to build a topology from namespaces. Whoever runs it first makes the namespaces, which then hold lo, down. */
export interface NetnsPlan {
  /** One for each node; with '' for `node` a last one that holds the far ends of cables that are not plugged in. */
  readonly namespaces: readonly { readonly node: string; readonly name: string }[];
  readonly commands: readonly NetnsCommand[];
  /** What the topology has and no command makes: programs that listen. */
  readonly services: readonly { readonly node: string; readonly text: string }[];
}

/** The namespace of unplugged cables: the name of a node begins with a letter or digit. */
const CABLES = '_cables';

const OFFLOADS = ['tx', 'rx', 'sg', 'tso', 'gso', 'gro'].flatMap((name) => [name, 'off']);
const SILENT_BRIDGE = ['stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0'];
/** An MTU that lets any frame through. */
const WIDE = '65535';

/**
 * The commands that build a topology on a Linux machine as buildWorld() built `world` from it; the namespaces are
 * called `prefix` and the name of the node. Devices have the MACs and MTUs of the world; their interface indices are
 * those of the world plus as many hundreds as nodes stand before theirs, because the kernel tells a lost carrier up to
 * a second late where both ends of a veth pair have the same index. Findings name what no namespace can be.
 */
export function planNetns(
  topology: Topology,
  world: World,
  options: { readonly prefix: string },
): { readonly plan: NetnsPlan } | { readonly findings: readonly Finding[] } {
  assert(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(options.prefix), `"${options.prefix}" begins no name of a namespace`);
  const findings = whyNotExported(topology);
  return findings.length > 0 ? { findings } : { plan: new Planner(topology, world, options.prefix).plan() };
}

/** The command for a line of exec or of a scenario, as `ip route add default via 192.0.2.1`. */
export function planCommand(node: string, line: string): NetnsCommand {
  return { node, argv: execArgv(line) };
}

class Planner {
  readonly #topology: Topology['topology'];
  readonly #world: World;
  readonly #prefix: string;
  readonly #commands: NetnsCommand[] = [];
  /** Of the part that begins with the next command. */
  #heading: string | undefined;
  /** Devices that were made in the namespace of cables. */
  #far = 0;
  /** Between the indices of the interfaces of one node and those of the next. */
  readonly #stride: number;

  constructor({ topology }: Topology, world: World, prefix: string) {
    this.#topology = topology;
    this.#world = world;
    this.#prefix = prefix;
    const most = Math.max(1, ...Object.keys(topology.nodes).map((node) => this.#netOf(node).devices.length));
    this.#stride = 100 * Math.ceil((most + 1) / 100);
  }

  plan(): NetnsPlan {
    const nodes = Object.entries(this.#topology.nodes);
    for (const [name, node] of nodes) this.#begin(name, node);
    this.#heading = 'Bridges, cables and ports.';
    for (const [name, node] of nodes) this.#makeBridges(name, node);
    const unplugged = nodes.flatMap(([name, node]) => this.#portsWithoutLink(name, node));
    const usesCables = unplugged.length > 0 || this.#topology.links.some(({ state }) => state === 'down');
    if (usesCables) this.#outside('ip', 'netns', 'exec', this.#name(CABLES), ...WITHOUT_IPV6_AND_BRIDGE_FILTER);
    for (const [index, link] of this.#topology.links.entries()) this.#makeLink(link, index);
    for (const end of unplugged) this.#makeEnd(end, `port${this.#far + 1}`);
    for (const [name, node] of nodes) this.#configure(name, node);
    return {
      namespaces: [
        ...nodes.map(([node]) => ({ node, name: this.#name(node) })),
        ...(usesCables ? [{ node: '', name: this.#name(CABLES) }] : []),
      ],
      commands: this.#commands,
      services: nodes.flatMap(([node, spec]) => servicesOf(node, spec)),
    };
  }

  #name(node: string): string {
    return `${this.#prefix}${node}`;
  }

  #netOf(name: string) {
    const node = must(this.#world.nodes.get(name), `the world has a node ${name}`);
    assert(node.kind !== 'comware', 'refused before');
    return node.net;
  }

  #device({ node, interface: name }: Endpoint): NetDevice {
    return must(this.#netOf(node).device(name), `the world has ${node}:${name}`);
  }

  #add(command: NetnsCommand): void {
    const heading = this.#heading;
    this.#heading = undefined;
    this.#commands.push(heading === undefined ? command : { ...command, heading });
  }

  #inside(node: string, ...argv: string[]): void {
    this.#add({ node, argv });
  }

  #outside(...argv: string[]): void {
    this.#add({ node: '', argv });
  }

  #withoutOffloads(node: string, device: string): void {
    this.#add({ node, argv: ['ethtool', '-K', device, ...OFFLOADS], optional: true });
  }

  /** What is set before there are devices: they take after it. */
  #begin(name: string, node: TopologyNode): void {
    this.#heading = `${name}: the settings of an untouched mainline kernel, and those of the file.`;
    this.#inside(name, ...mainlineDefaults());
    this.#inside(name, ...WITHOUT_IPV6_AND_BRIDGE_FILTER);
    const lost = 'another TCP congestion control than cubic stays in use';
    this.#add({ node: name, argv: CUBIC, optional: true, lost: `${name}: ${lost}` });
    this.#inside(name, 'ip', 'link', 'set', 'dev', 'lo', 'up');
    this.#withoutOffloads(name, 'lo');
    const { before } = planSettings(settingsOf(node));
    if (before.length > 0) this.#inside(name, ...writeSettings(before));
  }

  #makeBridges(name: string, node: TopologyNode): void {
    if (node.kind === 'comware') return;
    const bridges =
      node.kind === 'bridge'
        ? [['br0', node] as const]
        : Object.entries(node.interfaces).filter(([, spec]) => spec.kind === 'bridge');
    for (const [device, { ageing, fdb_max_learned: most }] of bridges) {
      const words = this.#deviceWords({ node: name, interface: device });
      const options = ageing === undefined ? [] : ['ageing_time', String(ageing / 1e7)];
      // iproute2 knows it from 6.8 on.
      if (most !== undefined) options.push('fdb_max_learned', String(most));
      this.#inside(name, 'ip', 'link', 'add', 'name', ...words, 'type', 'bridge', ...SILENT_BRIDGE, ...options);
      this.#withoutOffloads(name, device);
    }
  }

  /** The name of a device with what it is born with. */
  #deviceWords(end: Endpoint): string[] {
    const device = this.#device(end);
    const place = Object.keys(this.#topology.nodes).indexOf(end.node);
    const index = place * this.#stride + device.ifindex;
    // A MAC that follows the ports must not be set: from then on it would stay.
    const follows = device instanceof BridgeDevice && device.followsMac && device.ports.length > 0;
    const mac = follows ? [] : ['address', formatMac(device.mac)];
    return [device.name, 'index', String(index), ...mac, 'mtu', String(device.mtu)];
  }

  #endWords(end: Endpoint): string[] {
    return [...this.#deviceWords(end), 'netns', this.#name(end.node)];
  }

  #makeLink(link: LinkSpec, index: number): void {
    const [a, b] = link.endpoints;
    if (link.state === 'down') this.#makeUnplugged(link, index);
    else {
      this.#outside(
        'ip',
        'link',
        'add',
        'name',
        ...this.#endWords(a),
        'type',
        'veth',
        'peer',
        'name',
        ...this.#endWords(b),
      );
      for (const end of link.endpoints) this.#withoutOffloads(end.node, end.interface);
    }
    for (const end of link.endpoints) {
      const argv = netemArgv(end.interface, link);
      if (argv === undefined) continue;
      const lost = `${end.node} ${end.interface}: no rate, delay, jitter and loss, for which netem is needed`;
      this.#add({ node: end.node, argv, optional: true, lost });
    }
  }

  /**
   * Each end goes to a namespace of its own, where a bridge stands for the cable: as long as the far ends are down
   * neither port has carrier, and to plug the cable in is to set them up.
   */
  #makeUnplugged(link: LinkSpec, index: number): void {
    const cable = `cable${index + 1}`;
    const cables = this.#name(CABLES);
    const bridge = ['type', 'bridge', ...SILENT_BRIDGE, 'ageing_time', '0'];
    const ends = `"link set dev ${cable}a up" and "link set dev ${cable}b up"`;
    this.#heading = `${cable} is not plugged in: "ip -n ${cables}" with ${ends} does it.`;
    this.#outside('ip', '-n', cables, 'link', 'add', 'name', cable, 'index', this.#farIndex(), ...bridge);
    this.#outside('ip', '-n', cables, 'link', 'set', 'dev', cable, 'up');
    for (const [side, end] of link.endpoints.entries()) {
      const far = `${cable}${side === 0 ? 'a' : 'b'}`;
      this.#makeEnd(end, far);
      this.#outside('ip', '-n', cables, 'link', 'set', 'dev', far, 'master', cable);
    }
  }

  /** A port whose far end is down, so that it has no carrier. */
  #makeEnd(end: Endpoint, far: string): void {
    const peer = [far, 'index', this.#farIndex(), 'mtu', WIDE, 'netns', this.#name(CABLES)];
    this.#outside('ip', 'link', 'add', 'name', ...this.#endWords(end), 'type', 'veth', 'peer', 'name', ...peer);
    this.#withoutOffloads(end.node, end.interface);
  }

  #farIndex(): string {
    this.#far++;
    return String(Object.keys(this.#topology.nodes).length * this.#stride + 1 + this.#far);
  }

  #portsWithoutLink(name: string, node: TopologyNode): Endpoint[] {
    if (node.kind !== 'linux') return [];
    const linked = new Set(this.#linkedPorts(name));
    return Object.entries(node.interfaces)
      .filter(([device, { kind }]) => kind === 'ethernet' && device !== 'lo' && !linked.has(device))
      .map(([device]) => ({ node: name, interface: device }));
  }

  /** In the order in which links name them, which is that of the ports of a bridge. */
  #linkedPorts(name: string): string[] {
    return this.#topology.links.flatMap(({ endpoints }) =>
      endpoints.filter((end) => end.node === name).map((end) => end.interface),
    );
  }

  #configure(name: string, node: TopologyNode): void {
    if (node.kind === 'comware') return;
    this.#heading = node.kind === 'bridge' ? `${name}: a switch.` : `${name}: what the file gives it.`;
    const { ofDevice } = planSettings(settingsOf(node));
    for (const { name: device } of this.#netOf(name).devices) {
      const settings = ofDevice(device);
      if (settings.length > 0) this.#inside(name, ...writeSettings(settings));
    }
    if (node.kind === 'bridge') this.#configureBridge(name);
    else this.#configureLinux(name, node);
    this.#heading = undefined;
  }

  #configureBridge(name: string): void {
    this.#up(name, 'br0');
    for (const port of this.#linkedPorts(name)) {
      this.#inside(name, 'ip', 'link', 'set', 'dev', port, 'master', 'br0');
      this.#up(name, port);
    }
    this.#widthOfBridge(name, 'br0', undefined);
  }

  #configureLinux(name: string, node: LinuxNode): void {
    for (const port of this.#linkedPorts(name)) if (!Object.hasOwn(node.interfaces, port)) this.#up(name, port);
    for (const [device, spec] of Object.entries(node.interfaces)) {
      for (const port of spec.ports ?? []) this.#inside(name, 'ip', 'link', 'set', 'dev', port, 'master', device);
      if (spec.kind === 'bridge') this.#widthOfBridge(name, device, spec.mtu);
      for (const { address, length } of addressesOf(spec.address)) {
        const text = `${formatIpv4(address)}/${length}`;
        // The kernel gave lo this one.
        if (device !== 'lo' || text !== '127.0.0.1/8') this.#inside(name, 'ip', 'addr', 'add', text, 'dev', device);
      }
    }
    for (const [device, { up }] of Object.entries(node.interfaces)) if (up && device !== 'lo') this.#up(name, device);
    this.#runAll(name, node);
  }

  #runAll(name: string, node: LinuxNode): void {
    for (const route of node.routes) this.#add(planCommand(name, `ip route add ${route}`));
    for (const rule of node.rules) this.#add(planCommand(name, `ip rule add ${rule}`));
    if (node.iptables !== undefined) this.#add({ node: name, ...restoreOf(node.iptables) });
    for (const line of node.exec) this.#add(planCommand(name, line));
  }

  #up(node: string, device: string): void {
    this.#inside(node, 'ip', 'link', 'set', 'dev', device, 'up');
  }

  /** Left alone, the MTU of a bridge is the least of its ports' (br_mtu_auto_adjust); one that is set stays. */
  #widthOfBridge(node: string, name: string, own: number | undefined): void {
    const bridge = this.#device({ node, interface: name });
    assert(bridge instanceof BridgeDevice, `${name} is a bridge`);
    const least = bridge.ports.length === 0 ? 1500 : Math.min(...bridge.ports.map(({ mtu }) => mtu));
    if (own === undefined && bridge.mtu === least) return;
    this.#inside(node, 'ip', 'link', 'set', 'dev', name, 'mtu', String(bridge.mtu));
  }
}

function settingsOf(node: TopologyNode) {
  if (node.kind !== 'linux') return [];
  return Object.entries(node.sysctls).map(([key, value]) => ({ key, value }));
}

function servicesOf(node: string, spec: TopologyNode): { node: string; text: string }[] {
  if (spec.kind !== 'linux') return [];
  return spec.services.map((service) => {
    const { name, program, address, port } = service;
    const who = name === undefined ? program : `${name} (${program})`;
    return {
      node,
      text: `${who} at ${address === undefined ? '*' : formatIpv4(address)}:${port}/${protocolOf(service)}`,
    };
  });
}
