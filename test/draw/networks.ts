import { Chance } from '../../sim/core/chance.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { checkTopology } from '../../sim/world/check.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';

/** A world of a topology that has no faults. */
export function worldOf(topology: unknown): World {
  const parsed = topologySchema.parse(topology);
  const faults = checkTopology(parsed);
  if (faults.length > 0) throw new Error(faults[0]?.message);
  const { world, findings } = buildWorld(parsed, { seed: 1, trace: true, capture: true });
  if (findings.length > 0) throw new Error(findings[0]?.message);
  return world;
}

/** Any network: hosts, bridges and Comware devices in one part or several, with rings, parallel cables and loose ends. */
export function someNetwork(seed: number): unknown {
  const chance = new Chance(seed, 'pictures');
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const count = 1 + chance.below(14);
  const kinds = Array.from({ length: count }, () => pick(['linux', 'linux', 'linux', 'bridge', 'comware'] as const));
  const ports: string[][] = kinds.map(() => []);
  const port = (index: number): string => {
    const own = ports[index] ?? [];
    own.push(kinds[index] === 'comware' ? `GE1/0/${own.length + 1}` : `eth${own.length + 1}`);
    return `${nameOf(index)}:${own.at(-1)}`;
  };
  const links = Array.from({ length: count === 1 ? 0 : chance.below(2 * count) }, () => {
    const a = chance.below(count);
    const b = (a + 1 + chance.below(count - 1)) % count;
    const how = pick([{}, { delay: '3ms', rate: '10mbit' }, { loss: 5, jitter: '1ms' }, { state: 'down' }]);
    return { endpoints: [port(a), port(b)], ...how };
  });
  const nodes = Object.fromEntries(
    kinds.map((kind, index) => [nameOf(index), nodeOf(kind, index, ports[index] ?? [], chance)]),
  );
  return { topology: { nodes, links } };
}

function nameOf(index: number): string {
  return index % 5 === 4 ? `a-node-with-a-rather-long-name-${index}` : `n${index}`;
}

function nodeOf(
  kind: 'linux' | 'bridge' | 'comware',
  index: number,
  ports: readonly string[],
  chance: Chance,
): unknown {
  if (kind === 'bridge') return { kind };
  if (kind === 'linux') {
    const own: Record<string, unknown> = { spare: {}, ...Object.fromEntries(ports.map((name) => [name, {}])) };
    if (ports.length > 0) own.eth1 = { address: [`10.${index}.0.1/24`, `10.${index}.1.1/24`] };
    if (chance.below(3) === 0) own.br0 = { kind: 'bridge', address: `172.16.${index}.1/24`, ports: ['spare'] };
    return { kind, interfaces: own };
  }
  const interfaces: Record<string, unknown> = {
    ...Object.fromEntries(ports.map((name) => [name, {}])),
    'GE1/0/1': { address: `20.${index}.1.1/24` },
    LoopBack0: { address: `9.9.9.${index}/32` },
  };
  const containers: Record<string, unknown> = {};
  for (let group = 0; group < chance.below(3); group++) {
    interfaces[`Virtual-Eth-Group${group}`] = { address: `30.${index}.${group}.254/24` };
    for (let one = 0; one < 1 + chance.below(9); one++) {
      containers[`c${group}-${one}`] = { image: 'x', networks: [`Virtual-Eth-Group${group}`] };
    }
  }
  if (chance.below(2) === 0) containers.shared = { image: 'x', network_mode: 'container:comware' };
  if (chance.below(2) === 0) containers.hosted = { image: 'x', network_mode: 'host' };
  if (chance.below(2) === 0) containers.lonely = { image: 'x', network_mode: 'none' };
  if (chance.below(2) === 0) containers.idle = { image: 'x', network_mode: 'none', autostart: false };
  return { kind, interfaces, containers };
}

/** A switch with `count` hosts. */
export function star(count: number): unknown {
  const hosts = Array.from({ length: count }, (_, index) => `h${index}`);
  const nodes = Object.fromEntries(
    hosts.map((name, index) => [name, { kind: 'linux', interfaces: { eth0: { address: `10.0.0.${index + 1}/24` } } }]),
  );
  const links = hosts.map((name, index) => ({ endpoints: [`${name}:eth0`, `sw:p${index}`] }));
  return { topology: { nodes: { sw: { kind: 'bridge' }, ...nodes }, links } };
}

/** Routers in a row. */
export function chain(count: number): unknown {
  const names = Array.from({ length: count }, (_, index) => `r${index}`);
  const nodes = Object.fromEntries(names.map((name) => [name, { kind: 'linux' }]));
  const links = names.slice(1).map((name, index) => ({ endpoints: [`r${index}:right`, `${name}:left`] }));
  return { topology: { nodes, links } };
}
