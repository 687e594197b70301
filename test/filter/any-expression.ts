import * as fc from 'fast-check';

/* Expressions as tcpdump's users write them, and stranger ones, with addresses and ports that the corpus has. */

const pick = <T extends string>(...from: readonly T[]): fc.Arbitrary<string> => fc.constantFrom(...from);

const address = pick(
  '10.0.0.1',
  '10.0.0.2',
  '1.1.1.3',
  '1.1.1.200',
  '20.1.1.2',
  '203.0.113.10',
  '192.168.7.1',
  '8.8.8.8',
);
const address6 = pick('2001:db8::1', '2001:db8::2', 'ff02::1', '::', 'fe80::1');
const mac = pick(
  '02:00:00:00:00:01',
  '02:00:00:00:00:02',
  'ff:ff:ff:ff:ff:ff',
  '2:0:0:0:0:5',
  '0200.0000.0003',
  '02-00-00-00-00-04',
);
const port = pick(
  '80',
  '53',
  '1024',
  '69',
  '8080',
  '5000',
  '40000',
  '7',
  '0',
  '65535',
  'domain',
  'http',
  'ssh',
  'tftp',
  'https',
);
const network = pick(
  ...['10.0.0.0/8', '1.1.1.0/24', '20.1.0.0/16', '0.0.0.0/0', '10.0.0.1/32', '192.168.0.0 mask 255.255.0.0'],
  ...['10', '1.1', '192.168.7', '10.0.0.1', '2001:db8::/32', '::/0'],
);
const direction = pick('', 'src', 'dst', 'src or dst', 'dst or src', 'src and dst', 'dst and src');

const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((words) => words.filter((word) => word !== '').join(' '));

const host = joined(pick('', '', 'ip', 'arp', 'rarp'), direction, pick('host'), address);
const bareHost = joined(pick('', 'ip'), pick('src', 'dst', 'src and dst'), address);
const host6 = joined(pick('', 'ip6'), direction, pick('host'), address6);
const ports = joined(pick('', '', 'tcp', 'udp', 'sctp'), direction, pick('port'), port).filter(
  (text) => !/^(udp|sctp) .*(http|ssh)$|^tcp .*tftp$|^sctp .*(domain|tftp|https)$/.test(text),
);
const range = joined(
  pick('', 'tcp', 'udp'),
  direction,
  pick('portrange'),
  pick('1-1023', '80-80', '1024-65535', '90-70', '53'),
);
const net = joined(pick('', '', 'ip'), direction, pick('net'), network).filter((text) => !/^ip .*:/.test(text));
const ether = joined(pick('ether', 'link'), direction, pick('host', ''), mac).filter((text) =>
  /host|src|dst/.test(text),
);
const protocol = pick(
  ...[
    'ip',
    'ip6',
    'arp',
    'rarp',
    'tcp',
    'udp',
    'icmp',
    'icmp6',
    'igmp',
    'sctp',
    'vrrp',
    'esp',
    'ah',
    'pim',
    'stp',
    'lat',
  ],
  ...['ip proto 6', 'ip proto \\udp', 'proto 17', 'proto \\icmp', 'ip6 proto 17', 'ip6 proto \\tcp', 'ip proto 47'],
  ...[
    'ether proto 0x800',
    'ether proto \\arp',
    'ether proto \\ip6',
    'ether proto 0x42',
    'ether proto 0xfe',
    'netbeui',
    'ether proto 0x88cc',
  ],
);
// Without `byte 13 & 4`: libpcap 1.10 forgets to load the byte, which later versions do.
const others = pick(
  ...['broadcast', 'multicast', 'ether broadcast', 'ether multicast', 'ip broadcast', 'ip multicast', 'ip6 multicast'],
  ...['less 60', 'greater 100', 'less 42', 'greater 0', 'len > 98', 'len <= 54', 'length = 74', 'vlan', 'vlan 100'],
  ...['byte 0 = 2', 'byte 12 < 8', 'byte 14 > 0x45', 'vlan 4095', 'vlan and vlan 100'],
);

const load = fc.oneof(
  joined(pick('ip[0] & 0xf', 'ip[8]', 'ip[6:2] & 0x1fff', 'ip[2:2]', 'ip[16:4]', 'ip[9]', 'ip[1]', 'ip[6] & 0x40')),
  joined(
    pick('tcp[tcpflags] & (tcp-syn|tcp-ack)', 'tcp[13]', 'tcp[tcpflags] & tcp-rst', 'tcp[0:2]', 'tcp[12] >> 2 & 0x3c'),
  ),
  joined(
    pick('icmp[icmptype]', 'icmp[icmpcode]', 'icmp[0]', 'udp[4:2]', 'udp[0:2]', 'ether[0]', 'ether[12:2]', 'arp[6:2]'),
  ),
  joined(pick('icmp6[icmp6type]', 'ip6[6]', 'ip6[7]', 'sctp[0:2]', 'udp[200]', 'ip[60]', 'igmp[0]', 'ether[ip[8]]')),
  joined(
    pick('tcp[(tcp[12] >> 4) * 4]', 'ip[(ip[0] & 0xf) * 4 : 2]', 'udp[8:4]', 'len', 'ip[0] % 3 + 1', '-1 + ip[8]'),
  ),
  joined(pick('ip[8] / 2', 'ip[8] * 3 - 1', 'ip[8] ^ 0xff', 'ip[8] << 2', '1 / ip[1]', 'ip[2:2] - 20', 'tcp[0 - 2:2]')),
);
const number = pick(
  ...['0', '1', '2', '8', '17', '18', '64', '63', '80', '255', '0x45', '5', '0x0800', 'icmp-echo', 'icmp-echoreply'],
  ...['icmp-unreach', 'tcp-syn', '1024', '20', '60', '010', '4294967295', 'tcp-syn|tcp-ack', '(64)', '((1 + 2) * 3)'],
);
const comparison = joined(load, pick('=', '==', '!=', '<', '<=', '>', '>='), fc.oneof(number, load));

const primitive = fc.oneof(
  ...[host, bareHost, host6, ports, ports, range, net, ether, protocol, protocol, others, comparison, comparison],
);

/** Values that go by the qualifiers before them: `port 80 or 443`. */
const implied = fc.oneof(
  joined(
    pick('port', 'src port', 'tcp dst port'),
    port.filter(isShared),
    pick('or', 'and'),
    pick('443', '1024', 'not 22'),
  ),
  joined(
    pick('host', 'src', 'dst host', 'not host'),
    address,
    pick('or', 'and', '||'),
    address,
    pick('or', 'and not'),
    address,
  ),
  joined(
    pick('host', 'src host'),
    fc.tuple(address, address).map(([a, b]) => `(${a} or ${b})`),
  ),
  joined(pick('udp port', 'port'), pick('(53 or 69)', '(domain or 5000 or 7)', '(not 80)', '((53))')),
  joined(pick('ip proto', 'proto'), pick('6 or 17', '(1 or 17)', '\\tcp or \\udp')),
);

function isShared(text: string): boolean {
  return /^\d+$|domain|https/.test(text);
}

export const anyExpression: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    primitive,
    implied,
    tie('expression').map((one) => `not (${one})`),
    tie('expression').map((one) => `! (${one})`),
    tie('expression').map((one) => `(${one})`),
    fc
      .tuple(tie('expression'), pick('and', 'or', '&&', '||', 'and not'), tie('expression'))
      .map((all) => all.join(' ')),
    fc.tuple(primitive, pick('and', 'or'), tie('expression')).map((all) => all.join(' ')),
  ),
})).expression;

/** Expressions with something wrong in them, most of the time. */
export const anyMistake: fc.Arbitrary<string> = fc
  .tuple(
    anyExpression,
    fc.nat(),
    fc.constantFrom('drop', 'double', 'swap'),
    pick('(', ')', 'or', 'host', '44', 'tcp', ']', '/'),
  )
  .map(([text, where, how, word]) => {
    const words = text.split(' ');
    const at = where % words.length;
    if (how === 'drop') words.splice(at, 1);
    else if (how === 'double') words.splice(at, 0, words[at] ?? '');
    else words.splice(at, 1, word);
    return words.join(' ');
  });
