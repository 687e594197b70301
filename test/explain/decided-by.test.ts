import { describe, expect, it } from 'vitest';
import type { FlowAccount } from '../../sim/explain/account.ts';
import { verdictLines } from '../../sim/explain/verdict-text.ts';
import { chain, lab, send } from './lab.ts';

/** What decided the only drop of a flow. */
function decision(account: FlowAccount): string {
  expect(account.drops).toHaveLength(1);
  const [drop] = account.drops;
  return `${drop?.at} ${drop?.reason} ${drop?.decidedBy.kind}: ${drop?.decidedBy.text}`;
}

/** Two hosts at a bridge sw of ports p1 and p2; a takes 10.0.0.8 to be at a MAC that nobody has. */
function bridged(...commands: string[]) {
  return lab(`
nodes:
  a:
    kind: linux
    interfaces: { eth0: { address: 10.0.0.2/24 } }
    exec: ["ip neigh add 10.0.0.8 lladdr 02:00:00:00:77:77 dev eth0"]
  b: { kind: linux, interfaces: { eth0: { address: 10.0.0.3/24 } } }
  sw: { kind: linux, interfaces: { br0: { kind: bridge, ports: [p1, p2] }, p1: {}, p2: {} }, exec: ${JSON.stringify(commands)} }
links:
  - endpoints: ["a:eth0", "sw:p1"]
  - endpoints: ["b:eth0", "sw:p2"]
`);
}

describe('what decided a drop', () => {
  it('is the sysctl that keeps a router from forwarding: for all, or for that interface', () => {
    const off = chain({ r: 'sysctls: { net.ipv4.ip_forward: 0 }' });
    expect(decision(send(off, 'a', '10.1.0.2'))).toBe('r kernel:IP_INADDRERRORS sysctl: net.ipv4.ip_forward = 0');
    const one = chain({ r: 'sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.forwarding: 0 }' });
    expect(decision(send(one, 'a', '10.1.0.2'))).toBe(
      'r kernel:IP_INADDRERRORS sysctl: net.ipv4.conf.eth0.forwarding = 0',
    );
  });

  it('is rp_filter, and the route back that it judges by', () => {
    const r =
      'sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.rp_filter: 1 }\nroutes: ["10.5.0.0/16 via 10.1.0.2"]';
    const world = chain({ a: 'exec: ["ip addr add 10.5.0.1/32 dev lo"]', r });
    // An ARP request in the name of 10.5.0.1 would be filtered too.
    send(world, 'a', '10.0.0.1');
    expect(decision(send(world, 'a', '10.1.0.2', { source: '10.5.0.1' }))).toBe(
      'r kernel:IP_RPFILTER sysctl: net.ipv4.conf.eth0.rp_filter = 1; ' +
        'the route back to 10.5.0.1 is 10.5.0.0/16 via 10.1.0.2 dev eth1',
    );
  });

  it('is accept_local, where a packet seems to come from the host itself', () => {
    const world = chain({ b: 'exec: ["ip addr add 10.0.0.2/32 dev lo"]' });
    expect(decision(send(world, 'a', '10.1.0.2'))).toBe(
      'b kernel:IP_LOCAL_SOURCE sysctl: net.ipv4.conf.eth0.accept_local = 0; 10.0.0.2 is an address of this host',
    );
  });

  it('is that no socket is there, beside those that are', () => {
    const local = chain({ b: 'services: [{ port: 7, name: echo, address: 127.0.0.1 }]' });
    expect(decision(send(local, 'a', '10.1.0.2:7'))).toBe(
      'b kernel:NO_SOCKET sockets: no UDP socket at 10.1.0.2:7; port 7 is open on 127.0.0.1:7 echo alone',
    );
    expect(decision(send(chain(), 'a', '10.1.0.2:82', { protocol: 'tcp' }))).toBe(
      'b kernel:NO_SOCKET sockets: no TCP socket at 10.1.0.2:82; open: 0.0.0.0:80 tcp-80',
    );
  });

  it.each([
    ['blackhole', 'DROPPED'],
    ['unreachable', 'REJECTED'],
    ['prohibit', 'REJECTED'],
  ])('is the route of type %s', (type, verdict) => {
    const account = send(chain({ r: `routes: ["${type} 10.1.0.2/32"]` }), 'a', '10.1.0.2');
    expect(account.verdict).toBe(verdict);
    expect(decision(account)).toBe(`r kernel:IP_INNOROUTES route: ${type} 10.1.0.2/32 table main`);
  });

  it('is the policy rule, or the tables that the rules had asked in vain', () => {
    const rule = chain({ r: 'rules: ["from 10.0.0.2 prohibit"]' });
    expect(decision(send(rule, 'a', '10.1.0.2'))).toBe(
      'r kernel:IP_INNOROUTES policy-rule: 32765: from 10.0.0.2 prohibit',
    );
    const tables = chain({ r: 'rules: ["from 10.0.0.2 lookup 100", "from 10.9.0.0/16 lookup 200"]' });
    expect(decision(send(tables, 'a', '10.3.0.2'))).toBe(
      'r kernel:IP_INNOROUTES no-route: no route to 10.3.0.2; asked: local, 100, main, default',
    );
  });

  it('is the MTU of the way out, of the far end or of the port of a bridge', () => {
    const way = chain({ r: 'exec: ["ip link set eth1 mtu 1000"]' });
    expect(decision(send(way, 'a', '10.1.0.2', { size: 1200, df: 'do' }))).toBe(
      'r kernel:PKT_TOO_BIG mtu: eth1 mtu 1000, 1228 bytes; DF set',
    );
    const far = chain({ b: 'exec: ["ip link set eth0 mtu 1000"]' });
    expect(decision(send(far, 'a', '10.1.0.2', { size: 1200 }))).toBe(
      'r kernel:PKT_TOO_BIG mtu: eth0 mtu 1000, 1228 bytes; the far end, b',
    );
    expect(decision(send(bridged('ip link set p2 mtu 1000'), 'a', '10.0.0.3', { size: 1200 }))).toBe(
      'sw kernel:PKT_TOO_BIG mtu: p2 mtu 1000, 1228 bytes; nobody is told',
    );
  });

  it('is the TTL', () => {
    const account = send(chain(), 'a', '10.1.0.2', { ttl: 1 });
    expect(decision(account)).toBe('r kernel:IP_INHDR ttl: TTL 1: the next router would get 0');
    const loop = chain({ b: 'sysctls: { net.ipv4.ip_forward: 1 }', r: 'routes: ["10.7.0.0/16 via 10.1.0.2"]' });
    const rounds = send(loop, 'a', '10.7.0.9');
    expect(decision(rounds)).toMatch(/ ttl: TTL 1:/);
    expect(rounds.there?.hops.filter((hop) => hop.place === 'r')).toHaveLength(32);
  });

  it('is the neighbour, and what became of the requests for its MAC', () => {
    const account = send(chain(), 'a', '10.1.0.9');
    expect(decision(account)).toBe('r kernel:NEIGH_FAILED neighbour: 10.1.0.9 dev eth1 FAILED');
    expect(account.drops[0]?.decidedBy.resolution).toEqual(['b: done: request for 10.1.0.9, not ours']);
    const r =
      'sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.rp_filter: 1 }\nroutes: ["10.0.0.2/32 via 10.1.0.2"]';
    expect(send(chain({ r }), 'a', '10.1.0.2').drops[0]?.decidedBy.resolution).toEqual([
      'r: net.ipv4.conf.eth0.rp_filter = 1; the route back to 10.0.0.2 is 10.0.0.2/32 via 10.1.0.2 dev eth1; ' +
        'done: request for 10.0.0.1, not ours',
    ]);
    const alone = bridged('bridge link set dev p1 isolated on', 'bridge link set dev p2 isolated on');
    expect(send(alone, 'a', '10.0.0.3').drops[0]?.decidedBy.resolution).toEqual([
      'sw: ff:ff:ff:ff:ff:ff: p2 isolated on; done: request for 10.0.0.3, not ours',
    ]);
  });

  it('is the port of a bridge that does not pass it on', () => {
    expect(decision(send(bridged('bridge link set dev p2 flood off'), 'a', '10.0.0.8'))).toBe(
      'sw kernel:NO_TX_TARGET port: 02:00:00:00:77:77: p2 flood off',
    );
    const known = bridged('bridge fdb add 02:00:00:00:77:77 dev p1 master static');
    expect(decision(send(known, 'a', '10.0.0.8'))).toBe(
      'sw kernel:NO_TX_TARGET port: 02:00:00:00:77:77: p1 hairpin off',
    );
  });

  it('is the full table of connections', () => {
    const r = [
      'sysctls: { net.ipv4.ip_forward: 1, net.netfilter.nf_conntrack_max: 1 }',
      'iptables: |',
      '  *nat',
      '  -A POSTROUTING -o eth1 -j MASQUERADE',
      '  COMMIT',
    ].join('\n');
    const world = chain({ r });
    send(world, 'a', '10.1.0.2:7');
    expect(decision(send(world, 'a', '10.1.0.2:7'))).toBe(
      'r kernel:NETFILTER_DROP sysctl: net.netfilter.nf_conntrack_max = 1; the table of connections is full',
    );
  });
});

describe('a station that is not in the model', () => {
  it('has what went out to it: nobody took it, and nobody lost it', () => {
    const account = send(bridged(), 'a', '10.0.0.8');
    expect(account).toMatchObject({ verdict: 'FORWARDED_OUT', there: { verdict: 'FORWARDED_OUT' }, drops: [] });
    expect(verdictLines(account)).toEqual([
      'FORWARDED_OUT: no station of the model has the MAC 02:00:00:00:77:77, to which a sent it for 10.0.0.8 on eth0',
    ]);
  });
});

describe('what a stack refuses to send', () => {
  const b = 'routes: []';
  it.each([
    ['10.0.0.2', 'icmp', 'no route to 10.0.0.2; asked: local, main, default'],
    ['10.0.0.2:80', 'udp', 'no route to 10.0.0.2; asked: local, main, default'],
    ['10.0.0.2:80', 'tcp', 'no route to 10.0.0.2; asked: local, main, default'],
  ] as const)('has its reason: to %s by %s', (to, protocol, why) => {
    const account = send(chain({ b }), 'b', to, { protocol });
    expect(account).toMatchObject({ verdict: 'REJECTED', there: undefined, refusals: [] });
    expect(account.errors).toMatchObject([{ errno: 'ENETUNREACH', from: '', why }]);
  });

  it('may be too long, forbidden, or an answer', () => {
    expect(send(chain(), 'a', '10.1.0.2', { size: 2000, df: 'do' }).errors).toMatchObject([
      { errno: 'EMSGSIZE', why: 'mtu 1500 towards 10.1.0.2' },
    ]);
    expect(send(chain({ b: 'routes: ["prohibit default"]' }), 'b', '10.0.0.2').errors).toMatchObject([
      { errno: 'EACCES', why: 'prohibit default table main' },
    ]);
    expect(send(chain({ b }), 'a', '10.1.0.2:80', { protocol: 'tcp' }).refusals).toEqual([
      {
        at: 'b',
        what: 'TCP SYN-ACK',
        to: '10.0.0.2',
        errno: 'ENETUNREACH',
        why: 'no route to 10.0.0.2; asked: local, main, default',
      },
    ]);
  });
});
