import { afterEach, describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { faultsOf, linesOf } from './frame-lines.ts';
import { routerLab } from './router-lab.ts';
import { Server } from './tcp-lab.ts';

/* ICMP as Linux 6.18 sends it: path MTU, broadcasts, redirects, rate limits. */

let lab: Lab;

afterEach(() => {
  expect(faultsOf(lab)).toEqual([]);
});

const NEEDED = 'icmp 3/4 (1400) [548 of 1500: 10.0.1.2>10.0.2.2 ttl=64 DF';

describe('path MTU discovery', () => {
  it('"do": DF with id 0, one error with the next-hop MTU, and then the stack itself refuses', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.2.2', { size: 1472, df: 'do', count: 3 });
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.2.2 len=1500 ttl=64 DF id=0 echo request 1',
      `01>0a 10.0.1.1>10.0.1.2 len=576 ttl=64 tos=c0 id=n ${NEEDED} id=0]`,
    ]);
    expect(probe.errors).toMatchObject([{ sequence: 1, errno: 'EMSGSIZE', mtu: 1400 }]);
    expect(probe.sent.slice(1)).toMatchObject(Array(2).fill({ packet: 0, errno: 'EMSGSIZE', mtu: 1400 }));
    expect(lab.drops()).toEqual({ 'kernel:PKT_TOO_BIG@r': 1 });
    // The kernel counts a packet as forwarded before it looks at its size.
    expect(lab.counters('r')).toMatchObject({ IpFragFails: 1, IpForwDatagrams: 1, IcmpOutDestUnreachs: 1 });
  });

  it('"want", the default: the first packet is lost, with DF and an id; the next one is fragmented here', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.2.2', { size: 1472, count: 2 });
    expect(probe.replies.map((reply) => reply.sequence)).toEqual([2]);
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.2.2 len=1500 ttl=64 DF id=n echo request 1',
      `01>0a 10.0.1.1>10.0.1.2 len=576 ttl=64 tos=c0 id=n ${NEEDED} id=n]`,
      '0a>01 10.0.1.2>10.0.2.2 len=1396 ttl=64 id=n 0+ echo request 2',
      '0a>01 10.0.1.2>10.0.2.2 len=124 ttl=64 id=n 1376.',
      '01>0a 10.0.2.2>10.0.1.2 len=1396 ttl=63 id=n 0+ echo reply 2',
      '01>0a 10.0.2.2>10.0.1.2 len=124 ttl=63 id=n 1376.',
    ]);
  });

  it('below 552 bytes is taken for 552, and DF is left out so that routers may fragment', () => {
    lab = routerLab();
    lab.exec('r', 'ip link set eth1 mtu 520');
    lab.exec('b', 'ip link set eth0 mtu 520');
    const { probe } = lab.ping('a', '10.0.2.2', { size: 1000, count: 2 });
    expect(probe.replies.map((reply) => reply.sequence)).toEqual([2]);
    expect(lab.ping('a', '10.0.2.2', { size: 500 }).probe.replies).toHaveLength(1);
    expect(linesOf(lab, 'a:eth0')).toContain('0a>01 10.0.1.2>10.0.2.2 len=528 ttl=64 id=n echo request 1');
    // Who insists on DF gets no further, and is told what is believed.
    expect(lab.ping('a', '10.0.2.2', { size: 500, df: 'do' }).probe.errors).toMatchObject([
      { errno: 'EMSGSIZE', mtu: 520 },
    ]);
    const [sent] = lab.ping('a', '10.0.2.2', { size: 540, df: 'do' }).probe.sent;
    expect(sent).toMatchObject({ errno: 'EMSGSIZE', mtu: 552 });
  });

  it('is forgotten after 600 s, or when a route changes', () => {
    lab = routerLab();
    const first = (): number => lab.ping('a', '10.0.2.2', { size: 1472, df: 'do' }).probe.sent[0]?.packet ?? 0;
    expect(first()).not.toBe(0);
    expect(first()).toBe(0);
    lab.run({ wait: '601s' });
    expect(first()).not.toBe(0);
    expect(first()).toBe(0);
    lab.exec('a', 'ip route add 10.9.0.0/16 via 10.0.1.1');
    expect(first()).not.toBe(0);
  });

  it('concerns one destination only', () => {
    lab = routerLab();
    lab.ping('a', '10.0.2.2', { size: 1472, df: 'do' });
    expect(lab.ping('a', '10.0.1.1', { size: 1472, df: 'do' }).probe.replies).toHaveLength(1);
  });

  it('never runs out of errors: fragmentation needed is not limited', () => {
    lab = routerLab();
    const { probe } = lab.udp('a', '10.0.2.2:7', { size: 1472, df: 'do', count: 1 });
    expect(probe.errors).toMatchObject([{ type: 3, code: 4, mtu: 1400 }]);
    for (let round = 0; round < 12; round++) {
      lab.exec('a', `ip route add 10.9.${round}.0/24 via 10.0.1.1`);
      expect(lab.ping('a', '10.0.2.2', { size: 1472, df: 'do' }).probe.errors).toHaveLength(1);
    }
    expect(lab.counters('r')).toMatchObject({ IcmpOutDestUnreachs: 13 });
  });
});

describe('a broadcast ping', () => {
  it('has DF and, with "do", id 0; nobody answers while icmp_echo_ignore_broadcasts is on', () => {
    lab = routerLab();
    expect(lab.ping('a', '10.0.1.255', { broadcast: true }).probe.replies).toEqual([]);
    expect(linesOf(lab, 'a:eth0', { arp: true })).toEqual([
      '0a>ff 10.0.1.2>10.0.1.255 len=84 ttl=64 DF id=0 echo request 1',
    ]);
    expect(lab.drops()).toMatchObject({ 'kernel:INVALID_PROTO@r': 1 });
    expect(lab.counters('r')).toEqual({
      IpInReceives: 1,
      IpInDelivers: 1,
      IcmpInMsgs: 1,
      IcmpInErrors: 1,
      IcmpInEchos: 1,
      IpExtInBcastPkts: 1,
      IpExtInOctets: 84,
    });
  });

  it('is refused without -b, and nothing is sent', () => {
    lab = routerLab();
    const { probe } = lab.ping('a', '10.0.1.255', { count: 3 });
    expect(probe.sent).toMatchObject([{ packet: 0, errno: 'EACCES' }]);
    expect(linesOf(lab, 'a:eth0', { arp: true })).toEqual([]);
  });

  it('is answered from the address of that interface when it is off', () => {
    lab = routerLab({ 'net.ipv4.icmp_echo_ignore_broadcasts': 0 });
    lab.ping('a', '10.0.1.255', { broadcast: true });
    expect(linesOf(lab, 'a:eth0').at(-1)).toBe('01>0a 10.0.1.1>10.0.1.2 len=84 ttl=64 id=n echo reply 1');
  });
});

describe('rate limits', () => {
  it('a token a second comes back, six at most', () => {
    lab = routerLab();
    const answered = (): number =>
      lab.ping('a', '10.0.2.2', { ttl: 1, count: 12, interval: '50ms' }).probe.errors.length;
    expect(answered()).toBe(6);
    lab.run({ wait: '2s' });
    // 10 s went by after the last request, and 2 s more.
    expect(answered()).toBe(6);
    expect(lab.counters('r')).toMatchObject({ IcmpOutTimeExcds: 12, IcmpOutRateLimitHost: 12 });
  });

  it('icmp_ratelimit 0 takes the limit away; echo replies never had one', () => {
    lab = routerLab({ 'net.ipv4.icmp_ratelimit': 0 });
    expect(lab.ping('a', '10.0.2.2', { ttl: 1, count: 12, interval: '50ms' }).probe.errors).toHaveLength(12);
    expect(lab.ping('a', '10.0.1.1', { count: 50, interval: '1ms' }).probe.replies).toHaveLength(50);
  });

  it('icmp_echo_ignore_all: the request is taken and not answered', () => {
    lab = routerLab({ 'net.ipv4.icmp_echo_ignore_all': 1 });
    expect(lab.ping('a', '10.0.1.1').probe.replies).toEqual([]);
    expect(lab.counters('r')).toMatchObject({ IcmpInEchos: 1 });
  });
});

/** a, its router r and a better router q, all on one switch; the network 10.0.7.0/24 is behind q. */
function redirectLab(hostSysctls: Record<string, number> = {}): Lab {
  const host = (address: string, mac: string): object => ({ address, mac: `02:00:00:00:01:${mac}` });
  return new Lab(
    {
      sw: { kind: 'bridge' },
      a: {
        kind: 'linux',
        interfaces: { eth0: host('10.0.1.2/24', '0a') },
        routes: ['default via 10.0.1.1'],
        sysctls: hostSysctls,
      },
      r: {
        kind: 'linux',
        interfaces: { eth0: host('10.0.1.1/24', '01') },
        routes: ['10.0.7.0/24 via 10.0.1.3'],
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      q: {
        kind: 'linux',
        interfaces: { eth0: host('10.0.1.3/24', '03'), lan: host('10.0.7.1/24', '07') },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      z: { kind: 'linux', interfaces: { eth0: host('10.0.7.2/24', '0f') }, routes: ['default via 10.0.7.1'] },
    },
    [
      { endpoints: ['sw:p1', 'a:eth0'] },
      { endpoints: ['sw:p2', 'r:eth0'] },
      { endpoints: ['sw:p3', 'q:eth0'] },
      { endpoints: ['q:lan', 'z:eth0'] },
    ],
  );
}

describe('a redirect', () => {
  it('is sent when a packet leaves by the link it came from, and followed once the better gateway is known', () => {
    lab = redirectLab();
    expect(lab.ping('a', '10.0.7.2', { count: 3 }).probe.replies).toHaveLength(3);
    expect(linesOf(lab, 'a:eth0')).toEqual([
      '0a>01 10.0.1.2>10.0.7.2 len=84 ttl=64 DF id=n echo request 1',
      '01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 5/1 (10.0.1.3) [84 of 84: 10.0.1.2>10.0.7.2 ttl=63 DF id=n]',
      '03>0a 10.0.7.2>10.0.1.2 len=84 ttl=63 id=n echo reply 1',
      // The first redirect made it ask for the gateway's MAC, and no more.
      '0a>01 10.0.1.2>10.0.7.2 len=84 ttl=64 DF id=n echo request 2',
      '01>0a 10.0.1.1>10.0.1.2 len=112 ttl=64 tos=c0 id=n icmp 5/1 (10.0.1.3) [84 of 84: 10.0.1.2>10.0.7.2 ttl=63 DF id=n]',
      '03>0a 10.0.7.2>10.0.1.2 len=84 ttl=63 id=n echo reply 2',
      '0a>03 10.0.1.2>10.0.7.2 len=84 ttl=64 DF id=n echo request 3',
      '03>0a 10.0.7.2>10.0.1.2 len=84 ttl=63 id=n echo reply 3',
    ]);
    expect(linesOf(lab, 'z:eth0')[0]).toContain('ttl=62');
    expect(lab.counters('r')).toMatchObject({ IcmpOutRedirects: 2, IpForwDatagrams: 2 });
    expect(lab.counters('a')).toMatchObject({ IcmpInRedirects: 2 });
  });

  it('about a SYN is not looked at while the program is inside connect(), only about one that goes again', () => {
    lab = redirectLab();
    lab.exec('z', 'iptables -A INPUT -j DROP');
    lab.run({ tcp: { from: 'a', to: '10.0.7.2:80', timeout: '4s' } });
    const to = linesOf(lab, 'a:eth0').flatMap((line) => (line.startsWith('0a>') ? [line.slice(3, 5)] : []));
    // The second makes it ask for the gateway's MAC, the third makes it take the way.
    expect(to).toEqual(['01', '01', '01', '03']);
  });

  it('about the answer to a SYN changes no route: no socket has sent that', () => {
    lab = redirectLab();
    lab.run({ exec: { on: 'z', commands: ['ip route replace default via 10.0.7.1'] } });
    lab.exec('a', 'ip route add 10.0.7.0/24 via 10.0.1.1');
    lab.exec('r', 'iptables -A FORWARD -p tcp --sport 80 -j DROP');
    new Server(lab, 'a', 80);
    lab.run({ tcp: { from: 'z', to: '10.0.1.2:80', timeout: '5500ms' } });
    const to = linesOf(lab, 'a:eth0').flatMap((line) => (line.startsWith('0a>') ? [line.slice(3, 5)] : []));
    expect(new Set(to)).toEqual(new Set(['01']));
    expect(lab.counters('a').IcmpInRedirects).toBeGreaterThan(2);
  });

  it('empties the bucket of errors: after one, they are saved up anew from then on', () => {
    lab = redirectLab();
    lab.exec('q', 'iptables -A FORWARD -j DROP');
    lab.ping('a', '10.0.7.2', { timeout: '1500ms' });
    const [outcome] = lab.run({
      traceroute: { from: 'a', to: '10.0.1.1', max_hops: 3, queries: 3, wait: '100ms' },
    }).outcomes;
    expect(outcome?.probe?.kind).toBe('traceroute');
    // Without the redirect six would have been answered.
    expect(lab.counters('r')).toMatchObject({ IcmpOutRedirects: 1, IcmpOutDestUnreachs: 1 });
  });

  it('is not followed by a host told not to; the router tells it again at growing intervals', () => {
    lab = redirectLab({ 'net.ipv4.conf.all.accept_redirects': 0, 'net.ipv4.conf.eth0.accept_redirects': 0 });
    lab.ping('a', '10.0.7.2', { count: 12, interval: '50ms' });
    const lines = linesOf(lab, 'a:eth0').filter((line) => line.startsWith('0a>'));
    expect(lines.every((line) => line.startsWith('0a>01'))).toBe(true);
    // The n-th comes no sooner than 20 ms times 2^n after the one before: at 0, 50, 150, 350 ms.
    expect(lab.counters('r')).toMatchObject({ IcmpOutRedirects: 4, IpForwDatagrams: 12 });
  });

  it('is not sent with send_redirects off; `all` alone keeps it on', () => {
    lab = redirectLab();
    lab.exec('r', 'sysctl -w net.ipv4.conf.eth0.send_redirects=0');
    lab.ping('a', '10.0.7.2');
    expect(lab.counters('r')).toHaveProperty('IcmpOutRedirects');
    lab.exec('r', 'sysctl -w net.ipv4.conf.all.send_redirects=0');
    lab.run({ wait: '60s' });
    lab.exec('a', 'ip route add 10.9.0.0/16 via 10.0.1.1');
    lab.ping('a', '10.0.7.2');
    expect(lab.counters('r')).toMatchObject({ IcmpOutRedirects: 1, IpForwDatagrams: 2 });
  });
});
