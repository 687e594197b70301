import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { Lab } from '../bench.ts';
import { dockerHost, PUBLISH } from './bridge-netfilter-lab.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { deviceOf } from './nat-lab.ts';
import { connect, pass, Server } from './tcp-lab.ts';

/* What the tests expect was seen on Linux 6.18 in this arrangement, unless it follows from the rules alone. */

let lab: Lab;

beforeEach(() => {
  lab = dockerHost();
});

afterEach(() => {
  lab.world.audit();
  expect(faultsOf(lab)).toEqual([]);
});

const all = (point: string): string[] => linesOf(lab, point, { arp: true });
const packets = (point: string): string[] => linesOf(lab, point);
const lengths = (point: string): string[] => packets(point).map((line) => line.replace(/^.* len=/, 'len='));

/** How often each hook was asked: `PREROUTING 1`. */
function countHooks(): void {
  for (const hook of ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']) {
    lab.exec('host', `iptables -t mangle -A ${hook}`);
  }
}

function hookCounts(): string[] {
  return chains().flatMap(({ table, chain, rules: [first] }) =>
    table === 'mangle' && (first?.pkts ?? 0) > 0 ? [`${chain} ${first?.pkts}`] : [],
  );
}

const chains = () => lab.world.snapshot(lab.stack('host')).namespace.iptables;

describe('bridge-nf-call-iptables', () => {
  it('has bridged packets pass PREROUTING, FORWARD and POSTROUTING, each once, and changes nothing of them', () => {
    countHooks();
    expect(lab.ping('c1', '172.17.0.3').probe.replies).toMatchObject([{ ttl: 64 }]);
    expect(hookCounts()).toEqual(['PREROUTING 2', 'FORWARD 2', 'POSTROUTING 2']);
    expect(packets('host:veth2')[0]).toMatch(/^a1>a2 172\.17\.0\.2>172\.17\.0\.3 len=84 ttl=64 DF/);
  });

  it('has what is for the bridge itself pass PREROUTING once and INPUT', () => {
    countHooks();
    lab.ping('c1', '172.17.0.1');
    expect(hookCounts()).toEqual(['PREROUTING 1', 'INPUT 1', 'OUTPUT 1', 'POSTROUTING 1']);
  });

  it('has a broadcast pass FORWARD for each port it is flooded to, and INPUT', () => {
    countHooks();
    lab.udp('c1', '172.17.255.255:9', { timeout: '100ms' });
    expect(hookCounts()).toEqual(['PREROUTING 1', 'INPUT 1', 'FORWARD 1', 'POSTROUTING 1']);
  });

  it('at 0 asks no rule, again at 1 it does', () => {
    lab.exec('host', 'iptables -P FORWARD DROP', 'sysctl -w net.bridge.bridge-nf-call-iptables=0');
    expect(lab.ping('c1', '172.17.0.3').probe.replies).toHaveLength(1);
    lab.exec('host', 'sysctl -w net.bridge.bridge-nf-call-iptables=1');
    const sent = lab.ping('c1', '172.17.0.3', { timeout: '100ms' });
    expect(sent.probe.replies).toEqual([]);
    expect(sent.requestSteps.at(-1)).toMatchObject({ kind: 'drop', detail: 'filter FORWARD policy' });
  });

  it('tells in the trace what the bridge had asked, and where it went', () => {
    const sent = lab.ping('c1', '172.17.0.3');
    const told = sent.requestSteps.flatMap((step) =>
      step.component === 'Bridge' ? [`${step.function}: ${'verdict' in step ? step.verdict : step.kind}`] : [],
    );
    expect(told).toEqual([
      'br_nf_pre_routing: PREROUTING -i docker0, by port veth1',
      'br_forward: bridge',
      'br_nf_forward_ip: FORWARD -i docker0 -o docker0, to port veth2',
    ]);
  });

  it('has connections on the bridge tracked, with -i and -o of the bridge', () => {
    lab.exec('host', 'iptables -A FORWARD -i docker0 -o docker0 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT');
    lab.exec('host', 'iptables -P FORWARD DROP');
    expect(lab.ping('c1', '172.17.0.3').probe.replies).toHaveLength(1);
    expect(lab.show('host', 'conntrack')).toMatch(
      /^icmp +1 \d+ src=172\.17\.0\.2 dst=172\.17\.0\.3 .* src=172\.17\.0\.3/,
    );
  });

  it('lets ARP and whatever else is not IPv4 pass', () => {
    lab.exec('host', 'iptables -t raw -A PREROUTING -j DROP');
    lab.ping('c1', '172.17.0.3', { timeout: '100ms' });
    expect(all('c2:eth0').map((line) => line.slice(6))).toEqual([
      'who-has 172.17.0.3 tell 172.17.0.2 (00)',
      '172.17.0.3 is-at a2 tell 172.17.0.2 (a1)',
    ]);
  });

  it('drops a packet whose header is not sound, and counts it', () => {
    lab.ping('c1', '172.17.0.3');
    const frame = lab.frames('host:veth1').find(({ bytes }) => bytes[12] === 8 && bytes[13] === 0);
    const bytes = Uint8Array.from(frame?.bytes ?? []);
    bytes[14 + 10] = (bytes[14 + 10] ?? 0) ^ 1;
    const packet = Packet.of(lab.world.ledger, bytes);
    const port = deviceOf(lab, 'host', 'veth1');
    // No capture: every captured frame has to be sound.
    port.tap = undefined;
    netifReceive(packet, port);
    expect(lab.steps(packet.number).at(-1)).toMatchObject({ reason: 'kernel:IP_INHDR', function: 'br_nf_pre_routing' });
    expect(lab.counters('host')).toMatchObject({ IpInHdrErrors: 1 });
  });
});

describe('a destination that is translated on the bridge', () => {
  it('is bridged to its neighbour: TTL and source MAC stay; the bridge sends it only while the neighbour is unproven', () => {
    lab.exec('host', ...PUBLISH);
    lab.udp('c2', '192.0.2.10:8080', { source_port: 40000 });
    lab.udp('c2', '192.0.2.10:8080', { source_port: 40000 });
    expect(all('host:docker0')).toEqual([
      'a2>ff who-has 172.17.0.1 tell 172.17.0.3 (00)',
      '10>a2 172.17.0.1 is-at 10 tell 172.17.0.3 (a2)',
      '10>ff who-has 172.17.0.2 tell 172.17.0.1 (00)',
      'a1>10 172.17.0.2 is-at a1 tell 172.17.0.1 (10)',
      '10>a1 172.17.0.3>172.17.0.2 len=35 ttl=64 DF id=n udp 40000>80',
      'a1>ff who-has 172.17.0.3 tell 172.17.0.2 (00)',
    ]);
    const quoted = (to: string): string => `[35 of 35: 172.17.0.3>${to} ttl=64 DF id=n]`;
    expect(packets('host:veth1')).toEqual([
      'a2>a1 172.17.0.3>172.17.0.2 len=35 ttl=64 DF id=n udp 40000>80',
      `a1>a2 172.17.0.2>172.17.0.3 len=63 ttl=64 tos=c0 id=n icmp 3/3 ${quoted('172.17.0.2')}`,
      'a2>a1 172.17.0.3>172.17.0.2 len=35 ttl=64 DF id=n udp 40000>80',
      `a1>a2 172.17.0.2>172.17.0.3 len=63 ttl=64 tos=c0 id=n icmp 3/3 ${quoted('172.17.0.2')}`,
    ]);
    expect(packets('host:veth2')[1]).toBe(
      `a1>a2 192.0.2.10>172.17.0.3 len=63 ttl=64 tos=c0 id=n icmp 3/3 ${quoted('192.0.2.10')}`,
    );
    expect(deviceOf(lab, 'host', 'docker0').txPackets).toBe(2);
  });

  it('c2-hairpin: c1 gets the real address of c2, whose answers come from the port it asked', () => {
    lab.exec('host', ...PUBLISH);
    const server = new Server(lab, 'c1', 80);
    const client = connect(lab, 'c2', '192.0.2.10', 8080);
    client.write('hello');
    pass(lab);
    expect(server.peer.text).toBe('hello');
    expect(packets('host:veth1')[0]).toMatch(
      /^a2>a1 172\.17\.0\.3>172\.17\.0\.2 len=60 ttl=64 DF id=n tcp 40001>80 S /,
    );
    expect(packets('host:veth2')[1]).toMatch(
      /^a1>a2 192\.0\.2\.10>172\.17\.0\.3 len=60 ttl=64 DF id=0 tcp 8080>40001 SA /,
    );
  });

  it('c1-hairpin: with MASQUERADE its frames come back from its own MAC, where the port is a hairpin', () => {
    lab.exec('host', ...PUBLISH, 'iptables -t nat -A POSTROUTING -s 172.17.0.2 -d 172.17.0.2 -j MASQUERADE');
    const lost = lab.udp('c1', '192.0.2.10:8080', { source_port: 40005, timeout: '100ms' });
    expect(lost.requestSteps.at(-1)).toMatchObject({
      reason: 'kernel:NO_TX_TARGET',
      detail: '02:00:00:00:00:a1 is at veth1, where it came from',
    });
    lab.exec('host', 'bridge link set dev veth1 hairpin on');
    lab.udp('c1', '192.0.2.10:8080', { source_port: 40006 });
    const error = 'len=63 ttl=64 tos=c0 id=n icmp 3/3 [35 of 35:';
    expect(packets('host:veth1').slice(1)).toEqual([
      'a1>10 172.17.0.2>192.0.2.10 len=35 ttl=64 DF id=n udp 40006>8080',
      'a1>a1 172.17.0.1>172.17.0.2 len=35 ttl=64 DF id=n udp 40006>80',
      `a1>10 172.17.0.2>172.17.0.1 ${error} 172.17.0.1>172.17.0.2 ttl=64 DF id=n]`,
      `a1>a1 192.0.2.10>172.17.0.2 ${error} 172.17.0.2>192.0.2.10 ttl=64 DF id=n]`,
    ]);
    expect(lab.show('host', 'conntrack')).not.toContain('40005');
  });

  it('is routed where it is not on the bridge: TTL and MAC change', () => {
    lab.exec('host', 'iptables -t nat -A PREROUTING -p udp --dport 8081 -j DNAT --to-destination 192.0.2.20:7');
    const sent = lab.udp('c2', '172.17.0.2:8081', { source_port: 40000 });
    expect(sent.probe.replies).toHaveLength(1);
    expect(packets('host:eth0')[0]).toBe(
      '13>a3 172.17.0.3>192.0.2.20 len=60 ttl=63 DF id=n udp 40000>7'.replace('60', `${28 + 7}`),
    );
    expect(packets('host:veth2')[1]).toMatch(
      /^10>a2 172\.17\.0\.2>172\.17\.0\.3 len=\d+ ttl=63 DF id=n udp 8081>40000$/,
    );
    expect(packets('host:veth1')).toEqual([]);
  });

  it('is delivered here where it is one of ours', () => {
    lab.exec('host', 'iptables -t nat -A PREROUTING -p udp --dport 8082 -j REDIRECT --to-ports 82');
    lab.udp('c2', '172.17.0.2:8082', { source_port: 40002 });
    expect(packets('host:docker0')).toEqual([
      'a2>10 172.17.0.3>172.17.0.1 len=35 ttl=64 DF id=n udp 40002>82',
      '10>a2 172.17.0.2>172.17.0.3 len=63 ttl=64 tos=c0 id=n icmp 3/3 [35 of 35: 172.17.0.3>172.17.0.2 ttl=64 DF id=n]',
    ]);
    expect(lab.counters('host')).toMatchObject({ UdpNoPorts: 1, IpInReceives: 1 });
  });

  it('goes nowhere on a host that does not forward, also on the bridge', () => {
    lab.exec('host', ...PUBLISH, 'sysctl -w net.ipv4.ip_forward=0');
    const sent = lab.udp('c2', '192.0.2.10:8080', { timeout: '100ms' });
    expect(sent.requestSteps.at(-1)).toMatchObject({ reason: 'kernel:IP_INADDRERRORS' });
    expect(packets('host:docker0')).toEqual(
      ['a2>10 172.17.0.3>172.17.0.2 len=35 ttl=64 DF id=n udp 49152>80'].map((line) =>
        expect.stringContaining(line.slice(0, 30)),
      ),
    );
    expect(lab.counters('host')).toMatchObject({ IpInReceives: 1, IpInAddrErrors: 1 });
  });

  it('fails where nobody has it: the sender is told if its frame was for the bridge, else nobody is', () => {
    lab.exec('host', 'iptables -t nat -A PREROUTING -p udp --dport 8083 -j DNAT --to-destination 172.17.0.99');
    expect(lab.udp('c2', '172.17.0.2:8083', { timeout: '4s' }).probe.errors).toEqual([]);
    expect(lab.udp('c2', '192.0.2.10:8083', { timeout: '4s' }).probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH' }]);
    expect(lab.drops()).toEqual({ 'kernel:NEIGH_FAILED@host': 2 });
  });
});

describe('what a rule refuses on the bridge', () => {
  it('is answered by the address of the bridge', () => {
    lab.exec('host', 'iptables -A FORWARD -p udp -j REJECT');
    lab.udp('c2', '172.17.0.2:91', { source_port: 40004 });
    expect(packets('host:veth2')).toEqual([
      'a2>a1 172.17.0.3>172.17.0.2 len=35 ttl=64 DF id=n udp 40004>91',
      '10>a2 172.17.0.1>172.17.0.3 len=63 ttl=64 tos=c0 id=n icmp 3/3 [35 of 35: 172.17.0.3>172.17.0.2 ttl=64 DF id=n]',
    ]);
  });

  it('is reset in the name of the MAC it was for, by the port and past the bridge; also what is routed', () => {
    lab.exec('host', 'iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset');
    expect(connectAndFail('172.17.0.2')).toEqual(['ECONNREFUSED', 'close']);
    expect(packets('host:veth2').at(-1)).toBe('a1>a2 172.17.0.2>172.17.0.3 len=40 ttl=64 DF id=0 tcp 92>40001 RA');
    expect(connectAndFail('192.0.2.20')).toEqual(['ECONNREFUSED', 'close']);
    expect(packets('host:veth2').at(-1)).toMatch(
      /^10>a2 192\.0\.2\.20>172\.17\.0\.3 len=40 ttl=64 DF id=0 tcp 92>\d+ RA$/,
    );
    expect(packets('host:docker0').some((line) => line.includes(' RA'))).toBe(false);
  });
});

function connectAndFail(to: string): readonly string[] {
  const client = connect(lab, 'c2', to, 92);
  pass(lab);
  return client.notes;
}

describe('a datagram in pieces', () => {
  beforeEach(() => lab.exec('host', 'iptables -A FORWARD -m conntrack --ctstate NEW,ESTABLISHED,RELATED'));

  it('is put together for the rules and cut again as it came, in its own frames', () => {
    lab.udp('c2', '172.17.0.2:7', { size: 4000, df: 'dont', source_port: 40007 });
    const pieces = ['len=1500 ttl=64 id=n 0+ udp 40007>7', 'len=1500 ttl=64 id=n 1480+', 'len=1068 ttl=64 id=n 2960.'];
    expect(lengths('host:veth1').slice(0, 3)).toEqual(pieces);
    expect(
      packets('host:veth1')
        .slice(0, 3)
        .every((line) => line.startsWith('a2>a1 ')),
    ).toBe(true);
    expect(lab.counters('host')).toMatchObject({ IpFragOKs: 2, IpFragCreates: 6, IpReasmOKs: 2 });
  });

  it('made by a bridge with a narrow port, unless DF forbids it, or its pieces came larger', () => {
    lab.exec('host', 'ip link set veth1 mtu 1000');
    expect(deviceOf(lab, 'host', 'docker0').mtu).toBe(1000);
    lab.udp('c2', '172.17.0.2:95', { size: 1400, df: 'dont', source_port: 40008 });
    expect(lengths('host:veth1').slice(0, 2)).toEqual([
      'len=996 ttl=64 id=n 0+ udp 40008>95',
      'len=452 ttl=64 id=n 976.',
    ]);
    lab.udp('c2', '172.17.0.2:95', { size: 1400, timeout: '100ms' });
    lab.udp('c2', '172.17.0.2:95', { size: 4000, df: 'dont', timeout: '100ms' });
    expect(packets('host:veth1')).toHaveLength(3);
    expect(lab.counters('host')).toMatchObject({ IpFragOKs: 1, IpFragCreates: 2, IpFragFails: 2 });
    expect(lab.drops()['kernel:PKT_TOO_BIG@host']).toBe(2);
  });
});

describe('-m physdev', () => {
  const fits = (match: string, to: string): number => {
    lab.exec('host', 'iptables -F FORWARD', `iptables -A FORWARD ${match}`);
    lab.ping('c1', to, { count: 1 });
    return chains().find(({ chain }) => chain === 'FORWARD')?.rules[0]?.pkts ?? -1;
  };

  it('knows the ports of what is bridged', () => {
    const to = '172.17.0.3';
    expect(fits('-m physdev --physdev-in veth1', to)).toBe(1);
    expect(fits('-m physdev ! --physdev-in veth1', to)).toBe(1);
    expect(fits('-m physdev --physdev-in veth+ --physdev-out veth2', to)).toBe(1);
    expect(fits('-m physdev --physdev-is-in --physdev-is-out --physdev-is-bridged', to)).toBe(2);
    expect(fits('-m physdev ! --physdev-is-bridged', to)).toBe(0);
  });

  it('knows of what is routed the port it came in by, and nothing of what came in by no bridge', () => {
    const to = '192.0.2.20';
    expect(fits('-m physdev --physdev-in veth1', to)).toBe(1);
    expect(fits('-m physdev --physdev-out veth1', to)).toBe(0);
    expect(fits('-m physdev ! --physdev-is-bridged', to)).toBe(2);
    expect(fits('-m physdev ! --physdev-in veth1', to)).toBe(1);
  });
});
