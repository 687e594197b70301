import { describe, expect, it } from 'vitest';
import { outputOf } from '../../sim/scenario/probe-output.ts';
import { Lab } from '../bench.ts';

/* What Linux 6.18 did in random networks, and the simulator did not, until both were compared. */

const host = (address: string, more: object = {}) => ({ kind: 'linux', interfaces: { eth0: { address } }, ...more });
const CABLE = [{ endpoints: ['a:eth0', 'b:eth0'] as [string, string] }];

describe('a UDP client with its answers', () => {
  const services = { services: [{ port: 7 }] };

  it('closes its socket when it has been woken: a second answer meanwhile is neither refused nor read', () => {
    // The route makes a broadcast of it, which the own echo service answers as well, and sooner.
    const a = host('10.0.0.2/24', { ...services, exec: ['ip route add broadcast 10.0.0.1/32 dev eth0'] });
    const lab = new Lab({ a, b: host('10.0.0.1/24', services) }, CABLE);
    const [outcome] = lab.run({ udp: { from: 'a', to: '10.0.0.1:7' } }).outcomes;
    expect(outcome?.probe).toMatchObject({ replies: [{}], errors: [] });
    expect(lab.counters('a')).toMatchObject({ UdpInDatagrams: 2 });
    expect(lab.counters('a')).not.toHaveProperty('UdpNoPorts');
    expect(lab.drops()).toEqual({});
  });

  it('is done with what the stack refused, whatever error that brings about', () => {
    const a = host('10.0.0.2/24', { exec: ['iptables -A OUTPUT -p udp -j REJECT'] });
    const lab = new Lab({ a, b: host('10.0.0.1/24') }, CABLE);
    const [outcome] = lab.run({ udp: { from: 'a', to: '10.0.0.1:7' } }).outcomes;
    expect(outcome?.probe).toMatchObject({ sent: [{ errno: 'EPERM' }], errors: [] });
    // The error finds the socket that it is about.
    expect(lab.counters('a')).toMatchObject({ IcmpInDestUnreachs: 1 });
    expect(lab.counters('a')).not.toHaveProperty('IcmpInErrors');
  });
});

describe('traceroute', () => {
  it.each([
    ['icmp-net-prohibited', '!X'],
    ['icmp-host-prohibited', '!X'],
    ['icmp-net-unreachable', '!N'],
  ])('marks %s as %s', (reject, mark) => {
    const b = host('10.0.0.1/24', { exec: [`iptables -A INPUT -p udp -j REJECT --reject-with ${reject}`] });
    const lab = new Lab({ a: host('10.0.0.2/24'), b }, CABLE);
    const [outcome] = lab.run({ traceroute: { from: 'a', to: '10.0.0.1', queries: 1 } }).outcomes;
    expect(outcome?.probe && outputOf(outcome.probe).join('\n')).toContain(` ${mark}`);
  });
});

describe('a SYN-ACK that an OUTPUT rule drops', () => {
  it('ends the attempt when the timer sends it again: the next SYN begins a new one', () => {
    const b = host('10.0.0.1/24', {
      exec: ['iptables -A OUTPUT -p tcp -j DROP'],
      services: [{ port: 7, protocol: 'tcp' }],
    });
    const lab = new Lab({ a: host('10.0.0.2/24'), b }, CABLE);
    lab.run({ tcp: { from: 'a', to: '10.0.0.1:7', timeout: '1500ms' } });
    // SYN, timer, repeated SYN: each has its answer, and the timer of the first stopped with it.
    expect(lab.counters('b')).toMatchObject({ TcpOutSegs: 3, TcpExtTCPTimeouts: 1, TcpInSegs: 2 });
  });
});

describe('ping whose packets a rule refuses', () => {
  it('sends on, for its question after a route was of UDP; a raw socket counts no lost route', () => {
    const a = host('10.0.0.2/24', { rules: ['ipproto icmp unreachable pref 10'] });
    const lab = new Lab({ a, b: host('10.0.0.1/24') }, CABLE);
    const { probe } = lab.ping('a', '10.0.0.1', { count: 2, interval: '200ms', timeout: '1s' });
    expect(probe.sent).toMatchObject([
      { sequence: 1, errno: 'ENETUNREACH' },
      { sequence: 2, errno: 'ENETUNREACH' },
    ]);
    expect(lab.counters('a')).not.toHaveProperty('IpOutNoRoutes');
  });
});

describe('traceroute behind a router that sends its packets elsewhere', () => {
  it('hears no error about what was sent there: its sockets are connected', () => {
    const r = {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.1/24' }, eth1: { address: '10.0.1.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
    };
    const exec = ['iptables -t raw -A PREROUTING -j ACCEPT', 'iptables -t nat -A PREROUTING -j DNAT --to 10.0.1.2'];
    // The error goes another way back, where nobody puts the address right again.
    const b = { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' }, eth1: { address: '10.0.2.2/24' } } };
    const a = { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' }, eth1: { address: '10.0.2.1/24' } } };
    const lab = new Lab({ a, r: { ...r, exec }, b: { ...b, routes: ['10.0.0.0/24 via 10.0.2.1'] } }, [
      { endpoints: ['a:eth0', 'r:eth0'] },
      { endpoints: ['r:eth1', 'b:eth0'] },
      { endpoints: ['a:eth1', 'b:eth1'] },
    ]);
    const step = { traceroute: { from: 'a', to: '10.0.0.1', queries: 1, first_ttl: 2, max_hops: 2, wait: '1s' } };
    const [outcome] = lab.run(step).outcomes;
    expect(outcome?.probe).toMatchObject({ hops: [{ answers: [undefined] }] });
    expect(lab.counters('a')).toMatchObject({ IcmpInErrors: 1, IcmpInDestUnreachs: 1 });
  });
});

describe('an address of a host that a route calls a broadcast', () => {
  const exec = ['ip route prepend broadcast 10.0.0.1/32 dev eth0'];
  const services = [{ port: 7, protocol: 'tcp' }];

  it('answers no SYN, but ping hears what it asked for', () => {
    const a = host('10.0.0.1/24', { exec, services });
    const lab = new Lab({ a, b: host('10.0.0.2/24') }, CABLE);
    expect(lab.ping('a', '10.0.0.2').probe.replies).toHaveLength(1);
    const [outcome] = lab.run({ tcp: { from: 'b', to: '10.0.0.1:7', timeout: '500ms' } }).outcomes;
    expect(outcome?.probe).toMatchObject({ connected: false });
    expect(lab.counters('a')).toMatchObject({ TcpInSegs: 1, TcpExtListenDrops: 1, IcmpInErrors: 1 });
  });
});

describe('a segment for an address that a route of its receiver calls a broadcast', () => {
  it('is counted by TCP, for its frame was for one host, and answered by nothing', () => {
    const b = host('10.0.0.1/24', { exec: ['ip route add broadcast 10.9.0.0/24 dev eth0'] });
    const lab = new Lab({ a: host('10.0.0.2/24', { routes: ['10.9.0.0/24 via 10.0.0.1'] }), b }, CABLE);
    lab.run({ tcp: { from: 'a', to: '10.9.0.5:7', timeout: '900ms' } });
    expect(lab.counters('b')).toMatchObject({ TcpInSegs: 1, IpExtInBcastPkts: 1 });
    expect(lab.counters('b')).not.toHaveProperty('TcpOutRsts');
    expect(lab.drops()).toEqual({ 'kernel:NO_SOCKET@b': 1 });
  });
});

describe('a router that sends what it forwards over lo', () => {
  it('says so when the TTL has run out, with its own address', () => {
    const r = host('10.0.0.1/24', {
      sysctls: { 'net.ipv4.ip_forward': 1 },
      exec: ['ip route add 10.9.0.0/24 via 10.9.0.5 dev lo onlink'],
    });
    const lab = new Lab({ a: host('10.0.0.2/24', { routes: ['default via 10.0.0.1'] }), b: r }, CABLE);
    const { probe } = lab.ping('a', '10.9.0.5', { timeout: '1s' });
    expect(probe.errors).toMatchObject([{ type: 11, code: 0, from: 0x0a000001 }]);
  });
});

describe('an ICMP error about a RST that REJECT sent', () => {
  it('brings the connection into the table that the rule refused, and the second such error clashes with it', () => {
    // The resets go where nobody is, by the longer prefix.
    const r = {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.1/8' }, eth1: { address: '10.0.1.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      routes: ['10.0.0.2/32 dev eth1'],
      exec: [
        'iptables -A FORWARD -m state --state ESTABLISHED -j ACCEPT',
        'iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset',
      ],
    };
    const a = host('10.0.0.2/24', { routes: ['default via 10.0.0.1'] });
    const lab = new Lab({ a, r, b: host('10.0.1.2/24') }, [
      { endpoints: ['a:eth0', 'r:eth0'] },
      { endpoints: ['r:eth1', 'b:eth0'] },
    ]);
    lab.run({ tcp: { from: 'a', to: '10.0.1.2:7', source_port: 4000, timeout: '1500ms' } }, { wait: '3s' });
    expect(lab.drops()).toMatchObject({ 'kernel:NETFILTER_DROP@r': 3 });
    expect(lab.counters('r')).toMatchObject({ IpOutDiscards: 1 });
    expect(
      lab
        .stack('r')
        .net.conntrack.list()
        .map(({ protocol }) => protocol),
    ).toEqual([6]);
  });
});

describe('a router that may not answer the SYN-ACKs of a host', () => {
  it('says so about each: what is sent again after seconds finds as many saved up', () => {
    const r = {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.1/24' }, eth1: { address: '10.0.1.1/24' } },
      sysctls: { 'net.ipv4.ip_forward': 1 },
      rules: ['iif eth1 prohibit pref 20'],
    };
    const a = host('10.0.0.2/24', { routes: ['default via 10.0.0.1'] });
    const b = host('10.0.1.2/24', { routes: ['default via 10.0.1.1'], services: [{ port: 7, protocol: 'tcp' }] });
    const lab = new Lab({ a, r, b }, [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['r:eth1', 'b:eth0'] }]);
    lab.run({ tcp: { from: 'a', to: '10.0.1.2:7', timeout: '1600ms' } }, { wait: '1800ms' });
    // At 0 and 1 s by the timer of the request and by the repeated SYN, and two seconds after.
    expect(lab.counters('r')).toMatchObject({ IcmpOutDestUnreachs: 4 });
    expect(lab.counters('r')).not.toHaveProperty('IcmpOutRateLimitHost');
  });
});
