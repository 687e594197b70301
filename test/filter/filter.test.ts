import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../sim/filter/filter.ts';
import type { FilterNames } from '../../sim/filter/names.ts';
import { ARP_REQUEST, hex, UDP_PACKET } from '../capture/frames.ts';

const MACS = '02 00 00 00 00 02 02 00 00 00 00 01';

function ether(type: string, ...rest: string[]): Uint8Array {
  return hex([MACS, type, ...rest].join(' '));
}

/** An IPv4 packet of 10.0.0.1 to 10.0.0.2; `fragment` are the flags and the offset. */
function ipv4(protocol: string, payload: string, fragment = '00 00'): string {
  return `45 00 00 2c 12 34 ${fragment} 3f ${protocol} 00 00 0a 00 00 01 0a 00 00 02 ${payload}`;
}

const UDP_53 = ether('08 00', ipv4('11', '04 00 00 35 00 08 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'));
const SYN_80 = ether('08 00', ipv4('06', '9c 40 00 50 00 00 00 01 00 00 00 00 50 02 72 10 00 00 00 00 00 00 00 00'));
const SYN_ACK = ether('08 00', ipv4('06', '00 50 9c 40 00 00 00 01 00 00 00 00 50 12 72 10 00 00 00 00 00 00 00 00'));
const ECHO = ether('08 00', ipv4('01', '08 00 00 00 00 07 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'));
const LATER_FRAGMENT = ether('08 00', ipv4('06', '9c 40 00 50 00 00 00 01', '00 03'));
const TAGGED = ether('81 00', '00 64 08 00', ipv4('11', '04 00 00 35 00 08 00 00'));
const IP6_UDP = ether(
  '86 dd',
  '60 00 00 00 00 08 11 40 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01',
  '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 04 00 00 35 00 08 00 00',
);
/** UDP 10.0.0.1 to 10.0.0.2:4789, VNI 42, in it an ARP request and a UDP packet. */
const VXLAN = (inner: string) =>
  ether(
    '08 00',
    ipv4('11', `c0 00 12 b5 00 00 00 00 08 00 00 00 00 00 2a 00 02 00 00 00 00 04 02 00 00 00 00 03 ${inner}`),
  );
const VXLAN_UDP = VXLAN(`08 00 45 00 00 1c 00 00 00 00 40 11 00 00 c0 a8 00 01 c0 a8 00 02 04 00 00 50 00 08 00 00`);

const FRAMES = { UDP_53, SYN_80, SYN_ACK, ECHO, ARP_REQUEST, LATER_FRAGMENT, TAGGED, IP6_UDP, VXLAN_UDP } as const;

/** Names of the frames that an expression lets pass. */
function passing(expression: string, names?: FilterNames): string {
  const compiled = compileFilter(expression, names);
  if ('problem' in compiled) throw new Error(compiled.problem.message);
  return Object.entries(FRAMES)
    .filter(([, frame]) => compiled.filter.test(frame, 'ether'))
    .map(([name]) => name)
    .join(' ');
}

/** The message of a problem behind its column and the word that it marks. */
function problem(expression: string, names?: FilterNames): string {
  const compiled = compileFilter(expression, names);
  if ('filter' in compiled) return 'none';
  const { place, message, hint } = compiled.problem;
  const word = place?.text.slice(place.column - 1, place.column - 1 + place.length);
  return `${place?.column} ${word}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** As tcpdump 4.99.3 with libpcap 1.10.3 answers of the same frames, `vxlan` apart. */
describe('an expression lets pass', () => {
  it.each([
    ['', Object.keys(FRAMES).join(' ')],
    ['ip', 'UDP_53 SYN_80 SYN_ACK ECHO LATER_FRAGMENT VXLAN_UDP'],
    ['arp', 'ARP_REQUEST'],
    ['ip6', 'IP6_UDP'],
    ['icmp', 'ECHO'],
    ['tcp', 'SYN_80 SYN_ACK LATER_FRAGMENT'],
    ['udp', 'UDP_53 IP6_UDP VXLAN_UDP'],
    ['ip proto 17', 'UDP_53 VXLAN_UDP'],
    ['ip6 proto \\udp', 'IP6_UDP'],
    ['proto 256', ''],
    ['ether proto 0x10000', ''],
    ['host 10.0.0.2', 'UDP_53 SYN_80 SYN_ACK ECHO ARP_REQUEST LATER_FRAGMENT VXLAN_UDP'],
    ['src 10.0.0.2', ''],
    ['arp host 10.0.0.2', 'ARP_REQUEST'],
    ['net 10.0.0.0/24 and not ip', 'ARP_REQUEST'],
    ['net 10.0.0.0 mask 255.0.0.0 and icmp', 'ECHO'],
    ['host 2001:db8::1', 'IP6_UDP'],
    ['ip6 net 2001:db8::/32', 'IP6_UDP'],
    ['ether src 02:00:00:00:00:01 and ether proto 0x806', 'ARP_REQUEST'],
    ['ether broadcast', 'ARP_REQUEST'],
    ['port 53', 'UDP_53 IP6_UDP'],
    ['udp port domain and ip', 'UDP_53'],
    ['src port 80', 'SYN_ACK'],
    ['dst port http', 'SYN_80'],
    ['port 53 or 80', 'UDP_53 SYN_80 SYN_ACK IP6_UDP'],
    ['tcp port (53 or 80)', 'SYN_80 SYN_ACK'],
    ['portrange 50-60', 'UDP_53 IP6_UDP'],
    ['tcp and not port 80', 'LATER_FRAGMENT'],
    ['tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn', 'SYN_80'],
    ['tcp[tcpflags] & tcp-ack != 0', 'SYN_ACK'],
    ['icmp[icmptype] == icmp-echo', 'ECHO'],
    ['ip[8] < 64 and not tcp and not udp', 'ECHO'],
    ['ip[6:2] & 0x1fff != 0', 'LATER_FRAGMENT'],
    ['less 50', 'ARP_REQUEST LATER_FRAGMENT TAGGED'],
    ['greater 63', 'VXLAN_UDP'],
    ['len = 42', 'ARP_REQUEST LATER_FRAGMENT'],
    ['vlan', 'TAGGED'],
    ['vlan 100 and udp port 53', 'TAGGED'],
    ['vlan 101', ''],
    ['not vlan 101 and arp', ''],
    ['vxlan', 'VXLAN_UDP'],
    ['vxlan 42 and src 192.168.0.1', 'VXLAN_UDP'],
    ['udp and vxlan 42 and port 80', 'VXLAN_UDP'],
    ['vxlan 41', ''],
    ['ip or arp and icmp', 'ECHO'],
    ['ip or (arp and icmp)', 'UDP_53 SYN_80 SYN_ACK ECHO LATER_FRAGMENT VXLAN_UDP'],
    ['ip[200] = 0 or arp', 'ARP_REQUEST'],
    ['not ip[200] = 0', 'ARP_REQUEST TAGGED IP6_UDP'],
  ])('%s', (expression, expected) => {
    expect(passing(expression)).toBe(expected);
  });

  it('what is raw IP, where nothing of Ethernet is true', () => {
    const test = (expression: string) => {
      const compiled = compileFilter(expression);
      return 'filter' in compiled && compiled.filter.test(UDP_PACKET, 'raw');
    };
    expect(['ip', 'udp port 9', 'host 10.0.0.2', 'ip[0] = 0x45', 'not ether host 02:00:00:00:00:01'].map(test)).toEqual(
      Array(5).fill(true),
    );
    expect(['ip6', 'arp', 'vlan', 'broadcast', 'multicast', 'ether proto \\arp', 'not ip'].map(test)).toEqual(
      Array(7).fill(false),
    );
  });

  it('frames of which less was captured than passed, by their length on the wire', () => {
    const compiled = compileFilter('greater 1000');
    expect('filter' in compiled && compiled.filter.test(ARP_REQUEST, 'ether', 1000)).toBe(true);
  });
});

describe('names of the lab', () => {
  const names: FilterNames = {
    addresses: new Map([
      ['gw', [0x0a000001, 0xc0a80001]],
      ['device-a/container3', [0x0a000002]],
      ['host', [0x0a000002]],
      ['isis', [0x0a000002]],
    ]),
    macs: new Map([['gw', [0x020000000001]]]),
  };

  it('are all their addresses', () => {
    expect(passing('src gw and icmp', names)).toBe('ECHO');
    expect(passing('vxlan and src gw', names)).toBe('VXLAN_UDP');
    expect(passing('dst device-a/container3 and icmp', names)).toBe('ECHO');
    expect(passing('host (gw or device-a/container3) and arp', names)).toBe('ARP_REQUEST');
    expect(passing('ether src gw and arp', names)).toBe('ARP_REQUEST');
  });

  it('are written behind a backslash where they are words of the language', () => {
    expect(passing('dst \\host and icmp', names)).toBe('ECHO');
    expect(passing('dst isis and icmp', names)).toBe('ECHO');
  });

  it('are suggested to who mistypes one', () => {
    expect(problem('host gx', names)).toBe('6 gx: unknown host "gx" (did you mean "gw"?)');
    expect(problem('icmp and ether host hq', names)).toContain('unknown host "hq"');
  });
});

describe('what is no expression is told with its column', () => {
  it.each([
    ['prot 80', '1 prot: "prot" alone says nothing (did you mean "port"?)'],
    ['tcp or 80', '8 80: "80" alone says nothing (write host, net, port or proto before it)'],
    ['port 80 or', '11 : the expression ends where a test is missing'],
    ['(port 80', '9 : the expression ends where ")" is missing'],
    ['port 80)', '8 ): ")" where "and", "or" or the end is wanted'],
    ['port 65536', '6 65536: a port is 65535 at most'],
    ['port domian', '6 domian: unknown port "domian" (did you mean "domain"?)'],
    ['udp port ssh', '10 ssh: port "ssh" is tcp, not udp'],
    ['icmp port 7', '11 7: there is no port of icmp'],
    ['tcp host 10.0.0.1', '10 10.0.0.1: there is no host of tcp (write tcp and host 10.0.0.1)'],
    ['host 10.0.0.300', '6 10.0.0.300: "10.0.0.300" is no IPv4 address'],
    ['net 10.0.0.1/8', '5 10.0.0.1: 10.0.0.1 has bits outside its mask (host bits are 0 in a network)'],
    ['net 10 mask 255.0.0.0', '8 mask: "mask" where "and", "or" or the end is wanted'],
    ['net 10.0.0.0/33', '14 33: a prefix length is a number of 32 at most'],
    ['host 10.0.0.0/8', '6 10.0.0.0: a network has "net" before it'],
    [
      'host 02:00:00:00:00:01',
      '6 02:00:00:00:00:01: a MAC address has "ether" before it (write ether host, ether src or ether dst)',
    ],
    ['ip proto tcp', '10 tcp: "tcp" where a value is wanted (as a name it has a backslash before it: \\tcp)'],
    ['tcp[13', '7 : the expression ends where "]" is missing'],
    ['tcp[0:3] = 1', '7 3: a piece of a packet has 1, 2 or 4 bytes'],
    ['ip[8] / 0 = 1', '7 /: division by zero'],
    ['gateway gw', '1 gateway: "gateway" is not supported'],
    ['mpls 5', '1 mpls: "mpls" is not supported'],
    ['host 10.0.0.1;', '14 ;: ";" has no place in a filter expression'],
    ['host 0x1ffffffff', '6 0x1ffffffff: 0x1ffffffff does not fit into 32 bits'],
    ['len-1 > 5', '1 len-1: "len-1" alone says nothing (write host, net, port or proto before it)'],
    ['vlan 4096', '6 4096: a VLAN has a number of 4095 at most'],
    ['host 🚧', '6 🚧: "🚧" has no place in a filter expression'],
  ])('%s', (expression, expected) => expect(problem(expression)).toBe(expected));

  it('also where it goes on for ever', () => {
    expect(problem(`${'('.repeat(5000)}ip${')'.repeat(5000)}`)).toContain('more than 200 levels');
    expect(problem(`${'! '.repeat(5000)}ip`)).toContain('more than 200 levels');
    expect(problem(`${'ip[0]+'.repeat(3000)}1 = 1`)).toContain('more than 500 operations');
    expect(problem(`ip ${'or ip '.repeat(9000)}`)).toContain('longer than 20000 characters');
    expect(problem('ip or '.repeat(3000).concat('ip'))).toBe('none');
    expect(passing('ip or '.repeat(3000).concat('arp'))).toContain('ARP_REQUEST');
  });
});
