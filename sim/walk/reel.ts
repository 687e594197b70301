import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import type { Flow } from '../explain/flow.ts';
import type { Play, ScenarioStep } from '../scenario/scenario-schema.ts';
import type { Change, FaultyChange } from '../whatif/change.ts';
import { buildChanged } from '../whatif/subject.ts';
import type { Topology } from '../world/topology-schema.ts';
import type { World, WorldOptions } from '../world/world.ts';

/** What a tape is made from: a network, what was changed about it, and what happens in it. It always gives the same tape. */
export interface Reel {
  readonly topology: Topology;
  readonly play: Play;
  /** Made when the network has been built, before anything happens. */
  readonly changes: readonly Change[];
  /** How far it may go; default DEFAULT_LIMITS. */
  readonly limits?: Limits;
}

/** The network of a reel before anything happens, or what is wrong with a change. */
export function buildReel(
  { topology, play, changes, limits = DEFAULT_LIMITS }: Reel,
  options: Pick<WorldOptions, 'trace' | 'capture'>,
): { readonly world: World } | FaultyChange {
  return buildChanged(topology, play.seed, changes, { ...options, limits });
}

/** One flow from a stack, as a scenario of one step. */
export function playOfFlow(name: string, from: string, flow: Flow, seed: number): Play {
  return { name, seed, steps: [stepOf(from, flow)], expect: [] };
}

function stepOf(from: string, { protocol, destination, port, ...flow }: Flow): ScenarioStep {
  const { source, sourcePort, ttl, size, df } = flow;
  const probe = {
    ...{ from, to: { address: destination, port } },
    ...(source === undefined ? {} : { source }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(df === undefined ? {} : { df }),
    ...(size === undefined ? {} : { size }),
  } as const;
  if (protocol === 'icmp') return { ping: { ...probe, count: 1 } };
  const ported = { ...probe, ...(sourcePort === undefined ? {} : { source_port: sourcePort }) };
  return protocol === 'tcp' ? { tcp: ported } : { udp: ported };
}
