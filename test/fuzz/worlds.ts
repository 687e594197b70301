import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Chance } from '../../sim/core/chance.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import type { World, WorldOptions } from '../../sim/world/world.ts';
import { ECHO_PORT, type Flow, openFlow, PUBLISHED_PORT, startEchoes, type Target } from './flows.ts';
import { TOPOLOGIES } from './topologies.ts';

/** The topologies of this package that have something of their own. */
const SHIPPED = [
  'linux/office',
  'whitepaper/cadvisor-nat',
  'whitepaper/host-applications',
  'whitepaper/host-applications-snat-at-comware',
  'whitepaper/separate-namespace',
  'whitepaper/shared-namespace',
  'whitepaper/tftp-server',
] as const;

/** Names of all worlds, in the order they take turns. */
export const WORLDS: readonly string[] = [...Object.keys(TOPOLOGIES), ...SHIPPED];

/** Builds a world by name; every stack of it echoes. */
export function openWorld(name: string, options: WorldOptions): World {
  const { world, findings } = buildWorld(topologySchema.parse(topologyOf(name)), options);
  if (findings.length > 0) throw new Error(`${name}: ${findings.map(({ message }) => message).join('; ')}`);
  startEchoes(world);
  world.advance(ms(10));
  return world;
}

/** Name and description stand beside what exists, or nothing does. */
function topologyOf(name: string): unknown {
  const own = TOPOLOGIES[name];
  if (own !== undefined) return { topology: own };
  return parse(readFileSync(join(topologyFolder(import.meta.dirname), `${name}.yaml`), 'utf8'));
}

/** That of the package, from wherever below it this was compiled to. */
function topologyFolder(from: string): string {
  const folder = join(from, 'topologies');
  return existsSync(folder) ? folder : topologyFolder(dirname(from));
}

/** Flows that are tried, and kept. */
const TRIED = 40;
const KEPT = 9;

/** Starts flows between stacks that chance picks, and keeps those that work: at most so many, of each kind as many. */
export function openFlows(world: World, chance: Chance): Flow[] {
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const stacks = world.stacks();
  const targets = targetsOf(world);
  const protocols = ['ping', 'udp', 'tcp', 'tcp'] as const;
  const tried = Array.from({ length: TRIED }, (_, id) =>
    openFlow(world, protocols[id % protocols.length] ?? 'tcp', id, { stack: pick(stacks), to: pick(targets) }),
  );
  for (let round = 0; round < 3; round++) {
    for (const flow of tried) flow.beat();
    world.advance((world.clock.now + seconds(1)) as typeof world.clock.now);
  }
  const working = tried.filter((flow) => flow.isAnswered && flow.fault === undefined);
  const kept = protocols
    .slice(0, 3)
    .flatMap((protocol) => working.filter((flow) => flow.protocol === protocol).slice(0, KEPT / 3));
  for (const flow of tried) if (!kept.includes(flow)) flow.close();
  world.advance((world.clock.now + ms(10)) as typeof world.clock.now);
  return kept;
}

/** The same once more, by a socket of its own. */
export function reopen(world: World, flow: Flow): Flow {
  flow.close();
  return openFlow(world, flow.protocol, 1000, flow.origin);
}

/** Addresses of all stacks, with the ports at which an echo may answer. */
function targetsOf(world: World): Target[] {
  const addresses = new Set(
    world
      .stacks()
      .flatMap(({ net, comware }) => [
        ...net.addresses.map(({ address }) => address),
        ...(comware?.interfaces ?? []).flatMap((one) => (one.address === undefined ? [] : [one.address.address])),
      ]),
  );
  // Its own echo answers everybody at 127.0.0.1; more of that is no news.
  addresses.delete(0x7f000001);
  return [...addresses].flatMap((address) => [
    { address, port: ECHO_PORT },
    { address, port: ECHO_PORT },
    { address, port: PUBLISHED_PORT },
  ]);
}
