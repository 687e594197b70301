import { Chance } from '../../sim/core/chance.ts';
import { enableConntrack } from '../../sim/kernel/forwarding/conntrack/hooks.ts';
import { masquerade } from '../kernel/nat-lab.ts';
import { Conversation, LINUX_SYN_OPTIONS, type Segment } from '../kernel/tcp-segments.ts';
import { Digest } from './digest.ts';

const FLAGS = ['S', 'SA', 'A', 'A', 'A', 'PA', 'FA', 'FA', 'R', 'RA', 'SF', '', 'SR', 'F', 'PAU'];

/** Two ends whose numbers are about right: what tracking makes of each of their segments, and of the connection. */
export function digestOfSegments(seed: number): string {
  const chance = new Chance(seed, 'segments');
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const talk = new Conversation({
    'net.netfilter.nf_conntrack_tcp_loose': pick([0, 1, 1]),
    'net.netfilter.nf_conntrack_tcp_be_liberal': pick([0, 0, 0, 1]),
    'net.netfilter.nf_conntrack_tcp_ignore_invalid_rst': pick([0, 0, 1]),
    'net.netfilter.nf_conntrack_tcp_max_retrans': pick([1, 3]),
  });
  const isHidden = chance.below(3) === 0;
  if (isHidden) masquerade(talk.lab, 'gw', 'eth2', pick([{}, { ports: [40000, 40001] as const }]));
  else enableConntrack(talk.lab.stack('gw').net, 'test');
  const outside = isHidden ? '198.51.100.1' : undefined;
  if (chance.below(4) > 0) talk.open(outside);
  const { conntrack } = talk.lab.stack('gw').net;
  const digest = new Digest();
  const next = { client: 1001, server: 5001 };
  for (let count = 0; count < 40; count++) {
    const isClient = chance.below(2) === 0;
    const [own, other] = isClient ? (['client', 'server'] as const) : (['server', 'client'] as const);
    const flags = pick(FLAGS);
    const length = flags.includes('P') ? pick([1, 100, 1448]) : 0;
    const segment: Segment = {
      ...{ flags, length, window: pick([0, 1, 502, 502, 65535]) },
      seq: pick([next[own], next[own], next[own], next[own] - 1, next[own] + 1, next[own] + 70_000, 0, 900_000]) >>> 0,
      ack:
        pick([next[other], next[other], next[other], next[other] - 1, next[other] + 1, next[other] - 70_000, 0]) >>> 0,
      options: flags.includes('S')
        ? pick([[], LINUX_SYN_OPTIONS])
        : pick([[], [], [1, 1, 5, 10, 0, 0, 3, 240, 0, 0, 4, 0]]),
    };
    const state = isClient ? talk.client(segment) : talk.server(segment, outside);
    if (state !== 'invalid' && segment.seq === next[own]) {
      next[own] += length + (flags.includes('S') ? 1 : 0) + (flags.includes('F') ? 1 : 0);
    }
    const entries = conntrack
      .list()
      .map((one) => [one.tcp?.state, conntrack.secondsLeft(one), one.assured, one.seenReply]);
    digest.text(`${state} ${JSON.stringify(entries)}`);
    if (chance.below(8) === 0) talk.wait(pick(['1s', '11s', '61s', '301s']));
  }
  digest.text(JSON.stringify(conntrack.statistics));
  return `${talk.state || 'gone'} ${digest.value}`;
}
