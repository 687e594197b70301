import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../sim/core/nearest.ts';
import { type Command, parseCommand, parseRoute, parseRule } from '../../sim/iproute2/command.ts';
import { type CommandFault, isFault } from '../../sim/iproute2/fault.ts';
import { splitWords } from '../../sim/iproute2/words.ts';

/** Parses a line that has to be a command. */
function command(line: string): Command {
  const parsed = parseCommand(line);
  if (isFault(parsed)) throw new Error(`${line}: ${parsed.message}`);
  return parsed;
}

/** Parses a line that has to be at fault. */
function fault(line: string): CommandFault {
  const parsed = parseCommand(line);
  if (!isFault(parsed)) throw new Error(`${line} is a command`);
  return parsed;
}

/** What the columns of a fault mark in its line. */
function marked(line: string): string {
  const { column, length } = fault(line);
  return line.slice(column, column + length);
}

describe('ip route', () => {
  it('reads every word of a route', () => {
    expect(
      command('ip route add unicast 10.0.0.0/8 via 192.0.2.1 dev eth0 src 192.0.2.9 metric 7 table 100 proto static'),
    ).toEqual({
      object: 'route',
      verb: 'add',
      request: {
        type: 'unicast',
        prefix: { network: 0x0a000000, length: 8 },
        gateway: 0xc0000201,
        device: 'eth0',
        prefsrc: 0xc0000209,
        metric: 7,
        table: 100,
        scope: undefined,
        protocol: 'static',
        onlink: false,
      },
    });
    expect(
      parseRoute('to 10.0.0.0/8 via inet 192.0.2.1 dev eth0 scope link onlink priority 0x10 protocol 4'),
    ).toMatchObject({ gateway: 0xc0000201, scope: 253, onlink: true, metric: 16, protocol: 'static' });
  });

  it('puts local and broadcast routes into table local', () => {
    expect(parseRoute('local 10.0.0.0/8 dev lo')).toMatchObject({ type: 'local', table: 255 });
    expect(parseRoute('broadcast 10.0.0.255 dev eth0')).toMatchObject({ type: 'broadcast', table: 255 });
    expect(parseRoute('blackhole 10.0.0.0/8')).toMatchObject({ type: 'blackhole', table: 254 });
  });

  it.each([
    ['default', 0, 0],
    ['0/0', 0, 0],
    ['10/8', 0x0a000000, 8],
    ['172.16/12', 0xac100000, 12],
    ['192.0.2.1', 0xc0000201, 32],
    ['192.0.2.0/24', 0xc0000200, 24],
  ])('reads the prefix %s', (text, network, length) => {
    expect(parseRoute(`${text} dev eth0`)).toMatchObject({ prefix: { network, length } });
  });

  it.each([
    ['ip r a 10.0.0.0/8 dev e', 'add'],
    ['ip ro append 10.0.0.0/8 dev e', 'append'],
    ['ip rout repl 10.0.0.0/8 dev e', 'replace'],
    ['ip -4 route chg 10.0.0.0/8 dev e', 'change'],
    ['ip route c 10.0.0.0/8 dev e', 'change'],
    ['ip route prepend 10.0.0.0/8 dev e', 'prepend'],
    ['ip route d 10.0.0.0/8 dev e', 'del'],
    ['ip route del 10.0.0.0/8 dev e', 'del'],
    ['ip route flush table 5', 'flush'],
  ])('understands %s', (line, verb) => {
    expect(command(line)).toMatchObject({ object: 'route', verb });
  });

  it('del says only what it was told, plus the scope that iproute2 fills in', () => {
    expect(command('ip route del 10.0.0.0/8 metric 0')).toEqual({
      object: 'route',
      verb: 'del',
      selector: { prefix: { network: 0x0a000000, length: 8 }, table: 254 },
    });
    expect(command('ip route del local 10.0.0.1')).toMatchObject({
      selector: { table: 255, type: 'local', scope: 254 },
    });
  });

  it('flush is for a table, main unless told, or a device', () => {
    expect(command('ip route flush dev eth0')).toEqual({ object: 'route', verb: 'flush', table: 254, device: 'eth0' });
    expect(command('ip route flush table all')).toMatchObject({ table: undefined, device: '' });
  });
});

describe('ip rule', () => {
  it('reads every selector', () => {
    expect(
      parseRule(
        'not from 10.0.0.9/24 to 1.1.1.1 iif eth0 oif eth1 fwmark 0x10/0xff ipproto udp sport 5-9 dport 53 pref 7 lookup 100',
      ),
    ).toEqual({
      priority: 7,
      action: 'lookup',
      table: 100,
      not: true,
      from: { network: 0x0a000000, length: 24 },
      to: { network: 0x01010101, length: 32 },
      iif: 'eth0',
      oif: 'eth1',
      fwmark: 16,
      fwmask: 255,
      protocol: 17,
      sourcePorts: [5, 9],
      destinationPorts: [53, 53],
    });
  });

  it('`from all` and a mark of 0 select nothing; without a table it is main', () => {
    expect(parseRule('from all fwmark 0 prohibit')).toMatchObject({
      from: undefined,
      fwmark: undefined,
      action: 'prohibit',
      table: 254,
      priority: undefined,
    });
    expect(parseRule('type blackhole order 3')).toMatchObject({ action: 'blackhole', priority: 3 });
  });

  it('del does not compare `not`, as the kernel does not', () => {
    expect(command('ip ru del not from 10.0.0.0/24')).toEqual({
      object: 'rule',
      verb: 'del',
      selector: { from: { network: 0x0a000000, length: 24 } },
    });
  });
});

describe('words cut short', () => {
  it.each([
    ['ip ru a from 10.0.0.0/8 tab 77 prio 100', 'ip rule add from 10.0.0.0/8 table 77 priority 100'],
    ['ip rule add from 10.0.0.0/8 ord 5 unreach', 'ip rule add from 10.0.0.0/8 order 5 unreachable'],
    ['ip rule add t 77', 'ip rule add table 77'],
    ['ip rule add ds 0x10 lookup 7', 'ip rule add tos 0x10 lookup 7'],
    ['ip ro ad black 10.0.0.0/8 metr 5', 'ip route add blackhole 10.0.0.0/8 metric 5'],
    ['ip r a 10.0.0.0/8 oif eth0 prot static tab 7', 'ip route add 10.0.0.0/8 dev eth0 protocol static table 7'],
    ['ip addr add 10.0.0.1/24 broad + dev eth0', 'ip addr add 10.0.0.1/24 broadcast + dev eth0'],
    ['ip link set eth0 addr 02:00:00:00:00:0b', 'ip link set eth0 address 02:00:00:00:00:0b'],
    ['ip neigh add 10.0.0.9 ll 02:00:00:00:00:0b dev eth0', 'ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:0b dev eth0'],
  ])('%s is %s', (short, long) => {
    expect(command(short)).toEqual(command(long));
  });

  it('what iproute2 wants whole is wanted whole here', () => {
    for (const line of [
      'ip rule add fro 10.0.0.0/8',
      'ip rule add typ blackhole',
      'ip route add 10.0.0.0/8 de eth0',
      'ip route add thr 10.0.0.0/8',
      'ip route add 10.0.0.0/8 dev eth0 prefer 5',
    ]) {
      expect(fault(line).message, line).not.toBe('');
    }
  });
});

describe('the other commands', () => {
  it.each<[string, Partial<Command>]>([
    [
      'ip a add 10.0.0.1/24 brd + dev eth0 label eth0:1',
      { object: 'addr', verb: 'add', device: 'eth0', broadcast: 0x0a0000ff, label: 'eth0:1', scope: 0 },
    ],
    ['ip addr add 127.1.1.1/24 dev eth0', { object: 'addr', scope: 254, label: 'eth0' }],
    ['ip addr add local 127.1.1.1/24 dev eth0 scope global broadcast -', { object: 'addr', scope: 0, broadcast: 0 }],
    ['ip address del 10.0.0.1 dev eth0', { object: 'addr', verb: 'del', bare: true }],
    ['ip addr flush eth0', { object: 'addr', verb: 'flush', device: 'eth0' }],
    ['ip l set eth0 up', { object: 'link', device: 'eth0', up: true, mtu: undefined }],
    ['ip link set dev eth0 mtu 1400 down', { object: 'link', device: 'eth0', up: false, mtu: 1400 }],
    ['ip link set up dev eth0', { object: 'link', device: 'eth0', up: true }],
    [
      'ip n replace 10.0.0.9 lladdr 02:00:00:00:00:0b nud permanent dev eth0',
      { object: 'neigh', verb: 'replace', address: 0x0a000009, mac: 0x02000000000b, device: 'eth0' },
    ],
    ['ip neighbour del 10.0.0.9 dev eth0', { object: 'neigh', verb: 'del' }],
    ['ip neigh flush dev eth0', { object: 'neigh', verb: 'flush', device: 'eth0' }],
    [
      'bridge fdb add 02:00:00:00:00:99 dev p1 master static',
      { object: 'fdb', verb: 'add', mac: 0x020000000099, device: 'p1', kind: 'static' },
    ],
    ['bridge fdb del 02:00:00:00:00:99 dev p1 master', { object: 'fdb', verb: 'del' }],
    [
      'sysctl -w net.ipv4.ip_forward=1 "net.ipv4.conf.eth0.rp_filter = 2" # a comment',
      {
        object: 'sysctl',
        settings: [
          { key: 'net.ipv4.ip_forward', value: 1 },
          { key: 'net.ipv4.conf.eth0.rp_filter', value: 2 },
        ],
      },
    ],
  ])('%s', (line, expected) => {
    expect(command(line)).toMatchObject(expected);
  });
});

describe('a line that is no command says where and what', () => {
  it.each([
    ['ip route add 13.0.0.0/8 foo bar', 'foo', 'either "to" is duplicate, or "foo" is a garbage.'],
    ['ip route add 13.0.0.0/33 via 10.0.0.9', '13.0.0.0/33', 'any valid prefix is expected rather than "13.0.0.0/33".'],
    ['ip route add 1.2.3.4/24 via 10.0.0.9', '1.2.3.4/24', 'Invalid prefix for given prefix length.'],
    ['ip route add 13.0.0.0/8 via x', 'x', 'inet address is expected rather than "x".'],
    ['ip route add 13.0.0.0/8 metric x', 'x', 'argument "x" is wrong: "metric" value is invalid'],
    ['ip route add 13.0.0.0/8 dev e table x', 'x', 'argument "x" is wrong: "table" value is invalid'],
    [
      'ip route add 13.0.0.0/8 dev e table constructor',
      'constructor',
      'argument "constructor" is wrong: "table" value is invalid',
    ],
    ['ip route add 13.0.0.0/8 dev e scope x', 'x', 'argument "x" is wrong: invalid "scope" value'],
    ['ip route add 13.0.0.0/8 dev e proto x', 'x', 'argument "x" is wrong: "protocol" value is invalid'],
    ['ip route add 13.0.0.0/8 dev e mtu 1400', 'mtu', '"mtu" is not modelled'],
    ['ip route add 13.0.0.0/8 nexthop via 1.1.1.1', 'nexthop', '"nexthop" is not modelled'],
    ['ip route add 13.0.0.0/8 via', '', 'Command line is not complete. Try option "help"'],
    ['ip route add blackhole', '', 'Command line is not complete. Try option "help"'],
    ['ip route foo', 'foo', 'Command "foo" is unknown or not modelled, after "ip route".'],
    ['ip route show', 'show', '"ip route show" shows; here only commands that change something are run'],
    ['ip foo', 'foo', 'Object "foo" is unknown or not modelled.'],
    ['ip rule add', '', '"ip rule add" requires arguments.'],
    ['ip rule add lookup nosuch', 'nosuch', 'argument "nosuch" is wrong: invalid table ID'],
    ['ip rule add ipproto foo', 'foo', 'argument "foo" is wrong: Invalid "ipproto" value'],
    ['ip rule add sport 9-5', '9-5', 'Invalid sport range.'],
    ['ip rule add dport 1-65535', '1-65535', 'Invalid dport range.'],
    ['ip rule add fwmark zz', 'zz', 'argument "zz" is wrong: fwmark value is invalid'],
    ['ip rule add pref x', 'x', 'argument "x" is wrong: preference value is invalid'],
    ['ip rule add foo', 'foo', 'argument "foo" is wrong: Failed to parse rule type'],
    ['ip addr add 10.0.0.7/24', '', 'Not enough information: "dev" argument is required.'],
    ['ip addr add 10.0.7.1/24 v1', 'v1', 'either "local" is duplicate, or "v1" is a garbage.'],
    ['ip addr add 10.0.5.1/24 dev v1 scope foo', 'foo', 'argument "foo" is wrong: invalid scope value.'],
    ['ip addr flush', '', 'Flush requires arguments.'],
    ['ip link set', '', 'Not enough information: "dev" argument is required.'],
    ['ip link set v1 foo', 'foo', 'either "dev" is duplicate, or "foo" is a garbage.'],
    ['ip link set v1 mtu x', 'x', 'argument "x" is wrong: Invalid "mtu" value'],
    ['ip neigh add 10.0.0.5', '', 'Device and destination are required arguments.'],
    ['ip neigh add 10.0.0.5 dev v1', '', 'No link layer address given.'],
    ['ip neigh add 10.0.0.5 lladdr zz dev v1', 'zz', '"zz" is invalid lladdr.'],
    [
      'ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev v1 nud foo',
      'foo',
      'argument "foo" is wrong: nud state is bad',
    ],
    ['sysctl -w net.ipv4.ip_forward = 1', 'net.ipv4.ip_forward', '"net.ipv4.ip_forward" has invalid syntax'],
    ['sysctl -w net.ipv4.ip_forward=x', 'net.ipv4.ip_forward=x', 'setting key "net.ipv4.ip_forward": Invalid argument'],
    ['ip route add 1.0.0.0/8 via "1.1', '"1.1', 'no closing "'],
    ['iptables -L', 'iptables', 'iptables: command not found'],
    ['', '', 'Command line is not complete. Try option "help"'],
    ['# nothing', '', 'Command line is not complete. Try option "help"'],
  ])('%s', (line, word, message) => {
    expect(fault(line).message).toBe(message);
    expect(word === '' ? fault(line).column >= line.length : marked(line) === word).toBe(true);
  });

  it.each([
    ['ip route add 13.0.0.0/8 va 1.1.1.1', 'did you mean "via"?'],
    ['ip rotue add 13.0.0.0/8', 'did you mean "route"?'],
    ['ip route dle 13.0.0.0/8', 'did you mean "del"?'],
    ['ip route add balckhole 13.0.0.0/8', 'did you mean "blackhole"?'],
    ['ip rule add form 1.1.1.1', 'did you mean "from"?'],
    ['ip link set eth0 dwon', 'did you mean "down"?'],
    ['ip route add 1.2.3.4/24 via 10.0.0.9', 'the network is 1.2.3.0/24'],
  ])('%s: %s', (line, hint) => {
    expect(fault(line).hint).toBe(hint);
  });
});

describe('words', () => {
  it('are held together by quotes, and end at a comment', () => {
    expect(splitWords(`  a "b c"d 'e"f'\t# g`)).toEqual([
      { text: 'a', column: 2, length: 1 },
      { text: 'b cd', column: 4, length: 6 },
      { text: 'e"f', column: 11, length: 5 },
    ]);
    expect(splitWords('a#b')).toEqual([{ text: 'a#b', column: 0, length: 3 }]);
  });

  it('far from every keyword have no nearest one', () => {
    expect(nearest('xyzzy', ['via', 'dev'])).toBeUndefined();
    expect(nearest('tabel', ['table', 'to'])).toBe('table');
  });

  it('law: any line is a command or has a fault within it, and nothing is thrown', () => {
    const words = fc.constantFrom(
      ...[
        'ip',
        'route',
        'rule',
        'addr',
        'link',
        'neigh',
        'bridge',
        'fdb',
        'sysctl',
        '-w',
        'add',
        'del',
        'flush',
        'set',
      ],
      ...['default', '10.0.0.0/8', '10.0.0.1/24', 'via', 'dev', 'eth0', 'src', 'table', '100', 'from', 'to', 'fwmark'],
      ...[
        'lladdr',
        '02:00:00:00:00:01',
        'nud',
        'permanent',
        'up',
        'mtu',
        '1500',
        'a=1',
        '"',
        "'x y'",
        '#',
        '',
        '__proto__',
      ],
    );
    const line = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const parsed = parseCommand(text);
        if (!isFault(parsed)) return;
        expect(parsed.column).toBeGreaterThanOrEqual(0);
        expect(parsed.column).toBeLessThanOrEqual(text.length);
        expect(parsed.length).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
