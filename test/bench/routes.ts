import { seconds, us } from '../../sim/core/time.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import { formatIpv4, type Ipv4 } from '../../sim/wire/address.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';
import { build, hostOf, mustArrive, receivedBy, runAll } from './bench-world.ts';
import { SINK_PORT } from './flow.ts';
import { heapInUse } from './heap.ts';
import type { JobOptions, Work } from './job.ts';
import { Xorshift } from './random.ts';

/*
 * A source, one router with many routes, and a sink that takes whatever comes to it (all addresses are local to it).
 * Each datagram goes to a random address within a random one of the prefixes.
 */

const PACKETS = 200_000;
const GAP = us(10);
const PAYLOAD = 100;

export function routes(size: number, { packets = PACKETS, payload = PAYLOAD }: JobOptions): Work {
  const random = new Xorshift(12_345);
  const prefixes = randomPrefixes(size, random);
  const before = heapInUse();
  const { world, load } = loaded(prefixes);
  const bytes = (heapInUse() - before) / size;
  const host = hostOf(world, 'source');
  const draw = (): Ipv4 => drawDestination(prefixes, random);
  sendRandomly(host, draw, new Uint8Array(payload), packets);
  return {
    run: () => runAll(world),
    tally() {
      const arrived = receivedBy(world, 'sink');
      mustArrive(world, 'packets', arrived, packets);
      const more = { load_s: load, bytes_per_route: Math.round(bytes) };
      return { packets: arrived, hops: arrived * 2, events: world.clock.ran, more };
    },
  };
}

/**
 * The world, and in how many seconds its topology was loaded. In a function of its own: what it is built from is not
 * kept by a caller that measures.
 */
function loaded(prefixes: Prefixes): { readonly world: World; readonly load: number } {
  const topology = routesTopology(prefixes);
  const began = performance.now();
  const world = build(topology);
  return { world, load: (performance.now() - began) / 1e3 };
}

/** Prefixes, no two of them the same; `lengths[i]` belongs to `addresses[i]`. */
interface Prefixes {
  readonly addresses: Uint32Array;
  readonly lengths: Uint8Array;
}

/** Most are /24, as in the table of the Internet; some lie within others. */
const LENGTHS = [24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 23, 23, 22, 22, 21, 20, 19, 18, 32] as const;

/** The mask of a prefix length from 1 to 32. */
const maskOf = (length: number): number => (-1 << (32 - length)) >>> 0;

export function randomPrefixes(count: number, random: Xorshift): Prefixes {
  const addresses = new Uint32Array(count);
  const lengths = new Uint8Array(count);
  const seen = new Set<number>();
  for (let index = 0; index < count; ) {
    const length = LENGTHS[random.below(LENGTHS.length)] as number;
    const address = (random.next() & maskOf(length)) >>> 0;
    const first = address >>> 24;
    const key = address * 64 + length;
    // Neither the links themselves, 10/8, nor what is no address of a machine.
    if (first < 11 || first === 127 || first > 223 || seen.has(key)) continue;
    seen.add(key);
    addresses[index] = address;
    lengths[index] = length;
    index++;
  }
  return { addresses, lengths };
}

function drawDestination({ addresses, lengths }: Prefixes, random: Xorshift): Ipv4 {
  const index = random.below(addresses.length);
  const host = random.next() & ~maskOf(lengths[index] as number);
  return ((addresses[index] as number) | host) >>> 0;
}

function sendRandomly({ clock, udp, place }: ProgramHost, draw: () => Ipv4, payload: Uint8Array, count: number): void {
  const socket = udp.open({ name: 'sender', place });
  const next = (left: number): void => {
    const sent = socket.sendTo(payload, draw(), SINK_PORT);
    if ('errno' in sent) throw new Error(`send: ${sent.errno}`);
    if (left > 1) clock.after(GAP, next, left - 1);
  };
  clock.after(seconds(1), next, count);
}

function routesTopology({ addresses, lengths }: Prefixes): TopologyInput['topology'] {
  // Joined, a text is one piece, as it comes from a file; added up, it would be a tree of three times the memory.
  const routes = Array.from(addresses, (address, index) =>
    [formatIpv4(address), '/', lengths[index], ' via 10.0.1.2'].join(''),
  );
  return behindRouter(
    { routes },
    {
      exec: ['ip route add local default dev lo'],
      // No default route: the address that datagrams come from must not be one of its own.
      routes: ['10.0.0.0/24 via 10.0.1.1'],
    },
  );
}

/** What is particular about a node. */
type LinuxInput = Partial<Omit<Extract<TopologyInput['topology']['nodes'][string], { kind: 'linux' }>, 'kind'>>;

/** source 10.0.0.1 - 10.0.0.2 router 10.0.1.1 - 10.0.1.2 sink. */
export function behindRouter(router: LinuxInput, sink: LinuxInput, source: LinuxInput = {}): TopologyInput['topology'] {
  const cable = { rate: '1gbit', delay: '1us' };
  return {
    nodes: {
      source: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.0.1/24' } },
        routes: ['default via 10.0.0.2'],
        ...source,
      },
      router: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.0.2/24' }, eth1: { address: '10.0.1.1/24' } },
        ...router,
        sysctls: { 'net.ipv4.ip_forward': 1, ...router.sysctls },
      },
      sink: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.0.1.2/24' } },
        routes: ['default via 10.0.1.1'],
        services: [{ port: SINK_PORT, program: 'sink' }],
        ...sink,
      },
    },
    links: [
      { endpoints: ['source:eth0', 'router:eth0'], ...cable },
      { endpoints: ['router:eth1', 'sink:eth0'], ...cable },
    ],
  };
}
