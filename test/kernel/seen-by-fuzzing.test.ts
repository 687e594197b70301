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
