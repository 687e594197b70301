import type { Comware } from '../../sim/comware/comware.ts';
import type { Stack, World } from '../../sim/world/world.ts';

/** How many entries a table has, and the most that it may have. */
export interface TableSize {
  readonly name: string;
  readonly count: number;
  readonly most: number;
}

/** 2048 buckets of route exceptions, five in each (FNHE_HASH_SIZE, FNHE_RECLAIM_DEPTH). */
const EXCEPTIONS = 2048 * 5;
/** Half-open connections of a listener: net.core.somaxconn, and one. */
const HALF_OPEN = 4097;
/** What a bridge learns, and what Comware's device is taken to have room for. */
const LEARNT = 262_144;
const COMWARE = { arp: 4096, nat: 262_144, sessions: 65_536 } as const;
/** The largest fragment, which the kernel takes while there is any room. */
const ONE_MORE = 70_000;

/** The tables of every stack that a frame can put something into. */
export function tableSizes(world: World): TableSize[] {
  return world.stacks().flatMap((stack) => {
    const sizes = stack.comware === undefined ? kernelTables(stack) : comwareTables(stack.comware);
    return sizes.map(([name, count, most]) => ({ name: `${name} of ${stack.title}`, count, most }));
  });
}

type Size = readonly [name: string, count: number, most: number];

function kernelTables({ net, bridges }: Stack): Size[] {
  const { tcp, neighbours, reassembler, pathMtu } = net.parts;
  const { inet_peer_threshold, ipfrag_high_thresh } = net.sysctls.global;
  const { nf_conntrack_max } = net.sysctls.conntrack;
  return [
    ['neighbours', neighbours.list().length, net.sysctls.neighbourTable.gc_thresh3],
    ['connections tracked', net.conntrack.count, nf_conntrack_max || Number.POSITIVE_INFINITY],
    ['bytes of fragments', reassembler.memory, ipfrag_high_thresh + ONE_MORE],
    ['peers', net.peers.size, inet_peer_threshold + 1],
    ['route exceptions', pathMtu.size, EXCEPTIONS],
    ...tcp
      .listeners()
      .map(({ localPort, halfOpen }): Size => [`half-open at port ${localPort}`, halfOpen.size, HALF_OPEN]),
    ...bridges.map(({ name, fdb }): Size => [`entries of ${name}`, fdb.size, LEARNT + 100]),
  ];
}

function comwareTables({ parts, nat, sessions }: Comware): Size[] {
  return [
    ['ARP entries', parts.arp.list().length, COMWARE.arp],
    ['sessions', sessions.list().length, COMWARE.sessions],
    ['NAT sessions', nat.sessions.list().length, COMWARE.nat],
  ];
}
