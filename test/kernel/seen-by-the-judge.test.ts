import { describe, expect, it } from 'vitest';
import { outputOf } from '../../sim/scenario/probe-output.ts';
import { showIptablesSave } from '../../sim/show/linux-iptables.ts';
import { Lab } from '../bench.ts';
import { arpLines } from './arping.ts';

/* What Linux 6.18 did in namespaces, and the simulator did not, until both were compared. */

const host = (address: string, more: object = {}) => ({ kind: 'linux', interfaces: { eth0: { address } }, ...more });

describe('a broadcast', () => {
  it('is heard by its own sender, past any capture', () => {
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    lab.ping('a', '10.0.0.255', { broadcast: true, timeout: '1s' });
    expect(lab.frames('a:eth0').map(({ direction }) => direction)).toEqual(['out']);
    expect(lab.counters('a')).toMatchObject({
      ...{ IpInReceives: 1, IpInDelivers: 1, IcmpInEchos: 1, IcmpInErrors: 1, IpExtInBcastPkts: 1 },
      IpExtOutBcastPkts: 1,
    });
    expect(lab.drops()).toEqual({ 'kernel:INVALID_PROTO@a': 1, 'kernel:INVALID_PROTO@b': 1 });
  });
});

describe('a flooded frame', () => {
  it('leaves by the newest port first, so that of two interfaces on one link the later one answers first', () => {
    const b = { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' }, eth1: { address: '10.0.0.3/24' } } };
    const lab = new Lab({ a: host('10.0.0.1/24'), b, sw: { kind: 'bridge' } }, [
      { endpoints: ['a:eth0', 'sw:p1'] },
      { endpoints: ['b:eth0', 'sw:p2'] },
      { endpoints: ['b:eth1', 'sw:p3'] },
    ]);
    const [outcome] = lab.run({ arping: { from: 'a', to: '10.0.0.2', device: 'eth0' } }).outcomes;
    const macs = ['eth1', 'eth0'].map((name) => lab.stack('b').net.device(name)?.mac);
    expect(outcome?.probe).toMatchObject({ answers: macs.map((mac) => ({ mac })) });
  });
});

describe('a redirect to a gateway whose MAC is not known', () => {
  it('makes it looked for; the advice is taken only when it comes again', () => {
    const forwards = { sysctls: { 'net.ipv4.ip_forward': 1 } };
    const s = { kind: 'linux', interfaces: { eth0: { address: '10.0.0.3/24' }, eth1: { address: '10.0.5.1/24' } } };
    const lab = new Lab(
      {
        a: host('10.0.0.2/24', { routes: ['default via 10.0.0.1'] }),
        r: host('10.0.0.1/24', { ...forwards, routes: ['10.0.5.0/24 via 10.0.0.3'] }),
        s: { ...s, ...forwards },
        b: host('10.0.5.2/24', { routes: ['default via 10.0.5.1'] }),
        sw: { kind: 'bridge' },
      },
      [
        { endpoints: ['a:eth0', 'sw:p1'] },
        { endpoints: ['r:eth0', 'sw:p2'] },
        { endpoints: ['s:eth0', 'sw:p3'] },
        { endpoints: ['s:eth1', 'b:eth0'] },
      ],
    );
    lab.ping('a', '10.0.5.2', { count: 4 });
    expect(lab.counters('r')).toMatchObject({ IcmpOutRedirects: 2, IpForwDatagrams: 2 });
    expect(arpLines(lab, 'a:eth0')).toContain('out all: who-has 10.0.0.3 tell 10.0.0.2');
  });
});

describe('errors', () => {
  it('over lo do not reach a socket that is bound to another interface', () => {
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    const bound = lab.ping('a', '10.0.0.99', { device: 'eth0', timeout: '4s' });
    expect(bound.probe.errors).toEqual([]);
    expect(lab.world.clock.now).toBe(4e9);
    expect(lab.ping('a', '10.0.0.99', { timeout: '4s' }).probe.errors).toMatchObject([{ errno: 'EHOSTUNREACH' }]);
  });

  it('about a packet from 0.0.0.0 go to 127.0.0.1', () => {
    const lab = new Lab({ c: host('127.1.1.2/24', { routes: ['default via 127.1.1.1'] }), d: host('127.1.1.3/24') }, [
      { endpoints: ['c:eth0', 'd:eth0'] },
    ]);
    lab.exec('c', 'sysctl -w net.ipv4.conf.eth0.route_localnet=1');
    lab.ping('c', '192.0.2.20', { timeout: '4s' });
    expect(lab.counters('c')).toMatchObject({ IcmpInDestUnreachs: 1, IpInDelivers: 1 });
    expect(lab.drops()['kernel:IP_INVALID_DEST@c']).toBeUndefined();
  });
});

describe('IpOutNoRoutes', () => {
  it('counts sockets that found no route at all; not what a route forbids, nor raw sockets, nor answers', () => {
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    const counted = (node = 'a'): number => lab.stack(node).net.counters.IpOutNoRoutes;
    lab.ping('a', '192.0.2.1');
    lab.udp('a', '192.0.2.1:9');
    expect(counted()).toBe(2);
    lab.ping('a', '192.0.2.1', { source: '10.0.0.1', timeout: '1s' });
    lab.exec('a', 'ip route add unreachable 192.0.2.0/24');
    lab.ping('a', '192.0.2.1');
    lab.exec('a', 'ip addr add 198.51.100.1/32 dev lo');
    lab.ping('a', '10.0.0.2', { source: '198.51.100.1', timeout: '1s' });
    expect(counted()).toBe(2);
    expect(counted('b')).toBe(0);
  });
});

describe('ping of iputils', () => {
  const lab = (): Lab =>
    new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);

  it('waits for the last answer no longer than an interval once it knows the round trip', () => {
    const one = lab();
    one.run(
      { ping: { from: 'a', to: '10.0.0.2', count: 2, timeout: '10s' } },
      { at: '500ms', exec: { on: 'b', commands: ['sysctl -w net.ipv4.icmp_echo_ignore_all=1'] } },
    );
    expect(one.world.clock.now).toBe(2e9);
  });

  it('gives up at once without a route; with a source of its own it tries each time', () => {
    const one = lab();
    expect(one.ping('a', '192.0.2.1', { count: 3 }).probe.sent).toMatchObject([{ packet: 0, errno: 'ENETUNREACH' }]);
    expect(one.world.clock.now).toBe(0);
    const sent = one.ping('a', '192.0.2.1', { count: 3, source: '10.0.0.1', timeout: '1s' });
    expect(sent.probe.sent).toHaveLength(3);
    expect(outputOf(sent.probe as never)).toEqual([]);
  });
});

describe('ip route flush cache', () => {
  it('forgets what ICMP taught of path MTUs', () => {
    const one = new Lab(
      {
        a: host('10.0.1.2/24', { routes: ['default via 10.0.1.1'] }),
        r: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24' } },
          sysctls: { 'net.ipv4.ip_forward': 1 },
        },
        b: host('10.0.2.2/24', { routes: ['default via 10.0.2.1'] }),
      },
      [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['r:eth1', 'b:eth0'], mtu: 1400 }],
    );
    const large = (): number => one.ping('a', '10.0.2.2', { size: 1472, timeout: '1s' }).probe.replies.length;
    expect([large(), large()]).toEqual([0, 1]);
    one.exec('a', 'ip route flush cache');
    expect([large(), large()]).toEqual([0, 1]);
  });
});

describe('operstate', () => {
  it('of a cable whose far end is down is DOWN, unless that end is in the same namespace', () => {
    const both = { kind: 'linux', interfaces: { eth0: {}, eth1: { up: false } } };
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24'), c: both }, [
      { endpoints: ['a:eth0', 'b:eth0'] },
      { endpoints: ['c:eth0', 'c:eth1'] },
    ]);
    lab.exec('b', 'ip link set eth0 down');
    const state = (node: string): string => /eth0@\S+: .* state (\w+)/.exec(lab.show(node, 'addr'))?.[1] ?? '';
    expect([state('a'), state('b'), state('c')]).toEqual(['DOWN', 'DOWN', 'LOWERLAYERDOWN']);
    expect(lab.show('c', 'addr')).toContain('eth0@eth1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> ');
  });
});

describe('a SYN-ACK that gets lost', () => {
  it('goes again before its SYN does, also where the first had to wait for ARP, and then counts from that SYN', () => {
    const lab = new Lab(
      {
        a: host('10.0.0.1/24', { exec: ['iptables -A INPUT -p tcp -j DROP'] }),
        b: host('10.0.0.2/24', { services: [{ port: 7, protocol: 'tcp' }] }),
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    lab.run({ tcp: { from: 'a', to: '10.0.0.2:7', timeout: '1500ms' } }, { wait: '2s' });
    const seconds = lab
      .frames('b:eth0')
      .flatMap(({ direction, bytes, time }) =>
        bytes[12] === 8 && bytes[13] === 0 ? [`${direction} ${(time / 1e9).toFixed(1)}`] : [],
      );
    expect(seconds).toEqual(['in 0.0', 'out 0.0', 'out 1.0', 'in 1.0', 'out 1.0', 'out 3.0']);
    expect(lab.counters('b')).toMatchObject({ TcpRetransSegs: 3, TcpExtTCPTimeouts: 2 });
  });
});

describe('a datagram for nobody that a route over lo brought back', () => {
  it('counts, and no error is sent: that could come from no address of ours', () => {
    const a = host('10.0.0.1/24', { exec: ['ip route add 10.7.0.0/24 dev lo'] });
    const lab = new Lab({ a, b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    lab.run({ udp: { from: 'a', to: '10.7.0.7:7', timeout: '1s' } });
    expect(lab.counters('a')).toMatchObject({ UdpNoPorts: 1 });
    expect(lab.counters('a')).not.toHaveProperty('IcmpOutMsgs');
  });
});

describe('a segment for nobody that a route over lo brought back', () => {
  it('is not refused, nor is a RST counted', () => {
    const a = host('10.0.0.1/24', { exec: ['ip route add 10.7.0.0/24 dev lo'] });
    const lab = new Lab({ a, b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    lab.run({ tcp: { from: 'a', to: '10.7.0.7:7', timeout: '500ms' } });
    expect(lab.counters('a')).toMatchObject({ TcpInSegs: 1, TcpOutSegs: 1 });
    expect(lab.counters('a')).not.toHaveProperty('TcpOutRsts');
  });
});

describe('a policy that is set', () => {
  it('counts from then on, also where it is the same', () => {
    const lab = new Lab({ a: host('10.0.0.1/24') }, []);
    lab.exec('a', 'iptables -P OUTPUT ACCEPT');
    lab.ping('a', '10.0.0.1');
    const counts = (): string =>
      /OUTPUT ACCEPT (\S+)/.exec(showIptablesSave(lab.world.snapshot(lab.stack('a')).namespace.iptables, true))?.[1] ??
      '';
    expect(counts()).toBe('[2:168]');
    lab.exec('a', 'iptables -P OUTPUT ACCEPT');
    expect(counts()).toBe('[0:0]');
  });
});

describe('the size of segments', () => {
  it('is that of the way which the chosen source address leads to, though a rule sends it over lo', () => {
    const lab = new Lab(
      {
        a: host('10.0.0.1/24', {
          rules: ['from 10.0.0.1 lookup 100'],
          exec: ['ip route add local default dev lo table 100'],
        }),
        b: host('10.0.0.2/24'),
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    lab.world.captures?.listen(lab.stack('a').net.loopback);
    lab.run({ tcp: { from: 'a', to: '10.0.0.2:7' } });
    const syn = lab.frames('a:lo')[0]?.bytes ?? new Uint8Array(0);
    // The MSS option: 65495 of the 65536 bytes of lo.
    expect([...syn.slice(54, 58)]).toEqual([2, 4, 0xff, 0xd7]);
  });
});
