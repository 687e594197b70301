import { Chance } from '../sim/core/chance.ts';
import { runScenario, type ScenarioRun } from '../sim/scenario/runner.ts';
import { type Scenario, scenarioSchema } from '../sim/scenario/scenario-schema.ts';
import { formatIpv4 } from '../sim/wire/address.ts';
import { buildWorld } from '../sim/world/build.ts';
import { checkTopology } from '../sim/world/check.ts';
import { stackNames } from '../sim/world/stack-names.ts';
import { topologySchema } from '../sim/world/topology-schema.ts';
import type { World } from '../sim/world/world.ts';

/* Networks that chance makes, and what it does to them: the same of one seed. */

/** Of everything that is no Comware application. */
const SERVICES: readonly object[] = [
  { port: 7 },
  { port: 7, protocol: 'tcp', name: 'tcp-echo' },
  { port: 80, program: 'registry', images: { app: null } },
  { port: 69, program: 'tftp', overwrite: true, files: { old: { size: 2000 } } },
];

type Pick = <T>(from: readonly T[]) => T;

/** A row of two to five routers, Linux and Comware, with containers behind them; some routes are left out. */
function someTopology(chance: Chance, pick: Pick): unknown {
  const count = 2 + chance.below(4);
  const kinds = Array.from({ length: count }, () => pick(['comware', 'linux', 'comware'] as const));
  const port = (index: number, side: 1 | 2): string => (kinds[index] === 'comware' ? `GE1/0/${side}` : `eth${side}`);
  const nodes: Record<string, unknown> = {};
  for (const [index, kind] of kinds.entries()) {
    const interfaces: Record<string, unknown> = {};
    if (index > 0) interfaces[port(index, 1)] = { address: `10.0.${index - 1}.2/24` };
    if (index < count - 1) interfaces[port(index, 2)] = { address: `10.0.${index}.1/24`, mtu: pick([1500, 1400, 576]) };
    const nextHop = (to: number): string => (to < index ? `10.0.${index - 1}.1` : `10.0.${index}.2`);
    const routes = kinds.flatMap((_, to) =>
      to === index || chance.below(8) === 0 ? [] : [`172.${16 + to}.0.0/16 via ${nextHop(to)}`],
    );
    nodes[`n${index}`] =
      kind === 'linux'
        ? linuxNode(chance, index, interfaces, routes)
        : comwareNode(chance, pick, index, interfaces, routes);
  }
  const links = Array.from({ length: count - 1 }, (_, index) => ({
    endpoints: [`n${index}:${port(index, 2)}`, `n${index + 1}:${port(index + 1, 1)}`],
    ...pick([{}, { delay: '1ms', jitter: '2ms' }, { loss: 20 }, { rate: '1mbit' }]),
  }));
  return { topology: { nodes, links } };
}

function linuxNode(chance: Chance, index: number, interfaces: Record<string, unknown>, routes: string[]): unknown {
  if (chance.below(2) === 0) interfaces.br0 = { kind: 'bridge', address: `172.${16 + index}.0.1/24` };
  const sysctls = { 'net.ipv4.ip_forward': chance.below(6) ? 1 : 0, 'net.ipv4.conf.all.rp_filter': chance.below(3) };
  return { kind: 'linux', interfaces, routes, sysctls, services: SERVICES };
}

function comwareNode(
  chance: Chance,
  pick: Pick,
  index: number,
  interfaces: Record<string, unknown>,
  routes: string[],
): unknown {
  const containers: Record<string, unknown> = {};
  for (let group = 0; group < chance.below(3); group++) {
    const name = `Virtual-Eth-Group${group}`;
    interfaces[name] = { address: `172.${16 + index}.${group}.254/24` };
    for (let one = 0; one < 1 + chance.below(3); one++) {
      const restart = pick(['no', 'always', 'unless-stopped']);
      containers[`c${index}${group}${one}`] = { networks: [name], services: SERVICES, restart };
    }
  }
  const shared = chance.below(2) === 0 ? 'container:comware' : 'host';
  if (chance.below(2) === 0) containers[`s${index}`] = { network_mode: shared, services: SERVICES };
  if (chance.below(2) === 0) interfaces.LoopBack0 = { address: `172.${16 + index}.200.1/32` };
  const images = { app: { services: [{ port: 7 }] } };
  const configuration = pick(['', 'ip ttl-expires enable\nip unreachables enable\n']);
  const applications = [
    { name: 'x', port: 161, stack: pick(['comware', 'kernel']) },
    { name: 'ftp', port: 21, program: 'ftp', stack: pick(['comware', 'kernel']) },
  ];
  return { kind: 'comware', interfaces, routes, containers, images, applications, configuration };
}

const COMMANDS = [
  'ip route del default',
  'ip rule del pref 103',
  'ip rule add from all lookup 77',
  'ip route flush table 100',
  'ip link set eth0 down',
  'ip link set eth0 up',
  'ip addr flush dev eth1',
  'ip neigh flush dev eth0',
  'sysctl -w net.ipv4.ip_forward=0',
];
const LINES = [
  'interface GE1/0/1\n shutdown',
  'interface GE1/0/1\n undo shutdown',
  'undo interface Virtual-Eth-Group0',
  'interface Virtual-Eth-Group0\n ip address 172.16.0.253 24',
  'tpa ip source interface GE1/0/1',
  'interface GE1/0/2\n undo ip address',
];

const DOCKER = [
  'run -d --network container:comware --restart on-failure app',
  'run -d --name x --network none app',
  'run -d --name y --network container:x app',
  'run -d --rm --network host app',
  'run -d app',
  'stop x y',
  'start x y',
  'restart y x',
  'rm -f x',
  'network create apps',
  'run -d --network apps app',
  'kill comware',
  'guestshell start',
  'guestshell stop',
  'ps -a',
  'network inspect bridge',
  'inspect x y',
];

/** Traffic between anything and anything, and changes in between. */
function someStep(world: World, chance: Chance, pick: Pick): unknown {
  const own = world.stacks().flatMap(({ net }) => net.addresses.map(({ address }) => formatIpv4(address)));
  const to = pick([
    pick(own),
    pick(own),
    pick(own),
    pick(['10.9.9.9', '224.0.0.1', '255.255.255.255', '0.0.0.0', '10.0.0.255']),
  ]);
  const from = pick(stackNames(world));
  const ttl = pick([1, 2, 3, 64, 255]);
  switch (chance.below(12)) {
    case 0:
    case 1:
      return {
        ping: { from, to, ttl, size: pick([0, 8, 56, 4000, 30000]), df: pick(['want', 'do', 'dont']), timeout: '4s' },
      };
    case 2:
    case 3:
      return { udp: { from, to: `${to}:${pick([7, 161, 9])}`, size: pick([0, 1, 1472, 20000]), ttl, timeout: '2s' } };
    case 4:
      return { exec: { on: from, commands: [pick(COMMANDS)] } };
    case 6:
    case 7:
      return pick([
        { docker: { on: pick(['n0', 'n1']), run: pick(DOCKER) } },
        { docker: { on: 'n0', run: pick(DOCKER) } },
        { reboot: { on: pick(['n0', 'n1']), takes: pick(['0s', '1s']) } },
      ]);
    case 9:
    case 10:
      return applicationStep(from, to, pick);
    case 5:
      return { configure: { on: pick(['n0', 'n1']), lines: pick(LINES) } };
    default:
      return pick([
        { restart: { on: pick(['c000', 'c001', 'c100']) } },
        { stop: { on: pick(['c000', 'c010', 'c100']) } },
        { link: { endpoint: 'n1:GE1/0/1', state: pick(['up', 'down']) } },
      ]);
  }
}

/** Connections, transfers and searches, some of which later steps find open. */
function applicationStep(from: string, to: string, pick: Pick): unknown {
  const silence = '3s';
  return pick<unknown>([
    {
      tcp: { from, to: `${to}:${pick([7, 21, 80, 9])}`, send: 'x', size: pick([0, 1, 20000]), silence, timeout: '5s' },
    },
    { tcp: { from, to: `${to}:7`, send: 'x', hold: '20s', name: 'held', timeout: '5s' } },
    { tcp: { on: 'held', send: 'more', finish: pick(['close', 'abort', undefined]) } },
    { http: { from, get: `http://${to}/v2/`, silence, timeout: '5s' } },
    { tftp: { from, to, put: 'new', size: pick([0, 512, 3000]) } },
    { tftp: { from, to, get: pick(['old', 'nothing']) } },
    { traceroute: { from, to, max_hops: 5, wait: '1s' } },
    { pull: { on: from, image: `${to}/app` } },
    { stop: { on: from, service: pick(['tcp-echo', 'ftp']) } },
    { start: { on: from, service: pick(['tcp-echo', 'ftp']) } },
  ]);
}

interface RandomRun {
  readonly world: World;
  readonly scenario: Scenario;
  readonly run: ScenarioRun;
  /** What the checks hold against the network, which should be nothing. */
  readonly findings: readonly unknown[];
}

/** Makes the network of `seed` and does twenty things to it. */
export function randomRun(seed: number): RandomRun {
  const chance = new Chance(seed, 'worlds');
  const pick: Pick = (from) => from[chance.below(from.length)] as (typeof from)[number];
  const topology = topologySchema.parse(someTopology(chance, pick));
  const { world, findings } = buildWorld(topology, { seed, trace: true, capture: true });
  const steps = Array.from({ length: 20 }, () => someStep(world, chance, pick));
  const scenario = scenarioSchema.parse({ name: 'any', topology: 'none', steps, until: '60s' });
  return { world, scenario, run: runScenario(world, scenario), findings: [...checkTopology(topology), ...findings] };
}
