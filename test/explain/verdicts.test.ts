import { describe, expect, it } from 'vitest';
import { seconds } from '../../sim/core/time.ts';
import { accountOf } from '../../sim/explain/account.ts';
import { startTraceroute, tracerouteDefaults } from '../../sim/program/traceroute.ts';
import { programHost } from '../../sim/world/world.ts';
import { chain, gist, send } from './lab.ts';

/** Lines of a node: iptables with these lines in a table. */
function iptables(table: string, ...lines: string[]): string {
  return ['iptables: |', `  *${table}`, ...lines.map((line) => `  ${line}`), '  COMMIT'].join('\n');
}

describe('a request that is answered', () => {
  it('is delivered both ways, by ping, UDP and TCP', () => {
    const all = { verdict: 'DELIVERED', there: 'DELIVERED', back: 'DELIVERED', drops: [] };
    expect(gist(send(chain(), 'a', '10.1.0.2'))).toEqual(all);
    expect(gist(send(chain(), 'a', '10.1.0.2:7'))).toEqual(all);
    expect(gist(send(chain(), 'a', '10.1.0.2:80', { protocol: 'tcp' }))).toEqual(all);
    expect(gist(send(chain(), 'a', '10.1.0.2', { size: 3000 }))).toEqual(all);
  });
});

describe('a request that dies on its way', () => {
  it('is dropped where nobody tells its sender', () => {
    const rule = chain({ r: iptables('filter', ':FORWARD ACCEPT', '-A FORWARD -p icmp -j DROP') });
    expect(gist(send(rule, 'a', '10.1.0.2'))).toEqual({
      verdict: 'DROPPED',
      there: 'DROPPED',
      back: undefined,
      drops: ['request r kernel:NETFILTER_DROP rule: -t filter -A FORWARD -p icmp -j DROP'],
    });
    const policy = chain({ r: iptables('filter', ':FORWARD DROP') });
    expect(gist(send(policy, 'a', '10.1.0.2'))).toMatchObject({
      verdict: 'DROPPED',
      drops: ['request r kernel:NETFILTER_DROP policy: :FORWARD DROP (table filter)'],
    });
  });

  it('is rejected where an ICMP error or a RST says so', () => {
    const told = { verdict: 'REJECTED', there: 'REJECTED', back: 'DELIVERED' };
    const closed = send(chain(), 'a', '10.1.0.2:9');
    expect(gist(closed)).toMatchObject(told);
    expect(closed.errors).toMatchObject([{ errno: 'ECONNREFUSED', from: '10.1.0.2' }]);
    const refused = send(chain(), 'a', '10.1.0.2:81', { protocol: 'tcp' });
    expect(gist(refused)).toMatchObject(told);
    expect(refused.errors).toMatchObject([{ errno: 'ECONNREFUSED', from: '10.1.0.2' }]);
    expect(gist(send(chain(), 'a', '10.1.0.2', { ttl: 1 }))).toMatchObject(told);
    expect(gist(send(chain(), 'a', '10.2.0.2'))).toEqual({
      ...told,
      drops: ['request r kernel:IP_INNOROUTES no-route: no route to 10.2.0.2; asked: local, main, default'],
    });
    const rule = chain({ r: iptables('filter', ':FORWARD ACCEPT', '-A FORWARD -p icmp -j REJECT') });
    expect(gist(send(rule, 'a', '10.1.0.2'))).toMatchObject(told);
  });

  it('is rejected where its own stack refuses it, by a rule, without a route or without a neighbour', () => {
    const rule = chain({ a: iptables('filter', ':OUTPUT ACCEPT', '-A OUTPUT -p icmp -j DROP') });
    const ruled = send(rule, 'a', '10.1.0.2');
    expect(gist(ruled)).toMatchObject({ verdict: 'REJECTED', there: 'REJECTED', back: undefined });
    expect(ruled.errors).toMatchObject([{ errno: 'EPERM', from: '' }]);
    const lost = send(chain(), 'b', '10.0.0.9');
    expect(gist(lost)).toMatchObject({ verdict: 'REJECTED', there: 'REJECTED' });
    const alone = send(chain({ b: 'routes: []' }), 'b', '10.0.0.2');
    expect(gist(alone)).toEqual({ verdict: 'REJECTED', there: undefined, back: undefined, drops: [] });
    expect(alone.errors).toMatchObject([{ errno: 'ENETUNREACH', from: '' }]);
    expect(gist(send(chain(), 'a', '10.0.0.9'))).toMatchObject({
      verdict: 'REJECTED',
      drops: ['request a kernel:NEIGH_FAILED neighbour: 10.0.0.9 dev eth0 FAILED'],
    });
  });
});

describe('an answer that does not arrive', () => {
  it('is what the flow is dropped for', () => {
    const rule = '-A FORWARD -p icmp --icmp-type echo-reply -j DROP';
    const world = chain({ r: iptables('filter', ':FORWARD ACCEPT', rule) });
    expect(gist(send(world, 'a', '10.1.0.2'))).toEqual({
      verdict: 'DROPPED',
      there: 'DELIVERED',
      back: 'DROPPED',
      drops: ['answer r kernel:NETFILTER_DROP rule: -t filter -A FORWARD -p icmp -m icmp --icmp-type 0 -j DROP'],
    });
  });

  it.each([
    ['10.1.0.2', 'icmp', 'ICMP echo reply'],
    ['10.1.0.2:7', 'udp', 'echo'],
    ['10.1.0.2:80', 'tcp', 'TCP SYN-ACK'],
  ] as const)('could not even be sent without a route: %s by %s', (to, protocol, what) => {
    const account = send(chain({ b: 'routes: []' }), 'a', to, { protocol });
    expect(gist(account)).toEqual({ verdict: 'DROPPED', there: 'DELIVERED', back: undefined, drops: [] });
    expect(account.refusals).toMatchObject([{ at: 'b', what, to: '10.0.0.2', errno: 'ENETUNREACH' }]);
  });

  it('is not missed where nobody owes one', () => {
    const world = chain({ b: 'sysctls: { net.ipv4.icmp_echo_ignore_all: 1 }' });
    const account = send(world, 'a', '10.1.0.2');
    expect(gist(account)).toEqual({ verdict: 'DELIVERED', there: 'DELIVERED', back: undefined, drops: [] });
    expect(account.silence).toBe('icmp_echo_ignore_all');
  });
});

describe('the data of a connection that was opened', () => {
  it('is what the flow is dropped for when it never arrives: the path MTU black hole', () => {
    const r = ['exec: ["ip link set eth1 mtu 1000", "iptables -A OUTPUT -p icmp -j DROP"]'].join('\n');
    const account = send(chain({ r }), 'a', '10.1.0.2:80', { protocol: 'tcp', size: 1400 });
    expect(account).toMatchObject({
      verdict: 'DROPPED',
      stage: 'data',
      there: { verdict: 'DROPPED' },
      back: undefined,
    });
    expect(account.drops.find((drop) => drop.packet === account.there?.packet)).toMatchObject({
      at: 'r',
      reason: 'kernel:PKT_TOO_BIG',
      decidedBy: { kind: 'mtu', facts: { device: 'eth1', mtu: 1000 } },
    });
  });

  it('is not missed where it found a smaller way', () => {
    const world = chain({ r: 'exec: ["ip link set eth1 mtu 1000"]' });
    const account = send(world, 'a', '10.1.0.2:80', { protocol: 'tcp', size: 1400 });
    expect(account).toMatchObject({ verdict: 'DELIVERED', stage: 'request' });
  });
});

describe('fragments', () => {
  it('die of the rule that drops the later ones, not of the wait for them', () => {
    const world = chain({ r: iptables('filter', ':FORWARD ACCEPT', '-A FORWARD -f -j DROP') });
    const account = send(world, 'a', '10.1.0.2:7', { size: 3000 });
    expect(account).toMatchObject({ verdict: 'DROPPED', there: { verdict: 'DROPPED' } });
    expect(account.there?.steps.at(-1)).toMatchObject({ kind: 'drop', reason: 'kernel:NETFILTER_DROP' });
  });
});

describe('a packet to many', () => {
  it('is delivered where one of them takes it, and dropped where none does', () => {
    const to = '10.0.0.255';
    expect(send(chain(), 'a', `${to}:9`)).toMatchObject({ verdict: 'DROPPED' });
    expect(send(chain({ r: 'services: [{ port: 9, name: echo }]' }), 'a', `${to}:9`)).toMatchObject({
      verdict: 'DELIVERED',
    });
    expect(send(chain(), 'a', '239.1.1.1:9')).toMatchObject({ verdict: 'DROPPED' });
  });
});

describe('the packets of traceroute', () => {
  it('die, and their sender is told: that is what it sends them for', () => {
    const world = chain();
    const stack = world.find('a');
    if (stack === undefined) throw new Error('a is there');
    const options = { ...tracerouteDefaults('Linux'), destination: 0x0a010002, source: 0, probesPerHop: 1 };
    const probe = startTraceroute(programHost(world, stack), options, () => {});
    world.advance(seconds(20));
    const account = accountOf(world, {
      from: 'a',
      probe,
    });
    expect(gist(account)).toMatchObject({ verdict: 'REJECTED', there: 'REJECTED', back: 'DELIVERED' });
    expect(account.errors).toMatchObject([{ errno: 'EHOSTUNREACH', from: '10.0.0.1' }]);
  });
});
