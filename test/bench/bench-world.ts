import { seconds } from '../../sim/core/time.ts';
import { haltLines } from '../../sim/explain/halt-text.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import { servicesOf } from '../../sim/world/services.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import { buildSource, topologyOf } from '../../sim/world/topology-source.ts';
import { programHost, type World, type WorldOptions } from '../../sim/world/world.ts';

/** As far as a run may go; what is done before ends before. */
const LAST_MOMENT = seconds(1000);

const QUIET: WorldOptions = { seed: 1, trace: false, capture: false };

/** Builds a topology as a user's file is built: by its schema, its checks, and the commands that it comes to. */
export function build(topology: TopologyInput['topology'], options: Partial<WorldOptions> = {}): World {
  const loaded = topologyOf(topology);
  if ('problems' in loaded) throw new Error(loaded.problems.map(problemText).join('\n'));
  const { world, problems } = buildSource(loaded.source, { ...QUIET, ...options });
  if (problems.length > 0) throw new Error(problems.map(problemText).join('\n'));
  return world;
}

/** What a program on this stack sees of it. */
export function hostOf(world: World, name: string): ProgramHost {
  const stack = world.find(name);
  if (stack === undefined) throw new Error(`no stack ${name}`);
  return programHost(world, stack);
}

/** How many datagrams the services of a stack have received. */
export function receivedBy(world: World, name: string): number {
  return servicesOf(world, name).reduce((sum, { running }) => sum + (running?.received ?? 0), 0);
}

/** Runs until nothing is scheduled any more within the time that a run may take. */
export function runAll(world: World): void {
  if (world.advance(LAST_MOMENT) === 'halted') throw new Error(world.halt && haltLines(world, world.halt).join('\n'));
}

/** Throws unless everything arrived: a rate of packets that got lost is no rate. */
export function mustArrive(world: World, what: string, arrived: number, expected: number): void {
  world.audit();
  if (arrived === expected) return;
  const drops = [...world.ledger.drops].map(([reason, count]) => `${count} ${reason}`).join(', ');
  throw new Error(`${arrived} of ${expected} ${what} arrived${drops === '' ? '' : `; dropped: ${drops}`}`);
}
