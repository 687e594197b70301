/*
 * The words of the language (libpcap's scanner.l), and the names that stand for numbers in it. Of ports and protocols
 * there are the everyday ones, with the transports that /etc/services gives them.
 */

/** What a protocol word says: the EtherType (up to 1500 the DSAP of 802.2), or the IP protocol and the family that carries it. */
export type ProtocolWord =
  | { readonly over: 'link'; readonly etherType: number }
  | { readonly over: 'ip' | 'ip6' | 'both'; readonly number: number };

/** Words that are a test by themselves, and stand in front of `host`, `port`, `proto` or `[`. */
export const PROTOCOL_WORDS: ReadonlyMap<string, ProtocolWord> = new Map<string, ProtocolWord>([
  ['ip', { over: 'link', etherType: 0x0800 }],
  ['ip6', { over: 'link', etherType: 0x86dd }],
  ['arp', { over: 'link', etherType: 0x0806 }],
  ['rarp', { over: 'link', etherType: 0x8035 }],
  ['decnet', { over: 'link', etherType: 0x6003 }],
  ['lat', { over: 'link', etherType: 0x6004 }],
  ['sca', { over: 'link', etherType: 0x6007 }],
  ['moprc', { over: 'link', etherType: 0x6002 }],
  ['mopdl', { over: 'link', etherType: 0x6001 }],
  ['stp', { over: 'link', etherType: 0x42 }],
  ['netbeui', { over: 'link', etherType: 0xf0 }],
  ['iso', { over: 'link', etherType: 0xfe }],
  ['icmp', { over: 'ip', number: 1 }],
  ['igmp', { over: 'ip', number: 2 }],
  ['igrp', { over: 'ip', number: 9 }],
  ['vrrp', { over: 'ip', number: 112 }],
  ['carp', { over: 'ip', number: 112 }],
  ['icmp6', { over: 'ip6', number: 58 }],
  ['tcp', { over: 'both', number: 6 }],
  ['udp', { over: 'both', number: 17 }],
  ['sctp', { over: 'both', number: 132 }],
  ['esp', { over: 'both', number: 50 }],
  ['ah', { over: 'both', number: 51 }],
  ['pim', { over: 'both', number: 103 }],
]);

/** All the link types have the same words for their own header. */
export const LINK_WORDS: readonly string[] = ['ether', 'link', 'ppp', 'slip', 'fddi', 'tr', 'wlan'];

/** The other words of the language. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...['src', 'dst', 'host', 'net', 'mask', 'port', 'portrange', 'proto', 'protochain', 'gateway', 'less', 'greater'],
  ...['byte', 'broadcast', 'multicast', 'len', 'length', 'vlan', 'vxlan', 'and', 'or', 'not', 'inbound', 'outbound'],
]);

/** Words of tcpdump's language for what never occurs here. They are refused by name. */
export const FOREIGN_WORDS: ReadonlySet<string> = new Set([
  ...[
    'atalk',
    'aarp',
    'esis',
    'es-is',
    'isis',
    'is-is',
    'l1',
    'l2',
    'iih',
    'lsp',
    'snp',
    'csnp',
    'psnp',
    'clnp',
    'ipx',
  ],
  ...['type', 'subtype', 'direction', 'dir', 'address1', 'addr1', 'address2', 'addr2', 'address3', 'addr3', 'address4'],
  ...['addr4', 'ra', 'ta', 'ifindex', 'mpls', 'pppoed', 'pppoes', 'geneve', 'lane', 'llc', 'metac', 'bcc', 'oam'],
  ...['oamf4', 'oamf4ec', 'oamf4sc', 'sc', 'ilmic', 'vpi', 'vci', 'connectmsg', 'metaconnect', 'on', 'ifname', 'rset'],
  ...['ruleset', 'rnr', 'rulenum', 'srnr', 'subrulenum', 'reason', 'action', 'fisu', 'lssu', 'lsu', 'msu', 'radio'],
  ...['hfisu', 'hlssu', 'hmsu', 'sio', 'opc', 'dpc', 'sls', 'hsio', 'hopc', 'hdpc', 'hsls'],
]);

/** Words that are numbers: offsets of fields, ICMP types, TCP flags. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['icmptype', 0],
  ['icmpcode', 1],
  ['icmp-echoreply', 0],
  ['icmp-unreach', 3],
  ['icmp-sourcequench', 4],
  ['icmp-redirect', 5],
  ['icmp-echo', 8],
  ['icmp-routeradvert', 9],
  ['icmp-routersolicit', 10],
  ['icmp-timxceed', 11],
  ['icmp-paramprob', 12],
  ['icmp-tstamp', 13],
  ['icmp-tstampreply', 14],
  ['icmp-ireq', 15],
  ['icmp-ireqreply', 16],
  ['icmp-maskreq', 17],
  ['icmp-maskreply', 18],
  ['icmp6type', 0],
  ['icmp6code', 1],
  ['icmp6-destinationunreach', 1],
  ['icmp6-packettoobig', 2],
  ['icmp6-timeexceeded', 3],
  ['icmp6-parameterproblem', 4],
  ['icmp6-echo', 128],
  ['icmp6-echoreply', 129],
  ['icmp6-routersolicit', 133],
  ['icmp6-routeradvert', 134],
  ['icmp6-neighborsolicit', 135],
  ['icmp6-neighboradvert', 136],
  ['icmp6-redirect', 137],
  ['tcpflags', 13],
  ['tcp-fin', 0x01],
  ['tcp-syn', 0x02],
  ['tcp-rst', 0x04],
  ['tcp-push', 0x08],
  ['tcp-ack', 0x10],
  ['tcp-urg', 0x20],
  ['tcp-ece', 0x40],
  ['tcp-cwr', 0x80],
]);

export type Transport = 'tcp' | 'udp' | 'sctp';

export const TRANSPORT_NUMBERS: { readonly [transport in Transport]: number } = { tcp: 6, udp: 17, sctp: 132 };

interface Service {
  readonly port: number;
  readonly transports: readonly Transport[];
}

const TCP: readonly Transport[] = ['tcp'];
const UDP: readonly Transport[] = ['udp'];
const BOTH: readonly Transport[] = ['tcp', 'udp'];

function services(transports: readonly Transport[], ports: Readonly<Record<string, number>>): [string, Service][] {
  return Object.entries(ports).map(([name, port]) => [name, { port, transports }]);
}

/** Names that `port` takes. */
export const SERVICES: ReadonlyMap<string, Service> = new Map([
  ...services(TCP, { 'ftp-data': 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, http: 80, www: 80, pop3: 110, nntp: 119 }),
  ...services(TCP, { imap2: 143, bgp: 179, submission: 587, imaps: 993, pop3s: 995, mysql: 3306, postgresql: 5432 }),
  ...services(TCP, { redis: 6379, 'http-alt': 8080, git: 9418 }),
  ...services(UDP, { bootps: 67, bootpc: 68, tftp: 69, ntp: 123, isakmp: 500, route: 520, 'ipsec-nat-t': 4500 }),
  ...services(UDP, { mdns: 5353 }),
  ...services(BOTH, { echo: 7, discard: 9, daytime: 13, time: 37, domain: 53, kerberos: 88, sunrpc: 111, snmp: 161 }),
  ...services(BOTH, { 'snmp-trap': 162, ldap: 389, https: 443, syslog: 514, ldaps: 636, 'domain-s': 853 }),
  ...services(BOTH, { radius: 1812, 'radius-acct': 1813, nfs: 2049, sip: 5060 }),
]);

/** Names that `proto` takes after a backslash, where they are words of the language too (/etc/protocols). */
export const IP_PROTOCOL_NAMES: ReadonlyMap<string, number> = new Map([
  ...[...PROTOCOL_WORDS].flatMap(([name, word]): [string, number][] =>
    word.over === 'link' ? [] : [[name, word.number]],
  ),
  ['ipencap', 4],
  ['egp', 8],
  ['rsvp', 46],
  ['gre', 47],
  ['ipv6-icmp', 58],
  ['ospf', 89],
  ['l2tp', 115],
]);

/** Names that `ether proto` takes. */
export const ETHERTYPE_NAMES: ReadonlyMap<string, number> = new Map([
  ...[...PROTOCOL_WORDS].flatMap(([name, word]): [string, number][] =>
    word.over === 'link' ? [[name, word.etherType]] : [],
  ),
  ['lldp', 0x88cc],
  ['slow', 0x8809],
  ['loopback', 0x9000],
]);
