import { expect } from 'vitest';
import { parse } from 'yaml';
import { accountOf, type FlowAccount } from '../../sim/explain/account.ts';
import { type Flow, runFlow } from '../../sim/explain/flow.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';

/** A world of nodes and links, written as in a topology file. */
export function lab(text: string, seed = 1): World {
  const { nodes, links } = parse(text);
  const topology = topologySchema.parse({ name: 'lab', topology: { nodes, links } });
  const { world, findings } = buildWorld(topology, { seed, trace: true, capture: true });
  expect(findings).toEqual([]);
  return world;
}

type Send = Partial<Omit<Flow, 'destination' | 'port' | 'source'>> & { readonly source?: string };

/** Sends `ADDRESS` (ping) or `ADDRESS:PORT` (UDP unless `protocol` says otherwise) and accounts for it. */
export function send(world: World, from: string, to: string, more: Send = {}): FlowAccount {
  const [address = '', port] = to.split(':');
  const stack = world.find(from);
  if (stack === undefined) throw new Error(`there is no ${from}`);
  const { source, ...rest } = more;
  const run = runFlow(world, stack, {
    protocol: port === undefined ? 'icmp' : 'udp',
    destination: parseIpv4(address) ?? 0,
    port: Number(port ?? 0),
    ...(source === undefined ? {} : { source: parseIpv4(source) ?? 0 }),
    ...rest,
  });
  return accountOf(world, run);
}

/**
 * a (10.0.0.2) - r - b (10.1.0.2). `more` adds lines, indented by six, to each node of that name; b echoes UDP on port 7 and
 * TCP on port 80.
 */
export function chain(more: { readonly a?: string; readonly r?: string; readonly b?: string } = {}): World {
  const lines = (text = ''): string => text.replace(/^/gm, '      ');
  return lab(`
nodes:
    a:
      kind: linux
      interfaces: { eth0: { address: 10.0.0.2/24 } }
      routes: ["default via 10.0.0.1"]
${lines(more.a)}
    r:
      kind: linux
      interfaces: { eth0: { address: 10.0.0.1/24 }, eth1: { address: 10.1.0.1/24 } }
${lines(more.r?.includes('sysctls') ? '' : 'sysctls: { net.ipv4.ip_forward: 1 }')}
${lines(more.r)}
    b:
      kind: linux
      interfaces: { eth0: { address: 10.1.0.2/24 } }
${lines(more.b?.includes('routes') ? '' : 'routes: ["default via 10.1.0.1"]')}
${lines(more.b?.includes('services') ? '' : 'services: [{ port: 7, name: echo }, { port: 80, program: http }]')}
${lines(more.b)}
links:
    - endpoints: ["a:eth0", "r:eth0"]
    - endpoints: ["r:eth1", "b:eth0"]
`);
}

/** What the tests look at first: verdicts of the flow and its legs, and of what died where and why. */
export function gist(account: FlowAccount): object {
  const { verdict, there, back, drops } = account;
  return {
    verdict,
    there: there?.verdict,
    back: back?.verdict,
    drops: drops.map((drop) => `${drop.role} ${drop.at} ${drop.reason} ${drop.decidedBy.kind}: ${drop.decidedBy.text}`),
  };
}
