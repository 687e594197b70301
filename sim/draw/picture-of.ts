import { ZERO } from '../core/time.ts';
import type { Net } from '../kernel/net.ts';
import type { BridgeDevice } from '../link/bridge.ts';
import type { NetDevice } from '../link/device.ts';
import { VethDevice } from '../link/veth.ts';
import type { Place } from '../packet/place.ts';
import { boxText } from '../packet/stations.ts';
import { formatIpv4 } from '../wire/address.ts';
import { formatMac } from '../wire/mac.ts';
import type { DeviceNode, World, WorldNode } from '../world/world.ts';
import type { Picture, PictureBox, PictureDevice, PictureNode, PictureSpace, PictureWire } from './picture.ts';

/** Draws nothing yet: says what there is at this moment of a world. */
export function pictureOf(world: World): Picture {
  const nodes = [...world.nodes.values()].map(nodeOf);
  const veths = [...world.nodes.values()].flatMap((node) => netsOf(node).flatMap(vethsOf));
  return { nodes, wires: [...world.links.map(({ cable }) => cableOf(cable)), ...oncePerPair(veths)] };
}

function cableOf(cable: World['links'][number]['cable']): PictureWire {
  const [a, b] = cable.ends;
  const { delay, jitter, rate, loss } = cable.options;
  return { kind: 'cable', ends: [deviceId(a), deviceId(b)], plugged: cable.plugged, delay, jitter, rate, loss };
}

function vethsOf(net: Net): VethDevice[] {
  return net.devices.filter((device) => device instanceof VethDevice);
}

/** A pair is met at both of its ends. */
function oncePerPair(ends: readonly VethDevice[]): PictureWire[] {
  const seen = new Set<VethDevice>();
  return ends.flatMap((end): PictureWire[] => {
    seen.add(end);
    if (seen.has(end.peer) || end.gone || !ends.includes(end.peer)) return [];
    const still = { plugged: true, delay: ZERO, jitter: ZERO, rate: undefined, loss: 0 };
    return [{ kind: 'veth', ends: [deviceId(end), deviceId(end.peer)], ...still }];
  });
}

/** Each namespace of a node once, however many containers share it. */
function netsOf(node: WorldNode): Net[] {
  if (node.kind !== 'comware') return [node.net];
  const nets = node.docker.containers.flatMap(({ net }) => (net === undefined ? [] : [net]));
  return [...new Set([node.comware.net, node.host.net, ...nets])];
}

function nodeOf(node: WorldNode): PictureNode {
  const { name, kind } = node;
  if (node.kind === 'comware') return { name, kind, spaces: deviceSpaces(node) };
  if (node.kind === 'bridge') return { name, kind, spaces: [spaceOf(node.net, [], node.bridges)] };
  return { name, kind, spaces: [spaceOf(node.net, [node.net.place], node.bridges)] };
}

/** A namespace with its programs, which run at `programs`. */
function spaceOf(net: Net, programs: readonly Place[], bridges: readonly BridgeDevice[]): PictureSpace {
  const { place } = net;
  const stack: PictureBox[] =
    programs.length === 0
      ? []
      : [
          ...programs.map((program) => applicationOf(program, place)),
          kernelBox('Inet stack', 'stack', place),
          kernelBox('Kernel forwarding', 'forwarding', place),
        ];
  // A bridge is drawn as a box, and lo comes last.
  const [loopbacks, others] = [true, false].map((loopback) =>
    net.devices.filter((device) => device.kind !== 'bridge' && device.isLoopback === loopback),
  ) as [NetDevice[], NetDevice[]];
  const devices = [...others, ...loopbacks].map((device) => kernelDevice(net, device, ''));
  return {
    title: place.title,
    role: place.role,
    running: true,
    boxes: [...stack, ...bridges.map((bridge) => bridgeBox(net, bridge))],
    devices,
  };
}

function kernelBox(what: 'Inet stack' | 'Kernel forwarding', kind: PictureBox['kind'], place: Place): PictureBox {
  return { id: boxText(what, place), what, kind, owner: 'kernel', of: '', device: undefined };
}

function applicationOf(program: Place, place: Place): PictureBox {
  const what = 'Application';
  const of = program === place ? '' : (program.title.split('/').at(-1) ?? '');
  return { id: boxText(what, program), what, kind: 'application', owner: 'kernel', of, device: undefined };
}

function bridgeBox(net: Net, bridge: BridgeDevice): PictureBox {
  return {
    id: boxText(bridge.title, net.place),
    what: bridge.title,
    kind: 'bridge',
    owner: 'kernel',
    of: '',
    device: kernelDevice(net, bridge, ''),
  };
}

function kernelDevice(net: Net, device: NetDevice, standsFor: string): PictureDevice {
  const { name, kind, mtu } = device;
  const bridge = device.rxHandler?.bridge as BridgeDevice | undefined;
  return {
    id: deviceId(device),
    name,
    kind,
    owner: 'kernel',
    addresses: net.addresses
      .filter((one) => one.device === device)
      .map((one) => `${formatIpv4(one.address)}/${one.prefix.length}`),
    mac: device.linkType === 'ether' ? formatMac(device.mac) : '',
    mtu,
    state: stateOf(device),
    bridge: bridge === undefined ? '' : boxText(bridge.title, net.place),
    standsFor,
  };
}

function stateOf(device: NetDevice): PictureDevice['state'] {
  if (!device.up) return 'down';
  return device.carrier ? 'up' : 'no carrier';
}

function deviceId(device: NetDevice): string {
  return boxText(device.name, device.where);
}

/** Comware's namespace, the host's, those of containers, and the containers that have none because they do not run. */
function deviceSpaces(node: DeviceNode): PictureSpace[] {
  const { comware, host, docker } = node;
  const programsIn = (net: Net): Place[] =>
    docker.containers.flatMap((container) => (container.net === net ? [container.place] : []));
  const own = [...new Set(docker.containers.flatMap(({ net }) => (net === undefined ? [] : [net])))];
  const containers = own
    .filter((net) => net !== comware.net && net !== host.net)
    .map((net) => spaceOf(net, programsIn(net), []));
  const idle = docker.containers
    // A namespace that others have joined keeps the place of its maker, and may outlive it.
    .filter(({ net, place }) => net === undefined && !own.some((other) => other.place === place))
    .map(({ place }) => ({ title: place.title, role: place.role, running: false, boxes: [], devices: [] }));
  return [
    comwareSpace(node, programsIn(comware.net)),
    spaceOf(host.net, [host.net.place, ...programsIn(host.net)], host.bridges),
    ...containers,
    ...idle,
  ];
}

function comwareSpace({ comware }: DeviceNode, programs: readonly Place[]): PictureSpace {
  const { net, place, interfaces } = comware;
  const kernel = spaceOf(net, [place, ...programs], []);
  const own = (what: string, kind: PictureBox['kind']): PictureBox => ({
    id: boxText(what, place),
    what,
    kind,
    owner: 'Comware',
    of: '',
    device: undefined,
  });
  const standsFor = new Map(interfaces.map((one) => [one.kernelDevice, one.name.short]));
  const devices = net.devices.map((device) => kernelDevice(net, device, standsFor.get(device) ?? ''));
  return {
    ...kernel,
    // A Comware application on the kernel's stack is one of Comware's all the same: traces call it so.
    boxes: [
      own('Comware application', 'application'),
      own('Comware stack', 'stack'),
      own('Comware forwarding', 'forwarding'),
      ...kernel.boxes.filter(({ id }) => id !== boxText('Application', place)),
    ],
    // A virtual interface that the kernel has a device for is drawn once, as that device.
    devices: [
      ...devices,
      ...interfaces
        .filter(({ port, kernelDevice }) => port !== undefined || kernelDevice === undefined)
        .map((one) => interfaceOf(one, place)),
    ],
  };
}

function interfaceOf(one: DeviceNode['comware']['interfaces'][number], place: Place): PictureDevice {
  const { name, port, address, shutdown, isUp, mtu } = one;
  return {
    id: boxText(name.short, place),
    name: name.short,
    kind: port === undefined ? 'virtual' : 'physical',
    owner: 'Comware',
    addresses: address === undefined ? [] : [`${formatIpv4(address.address)}/${address.length}`],
    mac: port === undefined ? '' : formatMac(port.mac),
    mtu,
    state: shutdown ? 'down' : isUp ? 'up' : 'no carrier',
    bridge: '',
    standsFor: '',
  };
}
