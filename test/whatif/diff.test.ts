import { describe, expect, it } from 'vitest';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { type AskedFlow, parseAskedFlow } from '../../sim/whatif/asked-flow.ts';
import { isChangeFault, parseChange, type Verb } from '../../sim/whatif/change.ts';
import { type Diff, diffOf } from '../../sim/whatif/diff.ts';
import { type Topology, topologySchema } from '../../sim/world/topology-schema.ts';

/** A host with two ways to a server: by r1, or by r2. */
function twoWays(changes: Readonly<Record<string, unknown>> = {}): Topology {
  const router = (near: string, far: string) => ({
    kind: 'linux',
    interfaces: { eth0: { address: near }, eth1: { address: far } },
    sysctls: { 'net.ipv4.ip_forward': 1 },
  });
  const nodes = {
    host: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.1.0.5/24' } },
      routes: ['default via 10.1.0.1'],
    },
    r1: router('10.1.0.1/24', '10.2.0.1/24'),
    r2: router('10.1.0.2/24', '10.2.0.2/24'),
    server: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.2.0.5/24' } },
      routes: ['default via 10.2.0.1'],
      services: [{ port: 80, protocol: 'tcp' }],
    },
    left: { kind: 'bridge' },
    right: { kind: 'bridge' },
    ...changes,
  };
  return topologySchema.parse({
    topology: {
      nodes,
      links: [
        { endpoints: ['host:eth0', 'left:p1'] },
        { endpoints: ['r1:eth0', 'left:p2'] },
        { endpoints: ['r2:eth0', 'left:p3'] },
        { endpoints: ['server:eth0', 'right:p1'] },
        { endpoints: ['r1:eth1', 'right:p2'] },
        { endpoints: ['r2:eth1', 'right:p3'] },
      ],
    },
  });
}

function compared(
  before: Topology,
  after: Topology,
  lines: readonly (readonly [Verb, string])[],
  asked: readonly string[] = [],
  limit = 1000,
): Diff {
  const changes = lines.map(([verb, line]) => {
    const change = parseChange(verb, line);
    if (isChangeFault(change)) throw new Error(change.message);
    return change;
  });
  const flows = asked.map((text) => parseAskedFlow(text) as AskedFlow);
  const side = { seed: 1, scenario: undefined };
  const diff = diffOf(
    { ...side, topology: before, changes: [] },
    { ...side, topology: after, changes },
    { asked: flows, limit },
  );
  if ('fault' in diff) throw new Error(diff.fault.message);
  return diff;
}

describe('two networks compared', () => {
  it('are the same where nothing was changed, and the sum of the flows is all of them', () => {
    const diff = compared(twoWays(), twoWays(), []);
    expect(diff.changed).toEqual([]);
    expect([diff.onlyBefore, diff.onlyAfter, diff.left]).toEqual([[], [], 0]);
    // Six addresses, each asked by the three other nodes; the server's port 80 by three.
    expect(diff.compared).toBe(6 * 3 + 3);
    expect(diff.unchanged).toBe(diff.compared);
  });

  it('tell a flow that died from one that only took another way, and where they part', () => {
    const diff = compared(twoWays(), twoWays(), [['set', 'host: ip route replace default via 10.1.0.2']]);
    const fates = diff.changed.map(({ kind, before }) => `${kind} ${before.from} -> ${before.to}`);
    expect(fates).toContain('way host -> server 10.2.0.5 icmp');
    expect(fates.filter((text) => text.startsWith('fate'))).toEqual([]);
    const way = diff.changed.find(({ before }) => before.to === 'server 10.2.0.5 icmp');
    expect(way?.parting?.leg).toBe('there');
    expect(way?.parting?.last).toBe('left@left');
    expect([way?.parting?.before.next, way?.parting?.after.next]).toEqual(['eth0@r1', 'eth0@r2']);
  });

  it('name the rule that made the difference', () => {
    const rule = 'r1: iptables -A FORWARD -p tcp --dport 80 -j REJECT';
    const diff = compared(twoWays(), twoWays(), [['set', rule]]);
    expect(diff.changed.map(({ kind, before }) => `${kind} ${before.from} ${before.to}`)).toEqual([
      'fate host server 10.2.0.5:80/tcp',
    ]);
    const [flow] = diff.changed;
    expect(flow?.before.outcome.verdict).toBe('DELIVERED');
    expect(flow?.after.outcome).toMatchObject({ verdict: 'REJECTED', reason: 'kernel:NETFILTER_DROP', at: 'r1' });
    expect(flow?.parting?.after.decided).toContain('--dport 80 -j REJECT');
  });

  it('tell of a source that is hidden, and of an answer with another TTL', () => {
    const hidden = compared(twoWays(), twoWays(), [
      ['set', 'r1: iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE'],
    ]);
    const flow = hidden.changed.find(({ before }) => before.from === 'host' && before.to === 'server 10.2.0.5 icmp');
    expect([flow?.kind, flow?.before.outcome.source, flow?.after.outcome.source]).toEqual([
      'header',
      '10.1.0.5',
      '10.2.0.1',
    ]);
    const older = compared(twoWays(), twoWays(), [['set', 'server: net.ipv4.ip_default_ttl=32']]);
    expect(older.changed.every(({ kind }) => kind === 'header')).toBe(true);
    const ttls = older.changed.map(({ before, after }) => [before.outcome.ttl, after.outcome.ttl]);
    expect(ttls).toContainEqual([63, 31]);
  });

  it('send a flow in both where only one has the listener, and count what has no counterpart', () => {
    const silent = compared(twoWays(), twoWays(), [['remove', 'server: listen tcp 80']]);
    expect(silent.changed.map(({ before, after }) => [before.from, after.outcome.reason])).toEqual([
      ['host', 'kernel:NO_SOCKET'],
      ['r1', 'kernel:NO_SOCKET'],
      ['r2', 'kernel:NO_SOCKET'],
    ]);
    const gone = compared(twoWays(), twoWays(), [['remove', 'r2']]);
    expect(gone.changed).toEqual([]);
    expect(gone.onlyBefore).toContain('host -> r2 10.1.0.2 icmp');
    expect(gone.onlyBefore).toContain('r2 -> server 10.2.0.5:80/tcp');
    expect(gone.compared + gone.onlyBefore.length).toBe(6 * 3 + 3);
  });

  it('match flows by names: the same host with another address is the same flow', () => {
    const moved = twoWays({
      server: {
        kind: 'linux',
        interfaces: { eth0: { address: '10.2.0.9/24' } },
        routes: ['default via 10.2.0.1'],
        services: [{ port: 80, protocol: 'tcp' }],
      },
    });
    const diff = compared(twoWays(), moved, []);
    expect([diff.changed, diff.onlyBefore, diff.onlyAfter]).toEqual([[], [], []]);
  });

  it('ask only what is asked for, and stop at the limit', () => {
    const some = compared(
      twoWays(),
      twoWays(),
      [['set', 'link server:eth0 down']],
      ['host -> server:80/tcp', 'host -> r1'],
    );
    expect([some.compared, some.unchanged]).toEqual([2, 1]);
    const few = compared(twoWays(), twoWays(), [], [], 5);
    expect([few.compared, few.left]).toEqual([5, 16]);
  });

  it('may be runs of a scenario, whose steps are the flows', () => {
    const scenario = scenarioSchema.parse({
      name: 'steps',
      topology: 'x',
      steps: [
        { ping: { from: 'host', to: '10.2.0.5', count: 1 } },
        { exec: { on: 'r1', commands: ['sysctl -w net.ipv4.ip_forward=0'] } },
        { ping: { from: 'host', to: '10.2.0.5', count: 1 } },
      ],
    });
    const change = parseChange('set', 'host: ip route replace default via 10.1.0.2');
    const diff = diffOf(
      { topology: twoWays(), seed: 1, scenario, changes: [] },
      { topology: twoWays(), seed: 1, scenario, changes: isChangeFault(change) ? [] : [change] },
      { asked: [], limit: 10 },
    );
    if ('fault' in diff) throw new Error(diff.fault.message);
    // The second one dies at r1 either way: on its way there, or its answer on the way back.
    expect(diff.changed.map(({ kind, before }) => [kind, before.to])).toEqual([
      ['way', 'ping host'],
      ['way', 'ping host (2)'],
    ]);
  });
});

describe('a flow that is asked for', () => {
  it('is read, or refused with what is wrong', () => {
    expect(parseAskedFlow('pc1 -> 203.0.113.1:80/tcp')).toMatchObject({ from: 'pc1', port: 80, protocol: 'tcp' });
    expect(parseAskedFlow('pc-1.lab -> srv')).toMatchObject({ to: 'srv', protocol: 'icmp' });
    expect(parseAskedFlow('dev/app -> srv:53')).toMatchObject({ from: 'dev/app', protocol: 'udp' });
    for (const wrong of [
      'pc1',
      'pc1 -> ',
      'pc1 -> 1.2.3',
      'pc1 -> srv:0/tcp',
      'pc1 -> srv/tcp',
      'pc1 -> srv:9/icmp',
      'a -> b:1/x',
    ]) {
      expect(typeof parseAskedFlow(wrong)).toBe('string');
    }
  });
});
