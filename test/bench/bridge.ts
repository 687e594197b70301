import { must } from '../../sim/core/assert.ts';
import { later, ns, ZERO } from '../../sim/core/time.ts';
import type { ProgramHost } from '../../sim/program/program-host.ts';
import type { UdpSocket } from '../../sim/transport/udp.ts';
import { type Ipv4, parseIpv4 } from '../../sim/wire/address.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import { build, hostOf, mustArrive, receivedBy, runAll } from './bench-world.ts';
import { SINK_PORT } from './flow.ts';
import type { JobOptions, Work } from './job.ts';

/*
 * One learning bridge and some hosts on cables of their own. Every host sends so many datagrams to every other, one host
 * after the other: 5 us lie between any two sends, so no frame waits for another. ARP is real, and flooded.
 */

const SLOT = 5000;
const EACH = 200;
const PAYLOAD = 100;

export function bridge(size: number, { each = EACH, payload = PAYLOAD }: JobOptions): Work {
  const world = build(bridgeTopology(size));
  const addresses = Array.from({ length: size }, (_, index) => must(parseIpv4(addressOf(index)), 'an address'));
  const data = new Uint8Array(payload);
  for (const index of addresses.keys()) {
    const host = hostOf(world, `h${index}`);
    // In the order in which it comes to them: the next host first, itself never.
    const peers = addresses.map((_, step) => addresses[(index + step) % size] as Ipv4).slice(1);
    sendToEach(host, { peers, each, data, offset: index, hosts: size });
  }
  return {
    run: () => runAll(world),
    tally() {
      const packets = addresses.reduce((sum, _, index) => sum + receivedBy(world, `h${index}`), 0);
      mustArrive(world, 'packets', packets, size * (size - 1) * each);
      return { packets, hops: packets * 2, events: world.clock.ran };
    },
  };
}

interface Round {
  readonly peers: readonly Ipv4[];
  readonly each: number;
  readonly data: Uint8Array;
  readonly offset: number;
  readonly hosts: number;
}

function sendToEach({ clock, udp, place }: ProgramHost, { peers, each, data, offset, hosts }: Round): void {
  const socket: UdpSocket = udp.open({ name: 'sender', place });
  const gap = ns(SLOT * hosts);
  const count = peers.length * each;
  const next = (sent: number): void => {
    const result = socket.sendTo(data, peers[Math.floor(sent / each)] as Ipv4, SINK_PORT);
    if ('errno' in result) throw new Error(`send: ${result.errno}`);
    if (sent + 1 < count) clock.after(gap, next, sent + 1);
  };
  clock.after(later(ZERO, ns(SLOT * offset)), next, 0);
}

const addressOf = (index: number): string => `10.0.${(index + 1) >> 8}.${(index + 1) & 0xff}`;

function bridgeTopology(hosts: number): TopologyInput['topology'] {
  const indexes = Array.from({ length: hosts }, (_, index) => index);
  const host = (index: number) => ({
    kind: 'linux' as const,
    interfaces: { eth0: { address: `${addressOf(index)}/16` } },
    services: [{ port: SINK_PORT, program: 'sink' as const }],
  });
  return {
    nodes: { sw: { kind: 'bridge' }, ...Object.fromEntries(indexes.map((index) => [`h${index}`, host(index)])) },
    links: indexes.map((index) => ({ endpoints: [`h${index}:eth0`, `sw:p${index}`], rate: '1gbit', delay: '1us' })),
  };
}
