import type { World } from '../../sim/world/world.ts';

/** How many entries a table has, and the most that it may have. */
export interface TableSize {
  readonly name: string;
  readonly count: number;
  readonly most: number;
}

/** As net.ipv4.neigh.default.gc_thresh3, and what Comware's device keeps. */
const NEIGHBOURS = 1024;
const SEGMENTS = 4096 + 2;

/** The tables of every stack that a frame can put something into. */
export function tableSizes(world: World): TableSize[] {
  return world.stacks().flatMap(({ title, net, bridges, comware }) => {
    if (comware !== undefined) return [];
    const { tcp, neighbours, reassembler } = net.parts;
    const { nf_conntrack_max } = net.sysctls.conntrack;
    const most = nf_conntrack_max === 0 ? Number.POSITIVE_INFINITY : nf_conntrack_max;
    const named = (name: string, count: number, limit: number): TableSize => ({
      name: `${title} ${name}`,
      count,
      most: limit,
    });
    return [
      named('neighbours', neighbours.list().length, NEIGHBOURS),
      named('packets that wait for neighbours', neighbours.held, NEIGHBOURS * 400),
      named('connections tracked', net.conntrack.count, most),
      named('fragments', reassembler.held, 20_000),
      named(
        'half-open connections',
        tcp.listeners().reduce((sum, { halfOpen }) => sum + halfOpen.size, 0),
        SEGMENTS * 4,
      ),
      ...bridges.map((bridge) => named(`${bridge.name} fdb`, bridge.fdb.list().length, Number.POSITIVE_INFINITY)),
    ];
  });
}
