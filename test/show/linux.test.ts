import { describe, expect, it } from 'vitest';
import type { NamespaceSnapshot } from '../../sim/kernel/snapshot.ts';
import { showIpAddr as printIpAddr, showIpBriefAddr as printIpBriefAddr } from '../../sim/show/linux-addr.ts';
import { showCounters } from '../../sim/show/linux-counters.ts';
import { showBridgeFdb as printBridgeFdb } from '../../sim/show/linux-fdb.ts';
import { showIpNeigh as printIpNeigh } from '../../sim/show/linux-neigh.ts';
import { showIpRoute as printIpRoute, showRouteN } from '../../sim/show/linux-route.ts';
import { showIpRule } from '../../sim/show/linux-rule.ts';
import { showSockets as printSockets } from '../../sim/show/linux-socket.ts';
import { showSysctl } from '../../sim/show/linux-sysctl.ts';
import { Shell } from '../kernel/shell.ts';

/*
 * The texts are what iproute2 6.1 and net-tools printed on Linux 6.18 after the same commands, here without the blanks
 * at line ends; real.test.ts has them.
 */

const bare = (text: string): string => text.replace(/ +$/gm, '');
const showIpAddr = (...asked: Parameters<typeof printIpAddr>): string => bare(printIpAddr(...asked));
const showIpBriefAddr = (...asked: Parameters<typeof printIpBriefAddr>): string => bare(printIpBriefAddr(...asked));
const showBridgeFdb = (...asked: Parameters<typeof printBridgeFdb>): string => bare(printBridgeFdb(...asked));
const showIpNeigh = (...asked: Parameters<typeof printIpNeigh>): string => bare(printIpNeigh(...asked));
const showIpRoute = (...asked: Parameters<typeof printIpRoute>): string => bare(printIpRoute(...asked));
const showSockets = (...asked: Parameters<typeof printSockets>): string => bare(printSockets(...asked));

const EMPTY: NamespaceSnapshot = {
  ...{
    title: 'x',
    role: 'linux',
    addr: [],
    route: [],
    rule: [],
    neigh: [],
    proxy: [],
    fdb: [],
    bridgePort: [],
    socket: [],
    conntrack: [],
    iptables: [],
    sysctl: [],
  },
  counters: {},
};

function machine(): Shell {
  const shell = new Shell().veth('v1', 'v2');
  const complaints = shell.run(
    'ip link set v1 up',
    'ip link set v2 up',
    'ip addr add 10.0.0.1/24 dev v1',
    'ip addr add 10.0.0.2/24 dev v1',
    'ip route add default via 10.0.0.9',
    'ip route add 20.1.1.1 via 10.0.0.9 metric 5',
    'ip route add unreachable 21.1.1.1',
    'ip route add prohibit 22.0.0.0/8 metric 7',
    'ip route add blackhole 23.0.0.0/8',
    'ip route add 24.0.0.0/8 via 99.0.0.9 dev v1 onlink proto static',
    'ip route add throw 8.0.0.0/8 table 100',
  );
  expect(complaints).toBe('');
  return shell;
}

describe('routes', () => {
  it('ip route', () => {
    expect(showIpRoute(machine().snapshot)).toBe(
      `default via 10.0.0.9 dev v1
10.0.0.0/24 dev v1 proto kernel scope link src 10.0.0.1
20.1.1.1 via 10.0.0.9 dev v1 metric 5
unreachable 21.1.1.1
prohibit 22.0.0.0/8 metric 7
blackhole 23.0.0.0/8
24.0.0.0/8 via 99.0.0.9 dev v1 proto static onlink
`,
    );
  });

  it('ip route show table local, table 100, table all', () => {
    const { snapshot } = machine();
    expect(showIpRoute(snapshot, 'local')).toBe(
      `local 10.0.0.1 dev v1 proto kernel scope host src 10.0.0.1
local 10.0.0.2 dev v1 proto kernel scope host src 10.0.0.1
broadcast 10.0.0.255 dev v1 proto kernel scope link src 10.0.0.1
local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1
local 127.0.0.1 dev lo proto kernel scope host src 127.0.0.1
broadcast 127.255.255.255 dev lo proto kernel scope link src 127.0.0.1
`,
    );
    expect(showIpRoute(snapshot, '100')).toBe('throw 8.0.0.0/8\n');
    const all = showIpRoute(snapshot, 'all').split('\n');
    expect(all).toContain('default via 10.0.0.9 dev v1');
    expect(all).toContain('throw 8.0.0.0/8 table 100');
    expect(all).toContain('local 10.0.0.1 dev v1 table local proto kernel scope host src 10.0.0.1');
  });

  it('route -n', () => {
    expect(showRouteN(machine().snapshot)).toBe(
      `Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.9        0.0.0.0         UG    0      0        0 v1
10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 v1
20.1.1.1        10.0.0.9        255.255.255.255 UGH   5      0        0 v1
21.1.1.1        -               255.255.255.255 !H    0      -        0 -
22.0.0.0        -               255.0.0.0       !     7      -        0 -
23.0.0.0        0.0.0.0         255.0.0.0       U     0      0        0 *
24.0.0.0        99.0.0.9        255.0.0.0       UG    0      0        0 v1
`,
    );
  });

  it('rows have the keys of `ip -j route`', () => {
    const { route } = machine().snapshot;
    // From `ip -j route show table all` of Linux 6.18, iproute2 6.1.
    const real: unknown[] = [
      { dst: 'default', gateway: '10.0.0.9', dev: 'v1', flags: [] },
      { type: 'blackhole', dst: '23.0.0.0/8', flags: [] },
      { dst: '10.0.0.0/24', dev: 'v1', protocol: 'kernel', scope: 'link', prefsrc: '10.0.0.1', flags: [] },
      {
        ...{ type: 'local', dst: '10.0.0.1', dev: 'v1', table: 'local', protocol: 'kernel', scope: 'host' },
        ...{ prefsrc: '10.0.0.1', flags: [] },
      },
      {
        ...{ type: 'broadcast', dst: '10.0.0.255', dev: 'v1', table: 'local', protocol: 'kernel', scope: 'link' },
        ...{ prefsrc: '10.0.0.1', flags: [] },
      },
      { type: 'throw', dst: '8.0.0.0/8', table: '100', flags: [] },
    ];
    for (const row of real) expect(route).toContainEqual(row);
  });
});

describe('rules', () => {
  it('ip rule', () => {
    const shell = new Shell().veth('v1', 'v2');
    shell.run(
      'ip rule add from 10.0.0.0/24 lookup 100',
      'ip rule add not to 1.1.1.0/24 iif v1 oif gone ipproto icmp sport 10-20 dport 53 pref 50 lookup main',
      'ip rule add from 1.1.1.1 fwmark 7 prohibit',
    );
    expect(showIpRule(shell.snapshot)).toBe(
      [
        '0:\tfrom all lookup local\n',
        '49:\tfrom 1.1.1.1 fwmark 0x7 prohibit\n',
        '50:\tnot from all to 1.1.1.0/24 iif v1 oif gone [detached] ipproto icmp sport 10-20 dport 53 lookup main\n',
        '32765:\tfrom 10.0.0.0/24 lookup 100\n',
        '32766:\tfrom all lookup main\n',
        '32767:\tfrom all lookup default\n',
      ].join(''),
    );
  });

  it('rows have the keys of `ip -j rule`', () => {
    const shell = new Shell().veth('v1', 'br0');
    shell.run(
      'ip rule add not to 1.1.1.0/24 iif v1 oif br0 fwmark 0x10/0xff ipproto udp sport 10-20 dport 53 lookup main pref 50',
      'ip rule add from 1.1.1.1 blackhole',
    );
    expect(shell.snapshot.rule.slice(1, 3)).toEqual([
      { priority: 49, src: '1.1.1.1', action: 'blackhole' },
      {
        ...{
          priority: 50,
          not: null,
          src: 'all',
          dst: '1.1.1.0',
          dstlen: 24,
          fwmark: '0x10',
          fwmask: '0xff',
          iif: 'v1',
        },
        ...{ oif: 'br0', ipproto: 'udp', sport_start: 10, sport_end: 20, dport: 53, table: 'main' },
      },
    ]);
  });
});

describe('addresses', () => {
  it('ip addr', () => {
    const shell = machine();
    const bridge = shell.bridge('br0');
    const v2 = shell.net.device('v2');
    if (v2 !== undefined) bridge.addPort(v2);
    shell.run('ip link set br0 up');
    expect(showIpAddr(shell.snapshot)).toBe(
      `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: v1@v2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.1/24 scope global v1
       valid_lft forever preferred_lft forever
    inet 10.0.0.2/24 scope global secondary v1
       valid_lft forever preferred_lft forever
3: v2@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP group default qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
4: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff
`,
    );
  });

  it('ip addr of a device without link addresses, and with a broadcast address', () => {
    const none = { bytes: 0, packets: 0, errors: 0, dropped: 0 };
    const stats64 = {
      rx: { ...none, over_errors: 0, multicast: 0 },
      tx: { ...none, carrier_errors: 0, collisions: 0 },
    };
    const info = {
      family: 'inet',
      local: '10.5.0.1',
      prefixlen: 24,
      broadcast: '10.5.0.255',
      scope: 'global',
    } as const;
    const text = showIpAddr({
      ...EMPTY,
      addr: [
        {
          ...{ ifindex: 5, ifname: 't0', flags: ['POINTOPOINT', 'MULTICAST', 'NOARP', 'UP', 'LOWER_UP'], mtu: 1500 },
          ...{ qdisc: 'pfifo_fast', operstate: 'UNKNOWN', group: 'default', txqlen: 500 },
          ...{ link_type: 'none', address: '', broadcast: '', info_kind: 'tun', stats64 },
          addr_info: [{ ...info, label: 't0' }],
        },
      ],
    });
    expect(text).toBe(
      `5: t0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UNKNOWN group default qlen 500
    link/none
    inet 10.5.0.1/24 brd 10.5.0.255 scope global t0
       valid_lft forever preferred_lft forever
`,
    );
  });

  it('ip -br addr', () => {
    expect(showIpBriefAddr(machine().snapshot)).toBe(
      `lo               UNKNOWN        127.0.0.1/8
v1@v2            UP             10.0.0.1/24 10.0.0.2/24
v2@v1            UP
`,
    );
  });

  it('rows have keys that `ip -j addr` has, and its values', () => {
    const row = machine().snapshot.addr[1];
    // `ip -j addr show v1` of Linux 6.18, iproute2 6.1; stats64 comes with -s, info_kind with -d.
    const real = {
      ...{ ifindex: 3, link: 'v2', ifname: 'v1', flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], mtu: 1500 },
      ...{ qdisc: 'noqueue', operstate: 'UP', group: 'default', txqlen: 1000, link_type: 'ether' },
      ...{ address: '02:00:00:00:00:01', broadcast: 'ff:ff:ff:ff:ff:ff', stats64: {}, info_kind: 'veth' },
      addr_info: [
        {
          ...{ family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global', label: 'v1' },
          ...{ valid_life_time: 4294967295, preferred_life_time: 4294967295 },
        },
      ],
    };
    expect(Object.keys(real)).toEqual(expect.arrayContaining(Object.keys(row ?? {})));
    expect(Object.keys(real.addr_info[0] ?? {})).toEqual(expect.arrayContaining(Object.keys(row?.addr_info[0] ?? {})));
    expect(row).toMatchObject({ flags: real.flags, operstate: 'UP', address: real.address, broadcast: real.broadcast });
  });
});

describe('the other tables', () => {
  it('ip neigh', () => {
    const age = { used: 0, confirmed: 0, updated: 0, probes: 0 };
    const neigh = [
      { dst: '10.0.0.10', dev: 'v1', lladdr: '02:00:00:00:00:0a', ...age, state: ['REACHABLE'] },
      { dst: '10.0.0.9', dev: 'v1', lladdr: '02:00:00:00:00:0b', ...age, state: ['PERMANENT'] },
      { dst: '10.0.0.77', dev: 'v1', ...age, state: ['FAILED'] },
    ];
    expect(showIpNeigh({ ...EMPTY, neigh })).toBe(
      `10.0.0.10 dev v1 lladdr 02:00:00:00:00:0a REACHABLE
10.0.0.9 dev v1 lladdr 02:00:00:00:00:0b PERMANENT
10.0.0.77 dev v1 FAILED
`,
    );
  });

  it('bridge fdb', () => {
    const fdb = ['', 'permanent', 'static'].map((state, index) => ({
      ...{ mac: `02:00:00:00:00:0${index}`, ifname: 'v2', flags: [], master: 'br0', state },
    }));
    expect(showBridgeFdb({ ...EMPTY, fdb })).toBe(
      `02:00:00:00:00:00 dev v2 master br0
02:00:00:00:00:01 dev v2 master br0 permanent
02:00:00:00:00:02 dev v2 master br0 static
`,
    );
  });

  it('ss -unap', () => {
    const udp = { netid: 'udp', state: 'UNCONN', peer: '0.0.0.0', peerPort: 0, process: '' } as const;
    const socket = [
      { ...udp, local: '0.0.0.0', port: 69 },
      { ...udp, local: '10.0.0.1', port: 5353, process: 'mdns' },
      { ...udp, state: 'ESTAB', local: '10.0.0.1', port: 40000, peer: '10.0.0.200', peerPort: 53 },
    ] as const;
    expect(showSockets({ ...EMPTY, socket })).toBe(
      `State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
UNCONN 0      0            0.0.0.0:69         0.0.0.0:*
UNCONN 0      0           10.0.0.1:5353       0.0.0.0:*    users:(("mdns"))
ESTAB  0      0           10.0.0.1:40000   10.0.0.200:53
`,
    );
    const ping = { ...udp, netid: 'icmp', local: '0.0.0.0', port: 7, process: 'ping' } as const;
    expect(showSockets({ ...EMPTY, socket: [...socket.slice(0, 1), ping] })).toBe(
      `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
udp   UNCONN 0      0            0.0.0.0:69        0.0.0.0:*
icmp  UNCONN 0      0            0.0.0.0:7         0.0.0.0:*    users:(("ping"))
`,
    );
  });

  it('nstat, and with zeros', () => {
    const counters = { IpInReceives: 3, IpInHdrErrors: 0, TcpExtIPReversePathFilter: 12 };
    expect(showCounters({ ...EMPTY, counters })).toBe(
      `#kernel
IpInReceives                    3                  0.0
TcpExtIPReversePathFilter       12                 0.0
`,
    );
    expect(showCounters({ ...EMPTY, counters }, true)).toContain(
      'IpInHdrErrors                   0                  0.0\n',
    );
  });

  it('sysctl', () => {
    const shell = new Shell();
    shell.run('sysctl -w net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0');
    const text = showSysctl(shell.snapshot, [
      'net.ipv4.ip_forward',
      'net.ipv4.icmp_ratelimit',
      'net.ipv4.conf.lo.forwarding',
    ]);
    expect(text).toBe(
      `net.ipv4.conf.lo.forwarding = 1
net.ipv4.icmp_ratelimit = 0
net.ipv4.ip_forward = 1
`,
    );
  });

  it('nothing of nothing', () => {
    expect(showIpRoute(EMPTY) + showIpRule(EMPTY) + showIpAddr(EMPTY) + showIpNeigh(EMPTY) + showBridgeFdb(EMPTY)).toBe(
      '',
    );
  });
});
