import { describe, expect, it } from 'vitest';
import { NatLab, packet } from './nat-lab.ts';

const EASY_IP = ['acl basic 2000', 'rule permit source 10.0.2.0 0.0.0.255', 'interface GE1/0/1', 'nat outbound 2000'];

/** An address group of `first` to `last`, used by GE1/0/1 with these options. */
function withGroup(first: string, last: string, options = '', ports = ''): string[] {
  return [
    'nat address-group 1',
    `address ${first} ${last}`,
    ...(ports === '' ? [] : [`port-range ${ports}`]),
    '#',
    'interface GE1/0/1',
    `nat outbound address-group 1${options === '' ? '' : ` ${options}`}`,
  ];
}

describe('nat outbound with the address of the interface (Easy IP)', () => {
  it('hides the inside: outside only the device is seen, and answers find their way back', () => {
    const lab = new NatLab(EASY_IP);
    expect(lab.ping('a', '192.0.2.7').probe.replies).toHaveLength(1);
    expect(lab.udp('a', '192.0.2.7:7').probe.replies).toHaveLength(1);
    const outside = lab.wire('GE1/0/1');
    expect(outside.every((line) => line.includes(' 203.0.113.1') && !line.includes('10.0.2.'))).toBe(true);
    expect(outside.some((line) => line.includes('BAD'))).toBe(false);
    expect(lab.wire('GE1/0/2').filter((line) => line.includes('203.0.113.1'))).toEqual([]);
  });

  it('is not for sources that the ACL does not permit', () => {
    const lab = new NatLab([
      ...EASY_IP,
      '#',
      'acl basic 2000',
      'rule 1 deny source 10.0.2.3 0',
      'undo rule 0',
      'rule 5 permit',
    ]);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'));
    expect(sent('10.0.2.2:4000')).toEqual(['udp 203.0.113.1:1024>203.0.113.200:9']);
    expect(sent('10.0.2.3:4000')).toEqual(['udp 10.0.2.3:4000>203.0.113.200:9']);
  });

  it('gives ports from 1024 up, the first free, to TCP, UDP and ICMP queries', () => {
    const lab = new NatLab(EASY_IP);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (kind: string, from: string, to = '203.0.113.200:80') =>
      lab.inject('GE1/0/2', packet(kind, from, to, 'S'));
    expect(sent('tcp', '10.0.2.2:5000')).toEqual(['tcp 203.0.113.1:1024>203.0.113.200:80 S']);
    expect(sent('tcp', '10.0.2.3:5000')).toEqual(['tcp 203.0.113.1:1025>203.0.113.200:80 S']);
    expect(sent('tcp', '10.0.2.2:5000')).toEqual(['tcp 203.0.113.1:1024>203.0.113.200:80 S']);
    expect(sent('udp', '10.0.2.2:5000')).toEqual(['udp 203.0.113.1:1024>203.0.113.200:80']);
    expect(sent('icmp', '10.0.2.2:99', '203.0.113.200')).toEqual(['echo 203.0.113.1>203.0.113.200 id 1024']);
    expect(sent('icmp', '10.0.2.3:99', '203.0.113.200')).toEqual(['echo 203.0.113.1>203.0.113.200 id 1025']);
    // Another remote end has all ports anew: the mapping depends on it.
    expect(sent('tcp', '10.0.2.3:5001', '203.0.113.200:81')).toEqual(['tcp 203.0.113.1:1024>203.0.113.200:81 S']);
    expect(sent('47', '10.0.2.2', '203.0.113.200')).toEqual(['47 10.0.2.2>203.0.113.200']);
  });

  it('gives a port again when its session is over, not before', () => {
    const lab = new NatLab(EASY_IP);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'))[0]?.slice(4, 21);
    expect([sent('10.0.2.2:1'), sent('10.0.2.2:2')]).toEqual(['203.0.113.1:1024>', '203.0.113.1:1025>']);
    lab.run({ wait: '29s' });
    expect(sent('10.0.2.2:2')).toBe('203.0.113.1:1025>');
    lab.run({ wait: '2s' });
    expect(sent('10.0.2.2:3')).toBe('203.0.113.1:1024>');
    expect(sent('10.0.2.2:4')).toBe('203.0.113.1:1026>');
  });

  it('keeps the port where it is asked to, as long as it is free', () => {
    const lab = new NatLab('interface GE1/0/1\nnat outbound port-preserved');
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('tcp', from, '203.0.113.200:80', 'S'));
    expect(sent('10.0.2.2:5000')).toEqual(['tcp 203.0.113.1:5000>203.0.113.200:80 S']);
    expect(sent('10.0.2.3:5000')).toEqual(['tcp 203.0.113.1:1024>203.0.113.200:80 S']);
    expect(sent('10.0.2.3:1024')).toEqual(['tcp 203.0.113.1:1025>203.0.113.200:80 S']);
  });

  it('does not take a port that a server of the interface has', () => {
    const lab = new NatLab([
      ...EASY_IP,
      'nat server protocol udp global current-interface 1024 1025 inside 10.0.2.9 7',
    ]);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'));
    expect(sent('10.0.2.2:1')).toEqual(['udp 203.0.113.1:1026>203.0.113.200:9']);
    lab.enter('interface GE1/0/1', 'undo nat server protocol udp global current-interface 1024 1025');
    expect(sent('10.0.2.2:2')).toEqual(['udp 203.0.113.1:1024>203.0.113.200:9']);
  });

  it("follows the interface's address, and sessions of the old one are over", () => {
    const lab = new NatLab(EASY_IP);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = () => lab.inject('GE1/0/2', packet('udp', '10.0.2.2:1', '203.0.113.200:9'));
    sent();
    lab.enter('interface GE1/0/1', 'ip address 203.0.113.2 24');
    expect(lab.sessions()).toEqual([]);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    expect(sent()).toEqual(['udp 203.0.113.2:1024>203.0.113.200:9']);
    lab.enter('interface GE1/0/1', 'undo ip address');
    expect(lab.show('dev', 'nat')).toContain("aren't effective: interface IP address.");
  });

  it("leaves what the device itself sends and answers from the interface's address alone", () => {
    const lab = new NatLab('interface GE1/0/1\nnat outbound');
    expect(lab.ping('dev', '203.0.113.9').probe.replies).toHaveLength(5);
    expect(lab.ping('out', '203.0.113.1').probe.replies).toHaveLength(1);
    expect(lab.sessions()).toEqual([]);
  });

  it("translates what the device sends from a LoopBack's address", () => {
    const lab = new NatLab('interface LoopBack0\nip address 9.9.9.9 32\ninterface GE1/0/1\nnat outbound');
    expect(lab.ping('dev', '192.0.2.7', { source: '9.9.9.9' }).probe.replies.length).toBeGreaterThan(0);
    expect(lab.wire('GE1/0/1').some((line) => line.includes('9.9.9.9'))).toBe(false);
    expect(lab.rows()[0]?.initiator).toMatchObject({ source: '9.9.9.9', interface: 'InLoopBack0' });
  });

  it('translates containers, whose packets come by way of the kernel', () => {
    const lab = new NatLab('interface GE1/0/1\nnat outbound');
    const { probe, path } = lab.udp('c1', '192.0.2.7:7');
    expect(probe.replies).toHaveLength(1);
    expect(path).toContain('Comware forwarding@dev');
    expect(lab.rows()[0]?.initiator).toMatchObject({ source: '172.20.0.2', interface: 'Virtual-Eth-Group0' });
    expect(lab.wire('GE1/0/1').every((line) => line.startsWith('udp 203.0.113.1:1024>192.0.2.7:7'))).toBe(true);
  });

  it('without it nothing comes back: out has no route to the office', () => {
    const lab = new NatLab(EASY_IP);
    expect(lab.ping('a', '192.0.2.7').probe.replies).toHaveLength(1);
    lab.enter('interface GE1/0/1', 'undo nat outbound 2000');
    expect(lab.sessions()).toEqual([]);
    expect(lab.ping('a', '192.0.2.7').probe.replies).toEqual([]);
  });
});

describe('nat outbound with an address group', () => {
  it('takes the first address until its ports are used up, then the next, then drops', () => {
    const lab = new NatLab(withGroup('203.0.113.20', '203.0.113.21', '', '2000 2001'));
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (port: number) => lab.inject('GE1/0/2', packet('udp', `10.0.2.2:${port}`, '203.0.113.200:9'));
    expect([1, 2, 3, 4].flatMap(sent).map((line) => line.slice(4, 21))).toEqual([
      '203.0.113.20:2000',
      '203.0.113.20:2001',
      '203.0.113.21:2000',
      '203.0.113.21:2001',
    ]);
    expect(sent(5)).toEqual([]);
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_NO_PORT': 1 });
    // What has a port keeps it.
    expect(sent(4)).toHaveLength(1);
    lab.run({ wait: '31s' });
    expect(sent(5)).toEqual(['udp 203.0.113.20:2000>203.0.113.200:9']);
  });

  it('gives every port of an address towards one remote end once, and what comes back again', () => {
    const lab = new NatLab(withGroup('203.0.113.20', '203.0.113.20'));
    const { flow, back, pool, sessions } = lab.comware.nat;
    const request = { kind: 17, remote: 1, remotePort: 2, ports: { first: 64536, last: 65535 }, wanted: -1 };
    const open = (source: number): number | undefined => {
      const port = pool.takePort([{ first: 9, last: 9 }], { ...request, isReserved: () => false })?.port;
      if (port === undefined) return undefined;
      const session = sessions.open(flow.set(17, source, 5, 1, 2), back.set(17, 1, 2, 9, port));
      lab.comware.nat.keepPort(session);
      return port;
    };
    const taken = Array.from({ length: 1000 }, (_none, index) => open(index));
    expect([taken[0], taken.at(-1), new Set(taken).size, open(1000)]).toEqual([64536, 65535, 1000, undefined]);
    sessions.removeIf((session) => session.responder.destinationPort === 65000);
    expect([open(1000), open(1001)]).toEqual([65000, undefined]);
  });

  it("passes over a port that a stranger's packet has taken, until that is forgotten", () => {
    const lab = new NatLab(withGroup('203.0.113.20', '203.0.113.20', '', '2000 2001'));
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (port: number) => lab.inject('GE1/0/2', packet('udp', `10.0.2.2:${port}`, '203.0.113.200:9'));
    lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.20:2000'));
    lab.run({ wait: '10s' });
    expect(sent(1)).toEqual(['udp 203.0.113.20:2001>203.0.113.200:9']);
    expect(sent(2)).toEqual([]);
    lab.run({ wait: '21s' });
    expect(sent(2)).toEqual(['udp 203.0.113.20:2000>203.0.113.200:9']);
  });

  it('no-pat: one address to each host, ports as they are; a host too many is dropped', () => {
    const lab = new NatLab(withGroup('203.0.113.20', '203.0.113.21', 'no-pat'));
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string, kind = 'udp') => lab.inject('GE1/0/2', packet(kind, from, '203.0.113.200:9'));
    expect(sent('10.0.2.2:1')).toEqual(['udp 203.0.113.20:1>203.0.113.200:9']);
    expect(sent('10.0.2.3:1')).toEqual(['udp 203.0.113.21:1>203.0.113.200:9']);
    expect(sent('10.0.2.2:2')).toEqual(['udp 203.0.113.20:2>203.0.113.200:9']);
    expect(sent('10.0.2.2', '47')).toEqual(['47 203.0.113.20>203.0.113.200']);
    expect(sent('10.0.2.4:1')).toEqual([]);
    expect(lab.deviceDrops()).toEqual({ 'comware:NAT_NO_ADDRESS': 1 });
    // An address is given back with the last session that uses it.
    lab.run({ wait: '31s' });
    expect(sent('10.0.2.4:1')).toEqual(['udp 203.0.113.20:1>203.0.113.200:9']);
  });

  it('no-pat reversible: who has an address can be called at it', () => {
    for (const [options, answer] of [
      ['no-pat', []],
      ['no-pat reversible', ['udp 203.0.113.200:9>10.0.2.2:5']],
    ] as const) {
      const lab = new NatLab(withGroup('198.51.100.20', '198.51.100.21', options));
      for (const [port, address] of [
        ['GE1/0/1', '203.0.113.200'],
        ['GE1/0/2', '10.0.2.2'],
      ] as const) {
        lab.neighbour(port, address);
      }
      lab.inject('GE1/0/2', packet('udp', '10.0.2.2:1', '203.0.113.200:1'));
      expect([options, lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '198.51.100.20:5'))]).toEqual([
        options,
        answer,
      ]);
      // Nobody has the other address.
      expect(lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '198.51.100.21:5'))).toEqual([]);
    }
  });

  it('that does not exist or is empty leaves the rule inactive', () => {
    const lab = new NatLab('interface GE1/0/1\nnat outbound address-group 7');
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = () => lab.inject('GE1/0/2', packet('udp', '10.0.2.2:1', '203.0.113.200:9'));
    expect(sent()).toEqual(['udp 10.0.2.2:1>203.0.113.200:9']);
    expect(lab.show('dev', 'nat')).toContain('Config status: Inactive');
    lab.enter('nat address-group 7', 'address 203.0.113.30 203.0.113.30');
    expect(sent()).toEqual(['udp 203.0.113.30:1024>203.0.113.200:9']);
    expect(lab.show('dev', 'nat')).toContain('Config status: Active');
  });
});

describe('precedence', () => {
  it('among nat outbound: an ACL before none, the higher number first, whatever their order', () => {
    const acl = (number: number, source: string) => [
      `acl number ${number}`,
      `rule permit ${number < 3000 ? '' : 'ip '}source ${source} 0`,
    ];
    const lab = new NatLab([
      ...acl(2000, '10.0.2.2'),
      ...acl(3000, '10.0.2.2'),
      ...acl(2100, '10.0.2.3'),
      ...[1, 2, 3, 4].flatMap((group) => [
        `nat address-group ${group}`,
        `address 203.0.113.${20 + group} 203.0.113.${20 + group}`,
      ]),
      'interface GE1/0/1',
      'nat outbound address-group 1',
      'nat outbound 2000 address-group 2',
      'nat outbound 3000 address-group 3',
      'nat outbound 2100 address-group 4',
    ]);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'))[0]?.slice(4, 16);
    expect(sent('10.0.2.2:1')).toBe('203.0.113.23');
    expect(sent('10.0.2.3:1')).toBe('203.0.113.24');
    expect(sent('10.0.2.4:1')).toBe('203.0.113.21');
    lab.enter('undo acl number 3000');
    expect(sent('10.0.2.2:2')).toBe('203.0.113.22');
    expect(sent('10.0.2.2:1')).toBe('203.0.113.23');
  });

  it('static before dynamic', () => {
    const lab = new NatLab([...EASY_IP, 'nat static enable', '#', 'nat static outbound 10.0.2.3 203.0.113.77']);
    lab.neighbour('GE1/0/1', '203.0.113.200');
    const sent = (from: string) => lab.inject('GE1/0/2', packet('udp', from, '203.0.113.200:9'));
    expect(sent('10.0.2.2:5')).toEqual(['udp 203.0.113.1:1024>203.0.113.200:9']);
    expect(sent('10.0.2.3:5')).toEqual(['udp 203.0.113.77:5>203.0.113.200:9']);
  });

  it('server before static', () => {
    const lab = new NatLab([
      'nat static outbound 10.0.2.3 203.0.113.77',
      'interface GE1/0/1',
      'nat static enable',
      'nat server protocol udp global 203.0.113.77 53 inside 10.0.2.2 5353',
    ]);
    for (const address of ['10.0.2.2', '10.0.2.3']) lab.neighbour('GE1/0/2', address);
    const sent = (to: string) => lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', to));
    expect(sent('203.0.113.77:53')).toEqual(['udp 203.0.113.200:9>10.0.2.2:5353']);
    expect(sent('203.0.113.77:54')).toEqual(['udp 203.0.113.200:9>10.0.2.3:54']);
  });
});
