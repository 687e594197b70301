import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { arpFrames, arping, arpLines } from './arping.ts';

/*
 * A container network in 127.1.1.0/24: host docker0 127.1.1.1, container c 127.1.1.2, ext 192.0.2.20 outside. The
 * rounds are those a Linux 6.18 went through, without its NAT and with no bridge behind docker0: instead ext knows the way
 * back and takes 127.1.1.2 from the wire.
 */

const C = '02:00:00:00:00:02';
const DOCKER0 = '02:00:00:00:00:01';

function lab(): Lab {
  const nodes = {
    c: {
      kind: 'linux',
      interfaces: { eth0: { address: '127.1.1.2/24', mac: C } },
      routes: ['default via 127.1.1.1'],
    },
    host: {
      kind: 'linux',
      interfaces: {
        docker0: { address: '127.1.1.1/24', mac: DOCKER0 },
        eth0: { address: '192.0.2.10/24' },
      },
      sysctls: { 'net.ipv4.ip_forward': 1 },
    },
    ext: {
      kind: 'linux',
      interfaces: { eth0: { address: '192.0.2.20/24' } },
      sysctls: { 'net.ipv4.conf.eth0.route_localnet': 1 },
      routes: ['127.1.1.0/24 via 192.0.2.10'],
    },
  };
  const links = [{ endpoints: ['c:eth0', 'host:docker0'] }, { endpoints: ['host:eth0', 'ext:eth0'] }];
  return new Lab(nodes, links);
}

/** The changes that lead from one round to the next; round 1 is the default. */
const CHANGES: readonly ((lab: Lab) => void)[] = [
  (lab) => {
    lab.exec('host', 'sysctl -w net.ipv4.conf.docker0.route_localnet=1');
    lab.exec('c', 'sysctl -w net.ipv4.conf.eth0.route_localnet=1');
  },
  (lab) => lab.exec('host', 'sysctl -w net.ipv4.conf.eth0.route_localnet=1'),
  (lab) =>
    lab.exec(
      'c',
      'ip addr del 127.1.1.2/24 dev eth0',
      'ip addr add 127.1.1.2/24 dev eth0 scope global',
      'ip route add default via 127.1.1.1',
    ),
  (lab) => {
    for (const node of ['c', 'host']) lab.exec(node, 'ip rule add pref 1000 from 203.0.113.1 lookup main');
  },
  (lab) => {
    for (const node of ['c', 'host']) {
      lab.exec(node, 'ip addr del 127.0.0.1/8 dev lo', 'ip addr add 127.0.0.1/32 dev lo');
    }
  },
];

function round(number: number): Lab {
  const made = lab();
  for (const change of CHANGES.slice(0, number - 1)) change(made);
  return made;
}

/** What `ping -c 1` of the round says: a reply, the errno of the refusal or of an error, or silence. */
function outcome(lab: Lab, from: string, to: string, options: object = {}): string {
  const { probe } = lab.ping(from, to, { timeout: '1s', ...options });
  if (probe.replies.length > 0) return 'reply';
  return probe.sent[0]?.errno ?? probe.errors[0]?.errno ?? 'silence';
}

/** Whether c's request for 127.1.1.1 is answered, asked as `arping -I eth0` asks. */
function arpAnswered(lab: Lab): boolean {
  const start = lab.world.clock.now;
  arping(lab, 'c', 'eth0', { sender: '127.1.1.2', target: '127.1.1.1' });
  return arpLines(lab, 'c:eth0', start).includes(`in ${C}: 127.1.1.1 is-at ${DOCKER0}`);
}

const SOURCE = { source: '127.1.1.2' };

describe('the six rounds', () => {
  it.each([
    [1, 'EINVAL', 'EINVAL', false, 'silence', 'EINVAL'],
    [2, 'reply', 'reply', true, 'silence', 'silence'],
    [3, 'reply', 'reply', true, 'silence', 'reply'],
    [4, 'reply', 'reply', true, 'reply', 'reply'],
    [5, 'reply', 'reply', false, 'silence', 'silence'],
    [6, 'reply', 'reply', true, 'reply', 'reply'],
  ] as const)(
    'round %i: gateway %s, container %s, ARP %s, outside %s, with -I %s',
    (number, gw, c, arp, out, withSource) => {
      expect({
        gateway: outcome(round(number), 'c', '127.1.1.1'),
        container: outcome(round(number), 'host', '127.1.1.2'),
        arp: arpAnswered(round(number)),
        outside: outcome(round(number), 'c', '192.0.2.20'),
        withSource: outcome(round(number), 'c', '192.0.2.20', SOURCE),
      }).toEqual({ gateway: gw, container: c, arp, outside: out, withSource });
    },
  );
});

describe('why', () => {
  it('output: 127.0.0.0/8 leaves by no interface without route_localnet, and no frame is seen', () => {
    const lab = round(1);
    expect(outcome(lab, 'c', '127.1.1.1')).toBe('EINVAL');
    expect(outcome(lab, 'c', '192.0.2.20', SOURCE)).toBe('EINVAL');
    expect(lab.frames('c:eth0')).toEqual([]);
    // Only ENETUNREACH counts as a lost route.
    expect(lab.counters('c').IpOutNoRoutes).toBeUndefined();
  });

  it('ARP: in round 1 c asks for its gateway as 0.0.0.0, three times, and the host keeps quiet', () => {
    const lab = round(1);
    lab.ping('c', '192.0.2.20', { timeout: '5s' });
    expect(arpLines(lab, 'c:eth0')).toEqual(Array(3).fill('out all: who-has 127.1.1.1 tell 0.0.0.0'));
    expect(arpFrames(lab, 'c:eth0').map(({ time }) => Math.round(time))).toEqual([0, 1, 2]);
    expect(lab.drops()).toMatchObject({ 'kernel:NEIGH_FAILED@c': 1, 'kernel:IP_LOCALNET@host': 3 });
  });

  it('input: round 1 drops what comes for 127.0.0.0/8, and counts the receipt only', () => {
    const lab = round(1);
    const sent = lab.ping('ext', '127.1.1.1', { timeout: '1s' });
    expect(sent.drops).toMatchObject([{ reason: 'kernel:IP_LOCALNET', place: { title: 'host' } }]);
    expect(lab.counters('host')).toMatchObject({ IpInReceives: 1, IpExtInOctets: 84 });
    expect(lab.counters('host')).not.toHaveProperty('IpInAddrErrors');
    expect(lab.counters('host')).not.toHaveProperty('IpInDelivers');
  });

  it("round 2: c's address has host scope, so a packet for the outside gets source 0.0.0.0, and the host refuses it", () => {
    const lab = round(2);
    const sent = lab.ping('c', '192.0.2.20', { timeout: '1s' });
    expect(sent.probe.source).toBe(0);
    expect(sent.drops).toMatchObject([{ reason: 'kernel:IP_INVALID_SOURCE', place: { title: 'host' } }]);
  });

  it('round 2: with its source given it gets through, and the answer dies where it enters the host', () => {
    const lab = round(2);
    const sent = lab.ping('c', '192.0.2.20', { ...SOURCE, timeout: '1s' });
    expect(lab.counters('ext')).toMatchObject({ IcmpInEchos: 1, IcmpOutEchoReps: 1 });
    expect(sent.drops).toMatchObject([
      { reason: 'kernel:IP_LOCALNET', place: { title: 'host' }, detail: 'from 192.0.2.20 to 127.1.1.2 on eth0' },
    ]);
  });

  it('round 4: scope global lets the address be chosen; on the wire the packets are like any other', () => {
    const lab = round(4);
    const sent = lab.ping('c', '192.0.2.20');
    expect(sent.probe).toMatchObject({ source: 0x7f010102, replies: [{ from: 0xc0000214, ttl: 63 }] });
  });

  it('round 5: any rule splits local from main, and 127.0.0.0/8 of lo wins: each talks to itself', () => {
    const lab = round(5);
    const sent = lab.ping('c', '127.1.1.1');
    expect(sent.probe).toMatchObject({ source: 0x7f000001, replies: [{ from: 0x7f010101, ttl: 64 }] });
    expect(lab.frames('c:eth0')).toEqual([]);
    expect(sent.path).toContain('lo@c');
    expect(lab.ping('host', '127.1.1.2').probe.source).toBe(0x7f000001);
    expect(lab.frames('host:docker0')).toEqual([]);
  });

  it("round 5: c's own source is the host's too, so the host refuses it", () => {
    const lab = round(5);
    // Resolution fails in this round: the neighbours are entered by hand to get that far.
    lab.exec('c', `ip neigh replace 127.1.1.1 lladdr ${DOCKER0} dev eth0 nud permanent`);
    const sent = lab.ping('c', '192.0.2.20', { timeout: '1s' });
    expect(sent.drops).toMatchObject([{ reason: 'kernel:IP_LOCAL_SOURCE', place: { title: 'host' } }]);
  });

  it('round 5: the split outlives the rule that made it', () => {
    const lab = round(5);
    for (const node of ['c', 'host']) lab.exec(node, 'ip rule del pref 1000');
    lab.ping('c', '127.1.1.1');
    expect(lab.frames('c:eth0')).toEqual([]);
  });

  it('round 5: ARP for the gateway fails and the sender is told, by itself', () => {
    const lab = round(5);
    const sent = lab.ping('c', '192.0.2.20', { timeout: '5s' });
    expect(sent.probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH', from: 0x7f010102 }]);
    expect(arpLines(lab, 'c:eth0')).toEqual(Array(3).fill('out all: who-has 127.1.1.1 tell 127.1.1.2'));
  });

  it('without the split, 127.1.1.0/24 of main is longer than 127.0.0.0/8 of local', () => {
    const lab = round(2);
    const sent = lab.ping('c', '127.1.1.1');
    expect(sent.requestSteps.find((step) => step.kind === 'route')).toMatchObject({
      type: 'unicast',
      prefix: '127.1.1.0/24',
      table: 'main',
      device: 'eth0',
    });
    expect(sent.path).not.toContain('lo@c');
    expect(lab.ping('c', '127.9.9.9').path).toContain('lo@c');
  });

  it('route_localnet of `all` counts for every interface', () => {
    const lab = round(1);
    for (const node of ['c', 'host']) lab.exec(node, 'sysctl -w net.ipv4.conf.all.route_localnet=1');
    expect(outcome(lab, 'c', '127.1.1.1')).toBe('reply');
    expect(outcome(lab, 'c', '192.0.2.20', SOURCE)).toBe('reply');
  });
});
