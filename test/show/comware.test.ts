import { describe, expect, it } from 'vitest';
import type { ComwareInterfaceRow, ComwareRouteRow, ComwareSnapshot } from '../../sim/comware/snapshot-rows.ts';
import { ZERO } from '../../sim/core/time.ts';
import { showComwareArp } from '../../sim/show/comware-arp.ts';
import { showComwareInterfaces } from '../../sim/show/comware-interface.ts';
import { showKernelMap } from '../../sim/show/comware-kernel.ts';
import { showComwareRoutes } from '../../sim/show/comware-route.ts';
import { showComwareSessions, showComwareSockets } from '../../sim/show/comware-socket.ts';
import { showIpAddr } from '../../sim/show/linux-addr.ts';
import { showIpRule } from '../../sim/show/linux-rule.ts';
import { TABLE_NAMES } from '../../sim/show/table-names.ts';
import { allTables, showTable } from '../../sim/show/table-of.ts';
import type { StackSnapshot } from '../../sim/world/stack-snapshot.ts';
import { Shell } from '../kernel/shell.ts';
import { EMPTY_NAT } from './empty-nat.ts';

const EMPTY: ComwareSnapshot = {
  ...{
    title: 'device-a',
    sysname: 'H3C',
    interfaces: [],
    routes: [],
    arp: [],
    sockets: [],
    sessions: [],
    nat: EMPTY_NAT,
    counters: {},
  },
  ...{ kernelMap: [], tpaSource: 'none', configuration: [], assumptions: [] },
};

const direct = (destination: string, nextHop: string, name: string): ComwareRouteRow => ({
  ...{ destination, protocol: 'Direct', preference: 0, cost: 0, nextHop, interface: name },
  ...{ interfaceName: name, realNextHop: nextHop, discards: false, age: 0 },
});

/** The table of release 91xx as H3C's documents print it. */
const REFERENCE = `Destinations : 13       Routes : 13

Destination/Mask   Proto   Pre Cost        NextHop         Interface
0.0.0.0/32         Direct  0   0           127.0.0.1       InLoop0
127.0.0.0/8        Direct  0   0           127.0.0.1       InLoop0
`;

describe('display ip routing-table', () => {
  it('has the columns of release 91xx', () => {
    const routes = [direct('0.0.0.0/32', '127.0.0.1', 'InLoop0'), direct('127.0.0.0/8', '127.0.0.1', 'InLoop0')];
    const text = showComwareRoutes({ ...EMPTY, routes });
    expect(text.replaceAll(' : 2 ', ' : 13').replace(' : 2\n', ' : 13\n')).toBe(REFERENCE);
  });

  it('counts prefixes and lines apart; further next hops stand alone on their line', () => {
    const routes: ComwareRouteRow[] = [
      { ...direct('9.72.47.0/24', '172.16.43.2', 'Vlan1600'), protocol: 'Static', preference: 60 },
      { ...direct('9.72.47.0/24', '172.16.43.6', 'Vlan1601'), protocol: 'Static', preference: 60 },
    ];
    expect(showComwareRoutes({ ...EMPTY, routes })).toBe(
      `Destinations : 1        Routes : 2

Destination/Mask   Proto   Pre Cost        NextHop         Interface
9.72.47.0/24       Static  60  0           172.16.43.2     Vlan1600
                                           172.16.43.6     Vlan1601
`,
    );
  });
});

it('display arp', () => {
  const arp = [
    { address: '172.16.10.1', mac: '8c47-be17-8271', vlan: '1234', interface: 'GE1/0/9', aging: '1191', type: 'D' },
    { address: '172.16.10.2', mac: '', vlan: '--', interface: 'Virtual-Eth-Group0', aging: '--', type: 'I' },
  ] as const;
  expect(showComwareArp({ ...EMPTY, arp })).toBe(
    `  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
IP address      MAC address    VLAN/VSI name Interface                Aging Type
172.16.10.1     8c47-be17-8271 1234          GE1/0/9                  1191  D
172.16.10.2     --             --            Virtual-Eth-Group0       --    I
`,
  );
});

describe('display ip interface brief', () => {
  const row: ComwareInterfaceRow = {
    ...{ name: 'GigabitEthernet0/0', shortName: 'GE0/0', physical: 'up', protocol: 'up', address: '10.0.0.5/30' },
    ...{ mac: '', mtu: 1500, description: '', kernelDevice: 'eth1' },
    ...{ rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 },
  };

  it('has the columns of release 91xx', () => {
    const interfaces: ComwareInterfaceRow[] = [
      row,
      { ...row, shortName: 'GE5/0', physical: 'down', protocol: 'down', address: '' },
      { ...row, shortName: 'Loop0', protocol: 'up(s)', address: '10.1.1.1/32' },
    ];
    expect(showComwareInterfaces({ ...EMPTY, interfaces })).toBe(
      `*down: administratively down
(s): spoofing  (l): loopback
Interface           Physical Protocol IP address/Mask    VPN instance Description
GE0/0               up       up       10.0.0.5/30        --           --
GE5/0               down     down     --                 --           --
Loop0               up       up(s)    10.1.1.1/32        --           --
`,
    );
  });

  it('grows with a long name', () => {
    const text = showComwareInterfaces({ ...EMPTY, interfaces: [{ ...row, shortName: 'Virtual-Eth-Group12345' }] });
    expect(text.split('\n').slice(2, 4)).toEqual([
      'Interface              Physical Protocol IP address/Mask    VPN instance Description',
      'Virtual-Eth-Group12345 up       up       10.0.0.5/30        --           --',
    ]);
  });
});

it('the map of interfaces and devices of the kernel', () => {
  const kernelMap = [
    { interface: 'GE1/0/1', device: 'eth2' },
    { interface: 'Virtual-Eth-Group0', device: 'eth1' },
  ];
  expect(showKernelMap({ ...EMPTY, kernelMap })).toBe('GE1/0/1            <-> eth2\nVirtual-Eth-Group0 <-> eth1\n');
});

it('sockets and sessions', () => {
  const comware: ComwareSnapshot = {
    ...EMPTY,
    sockets: [
      {
        protocol: 'udp',
        local: '0.0.0.0',
        port: 69,
        peer: '0.0.0.0',
        peerPort: 0,
        application: 'tftpd',
        stack: 'comware',
      },
    ],
    sessions: [
      {
        protocol: 'icmp',
        owner: 'kernel',
        state: 'ICMP_REQUEST',
        local: '10.10.3.3',
        localPort: 7,
        remote: '192.0.2.1',
        remotePort: 0,
        ttl: 28,
      },
      {
        protocol: 'udp',
        owner: 'host',
        state: 'UDP_OPEN',
        local: '10.10.3.3',
        localPort: 40000,
        remote: '192.0.2.1',
        remotePort: 53,
        ttl: 170,
      },
    ],
  };
  expect(showComwareSockets(comware)).toBe(
    `Proto Local Addr:port       Foreign Addr:port     Stack   Application
udp   0.0.0.0:69            0.0.0.0:0             comware tftpd
`,
  );
  expect(showComwareSessions(comware)).toBe(
    `Proto Local Addr:port       Remote Addr:port      Owner  State         TTL
icmp  10.10.3.3:7           192.0.2.1:0           kernel ICMP_REQUEST  28s
udp   10.10.3.3:40000       192.0.2.1:53          host   UDP_OPEN     170s
`,
  );
});

describe('tables of a stack', () => {
  const routes = [direct('1.1.1.1/32', '127.0.0.1', 'InLoop0')];
  const linux: StackSnapshot = { title: 'x', time: ZERO, namespace: new Shell().snapshot, comware: undefined };
  const stack: StackSnapshot = { ...linux, comware: { ...EMPTY, routes } };

  it("are in Comware's form where it has one, unless Linux's is asked for", () => {
    expect(showTable(stack, 'route')).toBe(showComwareRoutes({ ...EMPTY, routes }));
    expect(showTable(stack, 'addr', 'linux')).toBe(showIpAddr(linux.namespace));
    expect(showTable(stack, 'rule')).toBe(showIpRule(linux.namespace));
    expect(showTable(linux, 'addr', 'comware')).toBe(showIpAddr(linux.namespace));
  });

  it('stand each under its command', () => {
    for (const name of TABLE_NAMES) expect(typeof showTable(stack, name)).toBe('string');
    expect(allTables(stack)).toContain('# display ip routing-table\nDestinations : 1 ');
    expect(allTables(linux)).toContain('\n\n# ip rule\n0:\tfrom all lookup local\n');
  });
});
