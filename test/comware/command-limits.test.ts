import { describe, expect, it } from 'vitest';
import { configurationLines } from '../../sim/comware/configuration-text.ts';
import { type AclRule, aclMatch } from '../../sim/comware/forwarding/acl.ts';
import { isSentToCpu } from '../../sim/comware/forwarding/send-to-cpu.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { ipv4, NatLab, packet } from './nat-lab.ts';

/* Where the ranges of the commands end, and what a rule matches at the ends of its own. */

const lab = new NatLab();
const GE1 = 'interface GE1/0/1';

/** What the device holds against the last of the lines, undefined for nothing. */
function faultOf(...lines: readonly string[]): string | undefined {
  const faults = lab.faults('#', ...lines);
  expect(faults.filter(({ line }) => line < lines.length)).toEqual([]);
  return faults[0]?.message;
}

describe('a number at the end of its range is taken, the one beyond is not', () => {
  it.each<[readonly string[], string, readonly (number | string)[], readonly (number | string)[]]>([
    [[], 'acl basic %', [2000, 2999], [1999, 3000]],
    [[], 'acl advanced %', [3000, 3999], [2999, 4000]],
    [[], 'acl number %', [2000, 3999], [1999, 4000]],
    [['acl basic 2000'], 'rule % permit', [0, 65534], [65535, -1]],
    [['acl advanced 3000'], 'rule permit %', [0, 255], [256]],
    [['acl advanced 3000'], 'rule permit udp source-port eq %', [0, 65535], [65536]],
    [['acl advanced 3000'], 'rule permit tcp source-port range %', ['5 5', '0 65535'], ['6 5', '5 70000', '']],
    [['acl advanced 3000'], 'rule permit ip source 10.0.0.0 %', ['0', '0.0.0.255', '255.255.255.255'], ['1', '24']],
    [[], 'nat address-group %', [0, 65535], [65536]],
    [['nat address-group 9'], 'port-range %', ['1 1', '1 65535', '65535 65535'], ['0 5', '6 5', '5 65536']],
    [['nat address-group 10'], 'address 10.1.0.0 %', ['10.1.255.255'], ['10.0.255.255', '10.2.0.0']],
    [['nat address-group 11'], 'address 10.1.0.7 %', ['10.1.0.7'], ['10.1.0.6']],
    [[GE1], 'nat outbound %', [2000, 3999], [1999, 4000]],
    [[GE1], 'nat server protocol % global 1.1.1.1 inside 10.0.2.2', [1, 255], [0, 256]],
    [[GE1], 'nat server protocol tcp global 1.1.2.1 80 inside 10.0.2.2 80 acl %', [2000], [1999, 4000]],
    [[], 'nat static outbound 10.0.9.% 1.2.3.4 acl 3000', [1], ['2 x']],
    [[], 'nat static outbound 10.0.9.2 1.2.3.5 acl %', [3999], [2999, 4000]],
    [[], 'nat static outbound net-to-net 10.0.4.0 10.0.4.% global 1.3.0.0 24', [254], [255]],
    [[], 'nat static outbound net-to-net 10.0.5.9 10.0.5.% global 1.4.0.0 24', [9], [8]],
    [
      [],
      'nat static outbound net-to-net 10.0.6.1 10.0.6.2 global 1.5.0.0 %',
      ['255.255.255.0'],
      [33, '255.0.255.0', 32],
    ],
    [[], 'tpa ip send-to-cpu protocol %', [1, 255], [0, 256]],
    [
      [],
      'tpa ip send-to-cpu protocol 6 %',
      ['source-port 1 destination-port 2', 'destination-port 3 source-port 4'],
      ['destination-port 5 destination-port 6', 'source-port 5 source-port 6', 'destination-ip 1.1.1.1', ''],
    ],
    [[], 'tpa ip send-to-cpu protocol 6 destination-port %', [0, 65535], [65536]],
    [[], 'ip route-static 10.77.0.0 16 NULL0 preference %', [1, 255], [0, 256, 1.5, 'x', '', '9 description', '9 x y']],
    [[], 'ip route-static 10.77.0.0 % NULL0', [0, 32, '255.255.0.0'], [33, '255.0.255.0']],
    [[], 'ip route-static 10.77.0.0 16 %', ['NULL 0', 'null0'], ['NULL', 'NULL 1', 'GE1/0/1', '']],
    [[], 'ip route-static 10.77.0.0 16 NULL0 description %', ['x', 'of some length'], ['']],
    [[], 'sysname %', ['a', 'x'.repeat(64), 'dev'], ['', 'x'.repeat(65), 'a b']],
    [['interface LoopBack7'], 'ip address 10.7.7.7 %', [32, '255.255.255.255'], [33, '255.255.0.255', '']],
    [
      [GE1],
      'nat server protocol tcp global 1.1.3.1 % inside 10.0.2.2 10.0.2.4 80',
      ['80 82'],
      ['80 83', '80 81', '80'],
    ],
    [[GE1], 'nat server protocol udp global 1.1.4.1 80 82 inside 10.0.2.2 %', ['90'], ['90 91', '90 93']],
  ])('%s %s', (before, line, taken, refused) => {
    for (const value of taken)
      expect([value, faultOf(...before, line.replace('%', String(value)))]).toEqual([value, undefined]);
    for (const value of refused) {
      const fault = faultOf(...before, line.replace('%', String(value)).trim());
      expect([value, fault === undefined ? 'taken' : 'refused']).toEqual([value, 'refused']);
    }
  });
});

describe('display current-configuration', () => {
  it('lists what differs from the beginning, view by view, and makes the same device when it is entered', () => {
    const one = new NatLab([
      ...['sysname branch', 'ip ttl-expires enable', 'ip unreachables enable', 'ip redirects enable'],
      ...['nat alg tftp', 'undo nat alg icmp-error', 'nat static outbound 10.0.2.9 1.1.1.9 acl 3000 reversible'],
      ...['nat address-group 7', 'address 10.9.0.1 10.9.0.2', 'port-range 2000 3000'],
      ...['nat address-group 2', 'address 10.8.0.1 10.8.0.1', 'port-range 1 65535'],
      ...[
        'acl advanced 3000',
        'description ours',
        'rule permit tcp source 10.0.0.0 0.0.255.255 destination-port gt 1023',
      ],
      ...['rule deny udp source-port lt 1024', 'rule 20 permit ip destination 10.1.1.1 0', 'rule permit 89'],
      ...['acl basic 2001', 'rule deny source 10.0.2.3 0', 'rule permit'],
      ...['ip route-static 10.77.0.0 16 10.0.2.3', 'ip route-static 10.78.0.0 255.255.0.0 NULL0 preference 70'],
      ...['ftp server enable', 'interface LoopBack3', 'ip address 9.9.9.9 32', 'tpa ip source interface LoopBack3'],
      ...[GE1, 'description to the provider', 'nat outbound 2001 address-group 7', 'nat static enable'],
      ...['nat hairpin enable', 'nat server protocol tcp global 1.1.1.1 80 82 inside 10.0.2.2 8080'],
      'tpa ip send-to-cpu protocol 17 source-port 5000 destination-port 53 destination-ip 224.0.0.9',
      ...['interface GE1/0/2', 'shutdown', 'tpa ip send-to-cpu protocol 112'],
    ]);
    one.enter('tpa ip send-to-cpu protocol 6 source-port 179');
    const lines = configurationLines(one.comware);
    expect(lines).toEqual(
      `#
 sysname branch
#
 ip ttl-expires enable
 ip unreachables enable
 ip redirects enable
#
 nat alg tftp
 undo nat alg icmp-error
 nat static outbound 10.0.2.9 1.1.1.9 acl 3000 reversible
#
nat address-group 2
 port-range 1 65535
 address 10.8.0.1 10.8.0.1
#
nat address-group 7
 port-range 2000 3000
 address 10.9.0.1 10.9.0.2
#
interface GigabitEthernet1/0/1
 port link-mode route
 description to the provider
 ip address 203.0.113.1 255.255.255.0
 nat outbound 2001 address-group 7
 nat server protocol tcp global 1.1.1.1 80 82 inside 10.0.2.2 8080
 nat static enable
 nat hairpin enable
 tpa ip send-to-cpu protocol 17 destination-port 53 source-port 5000 destination-ip 224.0.0.9
#
interface GigabitEthernet1/0/2
 port link-mode route
 shutdown
 ip address 10.0.2.1 255.255.255.0
 tpa ip send-to-cpu protocol 112
#
interface Virtual-Eth-Group0
 ip address 172.20.0.1 255.255.255.0
#
interface LoopBack3
 ip address 9.9.9.9 255.255.255.255
#
 ip route-static 0.0.0.0 0 203.0.113.9
 ip route-static 10.77.0.0 16 10.0.2.3
 ip route-static 10.78.0.0 16 NULL0 preference 70
#
acl basic 2001
 rule 0 deny source 10.0.2.3 0
 rule 5 permit
#
acl advanced 3000
 description ours
 rule 0 permit tcp source 10.0.0.0 0.0.255.255 destination-port range 1024 65535
 rule 5 deny udp source-port range 0 1023
 rule 20 permit ip destination 10.1.1.1 0
 rule 25 permit 89
#
 ftp server enable
#
 tpa ip source interface LoopBack3
 tpa ip send-to-cpu protocol 6 source-port 179
#
return`.split('\n'),
    );
    const two = new NatLab();
    expect(two.faults(...lines.filter((line) => line !== 'return'))).toEqual([]);
    expect(configurationLines(two.comware)).toEqual(lines);
    one.enter('undo sysname', 'undo nat alg tftp', 'nat alg icmp-error', 'nat address-group 2', 'undo port-range');
    const later = configurationLines(one.comware);
    expect(later.filter((line) => !lines.includes(line))).toEqual([' sysname H3C']);
    expect(later).not.toContain(' port-range 1 65535');
    expect(lines.length - later.length).toBe(3);
  });
});

describe('an ACL rule', () => {
  const rule = { id: 0, permits: true, protocol: 6, source: undefined, destination: undefined } as const;
  const subject = {
    protocol: 6,
    source: ipv4('10.0.2.2'),
    destination: ipv4('192.0.2.7'),
    sourcePort: 5,
    destinationPort: 80,
  };
  const isMatched = (more: Partial<AclRule>, by: Partial<typeof subject> = {}): boolean => {
    const rules = [{ ...rule, sourcePort: undefined, destinationPort: undefined, ...more }];
    return aclMatch({ number: 3000, rules, description: '', step: 5 }, { ...subject, ...by }) !== undefined;
  };

  it('matches both ends of a range of ports, and nothing beside', () => {
    const range = { first: 10, last: 20 };
    for (const [port, isIn] of [
      [9, false],
      [10, true],
      [20, true],
      [21, false],
    ] as const) {
      expect([port, isMatched({ sourcePort: range }, { sourcePort: port })]).toEqual([port, isIn]);
      expect([port, isMatched({ destinationPort: range }, { destinationPort: port })]).toEqual([port, isIn]);
    }
  });

  it('matches by protocol, source and destination, each of which may be left out', () => {
    const net = { address: ipv4('10.0.2.0'), wildcard: 255 };
    expect(isMatched({ protocol: undefined }, { protocol: 89 })).toBe(true);
    expect(isMatched({}, { protocol: 17 })).toBe(false);
    expect([isMatched({ source: net }), isMatched({ destination: net })]).toEqual([true, false]);
    expect(isMatched({ source: { address: ipv4('192.0.2.7'), wildcard: 0 } })).toBe(false);
    // The bits of a wildcard need not be the last ones.
    const odd = { address: ipv4('10.0.0.2'), wildcard: ipv4('0.0.255.0') };
    expect([isMatched({ source: odd }), isMatched({ source: odd }, { source: ipv4('10.0.7.3') })]).toEqual([
      true,
      false,
    ]);
  });
});

describe('tpa ip send-to-cpu', () => {
  /** Whether a packet that came in at GE1/0/1 goes up by these rules. */
  function goesUp(rules: readonly string[], bytes: Uint8Array, port = 'GE1/0/1'): boolean {
    lab.comware.settings.sendToCpu = [];
    lab.enter('#', ...rules);
    const one = Packet.of(lab.world.ledger, bytes);
    one.networkOffset = one.head;
    one.transportOffset = one.head + 20;
    return isSentToCpu(lab.comware, one, lab.interface(port));
  }

  const udp = packet('udp', '10.0.2.2:5000', '224.0.0.9:53');
  const tpa = 'tpa ip send-to-cpu protocol';

  it.each<[string, boolean]>([
    ['17 destination-port 53', true],
    ['17 source-port 5000', true],
    ['17 source-port 5000 destination-port 53 destination-ip 224.0.0.9', true],
    ['17 destination-port 53 source-port 5000', true],
    ['17 destination-port 54', false],
    ['17 source-port 53', false],
    ['17 source-port 5001 destination-port 53', false],
    ['17 source-port 5000 destination-port 54', false],
    ['17 destination-port 53 destination-ip 224.0.0.10', false],
    ['6 destination-port 53', false],
    ['47', false],
  ])('protocol %s: %s', (rule, isUp) => {
    expect(goesUp([`${tpa} ${rule}`], udp)).toBe(isUp);
  });

  it('a rule of an interface is for what comes in there', () => {
    const rules = ['interface GE1/0/2', `${tpa} 17 destination-port 53`];
    expect([goesUp(rules, udp), goesUp(rules, udp, 'GE1/0/2')]).toEqual([false, true]);
  });

  it('other protocols have no ports; a later fragment and one cut short have none to look at', () => {
    expect(goesUp([`${tpa} 112`], packet('112', '10.0.2.2', '224.0.0.9', '', { payload: new Uint8Array(8) }))).toBe(
      true,
    );
    expect(
      goesUp([`${tpa} 17 destination-port 53`], packet('udp', '10.0.2.2:5000', '224.0.0.9:53', '', { fragment: 1 })),
    ).toBe(false);
    expect(goesUp([`${tpa} 17 destination-port 53`], udp.subarray(0, 23))).toBe(false);
    expect(goesUp([`${tpa} 17 destination-port 53`], udp.subarray(0, 24))).toBe(true);
  });

  it('is kept once, and taken back by itself', () => {
    lab.comware.settings.sendToCpu = [];
    lab.enter('#', `${tpa} 112`, `${tpa} 112`, 'interface GE1/0/2', `${tpa} 112`);
    expect(lab.comware.settings.sendToCpu).toHaveLength(2);
    lab.enter('#', `undo ${tpa} 112`);
    expect(lab.comware.settings.sendToCpu).toMatchObject([{ interface: 'GigabitEthernet1/0/2' }]);
    expect(lab.faults('#', `undo ${tpa} 112`)).toHaveLength(1);
  });
});
