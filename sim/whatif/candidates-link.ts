import { bridgePortOf } from '../link/bridge-port.ts';
import type { NetDevice } from '../link/device.ts';
import { formatIpv4, mask } from '../wire/address.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate, RemedyKind } from './candidate.ts';
import { NEIGHBOUR_REASONS, type Scene } from './scene.ts';

/* Devices, cables, bridges and neighbours. */

/** Devices that are down, or too small. */
export function devices(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const own = stack.net.devices.filter((device) => !device.isLoopback || !device.up);
  const down = own
    .filter((device) => !device.up)
    .map(({ name }) => set(stack, 'interface', `ip link set ${name} up`, 6));
  return [...down, ...own.flatMap((device) => mtus(scene, stack, device))];
}

/** Sizes that other devices of the flow have: larger ones lift a limit, smaller ones keep off it. */
function mtus(scene: Scene, stack: Stack, device: NetDevice): Candidate[] {
  if (device.isLoopback || !scene.deaths.some(({ death }) => SIZE_REASONS.includes(death.reason))) return [];
  const all = scene.stacks.filter((other) => scene.distance(other) < 2).flatMap((other) => other.net.devices);
  const sizes = new Set(all.filter((other) => !other.isLoopback).map(({ mtu }) => mtu));
  return [...sizes]
    .filter((mtu) => mtu !== device.mtu)
    .map((mtu) => set(stack, 'interface', `ip link set ${device.name} mtu ${mtu}`, mtu > device.mtu ? 22 : 30));
}

const SIZE_REASONS: readonly string[] = ['kernel:PKT_TOO_BIG', 'comware:DF_SET'];

/** Cables that are unplugged or lose frames, and plugs in each other's ports. */
export function cables(scene: Scene, stack: Stack): Candidate[] {
  const own = scene.world.links.flatMap(({ ends, cable }) =>
    ends.filter((end) => nodeOf(end) === stack.node.name).map((end) => ({ end, cable, ends })),
  );
  const isMain = stack.title === stack.node.name;
  if (!isMain) return [];
  const found: Candidate[] = own
    .filter(({ cable }) => !cable.plugged)
    .map(({ ends }) => ({ kind: 'cable', verb: 'set', line: `link ${ends[0]} up`, cost: 6 }));
  if (scene.steps.some((step) => step.kind === 'drop' && step.reason === 'link:LOSS')) {
    for (const { ends } of own) found.push({ kind: 'cable', verb: 'set', line: `link ${ends[0]} loss 0`, cost: 9 });
  }
  // Frames multiply in a loop of bridges, which one cable less opens.
  if (scene.world.halt?.reason === 'storm') {
    for (const { ends } of own.filter((one) => one.cable.plugged)) {
      found.push({
        kind: 'cable',
        verb: 'set',
        line: `link ${ends[0]} down`,
        cost: isBetweenBridges(scene, ends) ? 4 : 30,
      });
    }
  }
  return [
    ...found,
    ...swaps(
      scene,
      stack,
      own.map(({ end }) => end),
    ),
  ];
}

function isBetweenBridges(scene: Scene, ends: readonly string[]): boolean {
  return ends.every((end) => (scene.world.find(nodeOf(end))?.bridges.length ?? 0) > 0);
}

/** Neighbours that are not where their addresses say: two plugs may be in each other's ports, on one node or on two. */
function swaps(scene: Scene, stack: Stack, own: readonly string[]): Candidate[] {
  const isLost = scene.deaths.some(({ death }) => NEIGHBOUR_REASONS.includes(death.reason));
  if (!isLost && !scene.refusals.some(({ errno }) => errno === 'EHOSTUNREACH')) return [];
  const all = scene.world.links.map(({ ends }) => ends);
  return own.flatMap((end) =>
    all
      .flatMap((ends) => (ends.includes(end) ? [] : ends))
      .map((other): Candidate => {
        const isSameNode = nodeOf(other) === stack.node.name;
        const [one, two] = [end, other].sort();
        return { kind: 'cable', verb: 'set', line: `link ${one} swap ${two}`, cost: isSameNode ? 26 : 32 };
      }),
  );
}

function nodeOf(end: string): string {
  return end.slice(0, end.indexOf(':'));
}

const FLAGS = [
  ['hairpin', true],
  ['learning', true],
  ['flood', true],
  ['bcast_flood', true],
  ['isolated', false],
] as const;

/** Ports that are in no bridge, and settings of ports that hold frames back. */
export function bridgePorts(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.bridges.length === 0) return [];
  const found: Candidate[] = [];
  for (const device of stack.net.devices) {
    const port = bridgePortOf(device);
    if (port !== undefined) {
      for (const [flag, wanted] of FLAGS) {
        if (port[flag] === wanted) continue;
        const cost = flag === 'hairpin' ? 19 : 10;
        found.push(set(stack, 'bridge', `bridge link set dev ${device.name} ${flag} ${wanted ? 'on' : 'off'}`, cost));
      }
    } else if (isFreePort(stack, device)) {
      for (const bridge of stack.bridges) {
        found.push(set(stack, 'bridge', `ip link set ${device.name} master ${bridge.name}`, 15));
      }
    }
  }
  for (const { mac, ifname, state, master } of scene.snapshot(stack).namespace.fdb) {
    if (state !== 'static' || ifname === master) continue;
    found.push({
      kind: 'bridge',
      verb: 'remove',
      line: `${stack.title}: bridge fdb ${mac} dev ${ifname} master`,
      cost: 12,
    });
  }
  return found;
}

function isFreePort({ net, bridges }: Stack, device: NetDevice): boolean {
  const isBridge = bridges.some((bridge) => bridge.name === device.name);
  return !isBridge && !device.isLoopback && device.linkType === 'ether' && net.addressesOf(device).length === 0;
}

/** Neighbours that somebody wrote down. */
export function neighbours(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const written = scene.snapshot(stack).namespace.neigh.filter(({ state }) => state.includes('PERMANENT'));
  return written.map(({ dst, dev }) => ({
    kind: 'neighbour',
    verb: 'remove',
    line: `${stack.title}: ip neigh ${dst} dev ${dev}`,
    cost: 11,
  }));
}

/** Another length of the subnet, an address that is there twice, one that nobody has. */
export function addresses(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge') return [];
  return [...lengths(scene, stack), ...duplicates(scene, stack), ...vacancies(scene, stack), ...subnets(scene, stack)];
}

/** Of two neighbours that do not agree on the length of their subnet one may be wrong. */
function lengths(scene: Scene, stack: Stack): Candidate[] {
  const own = scene.owned.filter((one) => one.stack === stack && one.length < 32 && one.device !== 'lo');
  return own.flatMap(({ device, address, length }) => {
    const others = scene.owned.filter(
      (other) => other.stack !== stack && isNear(address, other.address, Math.min(length, other.length)),
    );
    return [...new Set(others.map((other) => other.length))]
      .filter((other) => other !== length && other < 31)
      .map((other) => {
        const text = formatIpv4(address);
        const commands = `ip addr add ${text}/${other} dev ${device}; ip addr del ${text}/${length} dev ${device}`;
        return set(stack, 'address', commands, 15);
      });
  });
}

function isNear(a: number, b: number, length: number): boolean {
  return length > 0 && (a ^ b) >>> (32 - length) === 0;
}

/** An address that another stack has, too. */
function duplicates(scene: Scene, stack: Stack): Candidate[] {
  return scene.owned
    .filter((one) => one.stack === stack && one.device !== 'lo')
    .filter((one) => scene.ownersOf(one.address).some((other) => other.stack.node !== stack.node))
    .map(({ device, address, length }) => ({
      kind: 'address' as const,
      verb: 'remove' as const,
      line: `${stack.title}: ip addr ${formatIpv4(address)}/${length} dev ${device}`,
      cost: 14,
    }));
}

/** The same host in the subnet of those it cannot reach. */
function subnets(scene: Scene, stack: Stack): Candidate[] {
  const own = scene.owned.filter((one) => one.stack === stack && one.length < 32 && one.device !== 'lo');
  return scene.targetsOf(stack).flatMap((target) => {
    const { network, length } = scene.prefixAround(target);
    if (length === 32) return [];
    return own.flatMap(({ device, address }) => {
      const moved = (network | (address & ~mask(length))) >>> 0;
      if (moved === address || scene.ownersOf(moved).length > 0) return [];
      return [set(stack, 'address', `ip addr add ${formatIpv4(moved)}/${length} dev ${device}`, 34)];
    });
  });
}

/** Addresses that were asked for and that nobody has: whoever heard the question could have them. */
function vacancies(scene: Scene, stack: Stack): Candidate[] {
  const wanted = scene.steps.flatMap((step) => (step.kind === 'neighbour' ? [step] : []));
  const found: Candidate[] = [];
  for (const { nextHop, place, device } of wanted) {
    if (place.title === stack.place.title || scene.owned.some(({ address }) => formatIpv4(address) === nextHop))
      continue;
    const asking = scene.owned.find((one) => one.stack.place.title === place.title && one.device === device);
    for (const own of stack.net.devices) {
      if (own.isLoopback || !own.up || bridgePortOf(own) !== undefined || asking === undefined) continue;
      const forwards = stack.net.sysctls.of(own.name).forwarding !== 0;
      const isDestination = nextHop === formatIpv4(scene.destination);
      const cost = forwards && !isDestination ? 24 : isDestination ? 48 : 36;
      found.push(set(stack, 'address', `ip addr add ${nextHop}/${asking.length} dev ${own.name}`, cost));
    }
  }
  return found;
}

function set(stack: Stack, kind: RemedyKind, command: string, cost: number): Candidate {
  return { kind, verb: 'set', line: `${stack.title}: ${command}`, cost };
}
