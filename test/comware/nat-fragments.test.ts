import { describe, expect, it } from 'vitest';
import { cut, NatLab, packet } from './nat-lab.ts';

const PAT = ['interface GE1/0/1', 'nat outbound', 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7'];
const payload = Uint8Array.from({ length: 3000 }, (_none, index) => index & 255);

function lab(): NatLab {
  const one = new NatLab(PAT);
  one.neighbour('GE1/0/1', '203.0.113.200');
  one.neighbour('GE1/0/2', '10.0.2.2');
  return one;
}

/** Pieces of a datagram from inside. */
function pieces(kind = 'udp', identification = 77): Uint8Array[] {
  return cut(packet(kind, '10.0.2.2:5000', '203.0.113.200:9', 'PA', { payload, identification }), 1000);
}

const TRANSLATED = [
  'udp 203.0.113.1:1024>203.0.113.200:9',
  'piece 1000 203.0.113.1>203.0.113.200',
  'piece 2000 203.0.113.1>203.0.113.200',
  'piece 3000 203.0.113.1>203.0.113.200',
];

describe('fragments through NAT', () => {
  it('go both ways whole, for hosts, containers, UDP and ping', () => {
    const one = new NatLab(PAT);
    for (const from of ['a', 'c1']) {
      expect(one.udp(from, '192.0.2.7:7', { size: 4000 }).probe.replies.map(({ intact }) => intact)).toEqual([true]);
      expect(one.ping(from, '192.0.2.7', { size: 4000 }).probe.replies.map(({ intact }) => intact)).toEqual([true]);
    }
    expect(one.udp('far', '203.0.113.50:77', { size: 4000 }).probe.replies.map(({ intact }) => intact)).toEqual([true]);
    expect(one.drops()).toEqual({});
    expect(one.wire('GE1/0/1').some((line) => /10\.0\.2\.|172\.20\./.test(line))).toBe(false);
  });

  it('follow the first one', () => {
    const one = lab();
    expect(pieces().flatMap((piece) => one.inject('GE1/0/2', piece))).toEqual(TRANSLATED);
    expect(one.rows()[0]?.initiator).toMatchObject({ packets: 4, bytes: 3008 + 4 * 20 });
  });

  it('that come before it wait, and follow it in their order', () => {
    const one = lab();
    const [first, ...rest] = pieces();
    expect(rest.flatMap((piece) => one.inject('GE1/0/2', piece))).toEqual([]);
    expect(one.world.held).toBe(3);
    expect(one.inject('GE1/0/2', first as Uint8Array)).toEqual(TRANSLATED);
    expect(one.world.held).toBe(0);
  });

  it('of two datagrams do not mix', () => {
    const one = lab();
    const [mine, other] = [pieces('udp', 1), pieces('icmp', 2)];
    const sent = [mine[0], other[1], mine[1], other[0]].flatMap((piece) => one.inject('GE1/0/2', piece as Uint8Array));
    expect(sent).toEqual([
      ...TRANSLATED.slice(0, 2),
      'echo 203.0.113.1>203.0.113.200 id 1024',
      'piece 1000 203.0.113.1>203.0.113.200',
    ]);
  });

  it('whose first never comes are dropped after three seconds', () => {
    const one = lab();
    const [, second] = pieces();
    one.inject('GE1/0/2', second as Uint8Array);
    one.run({ wait: '2900ms' });
    expect(one.deviceDrops()).toEqual({});
    one.run({ wait: '200ms' });
    expect(one.deviceDrops()).toEqual({ 'comware:FRAGMENT_TIMEOUT': 1 });
  });

  it('more than 64 of one datagram do not wait', () => {
    const one = lab();
    const [, ...rest] = cut(packet('udp', '10.0.2.2:5000', '203.0.113.200:9', '', { payload }), 40);
    for (const piece of rest.slice(0, 66)) one.inject('GE1/0/2', piece);
    expect(one.world.held).toBe(64);
    expect(one.deviceDrops()).toEqual({ 'comware:FRAGMENT_QUEUE_FULL': 2 });
  });

  it('share the fate of a first one that gets no port', () => {
    const one = new NatLab([
      ...['nat address-group 1', 'address 203.0.113.20 203.0.113.20', 'port-range 2000 2000', '#'],
      ...['interface GE1/0/1', 'nat outbound address-group 1'],
    ]);
    one.neighbour('GE1/0/1', '203.0.113.200');
    one.inject('GE1/0/2', packet('udp', '10.0.2.9:1', '203.0.113.200:9'));
    const [first, second, third] = pieces() as [Uint8Array, Uint8Array, Uint8Array];
    for (const piece of [second, first, third]) expect(one.inject('GE1/0/2', piece)).toEqual([]);
    expect(one.deviceDrops()).toEqual({ 'comware:NAT_NO_PORT': 1, 'comware:NAT_FIRST_DROPPED': 2 });
  });

  it('share it too where the packet came in by an interface with NAT', () => {
    const one = new NatLab([
      ...['nat address-group 1', 'address 203.0.113.20 203.0.113.20', 'port-range 2000 2000', '#'],
      ...['interface GE1/0/1', 'nat outbound address-group 1', 'interface GE1/0/2', 'nat hairpin enable'],
    ]);
    one.neighbour('GE1/0/1', '203.0.113.200');
    one.inject('GE1/0/2', packet('udp', '10.0.2.9:1', '203.0.113.200:9'));
    for (const piece of pieces()) expect(one.inject('GE1/0/2', piece)).toEqual([]);
    expect(one.deviceDrops()).toEqual({ 'comware:NAT_NO_PORT': 1, 'comware:NAT_FIRST_DROPPED': 3 });
    one.run({ wait: '40s' });
    expect(pieces('udp', 78).flatMap((piece) => one.inject('GE1/0/2', piece))).toEqual(
      TRANSLATED.map((line) =>
        line.replace(/203\.0\.113\.1(:1024)?>/, (_all, port) => `203.0.113.20${port ? ':2000' : ''}>`),
      ),
    );
  });

  it('too short for their transport header are dropped', () => {
    const one = lab();
    const [tiny] = cut(packet('tcp', '10.0.2.2:5000', '203.0.113.200:9', 'S'), 8);
    expect(one.inject('GE1/0/2', tiny as Uint8Array)).toEqual([]);
    expect(one.deviceDrops()).toEqual({ 'comware:BAD_TRANSPORT': 1 });
  });

  it('that came in translated go out by another interface with NAT', () => {
    const one = new NatLab([
      ...['interface GE1/0/1', 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7'],
      ...['interface GE1/0/2', 'nat outbound'],
    ]);
    one.neighbour('GE1/0/2', '10.0.2.2');
    const whole = packet('udp', '203.0.113.200:9', '203.0.113.50:77', '', { payload });
    const [first, second] = cut(whole, 2000) as [Uint8Array, Uint8Array];
    expect(one.inject('GE1/0/1', second)).toEqual([]);
    expect(one.inject('GE1/0/1', first)).toEqual([
      'udp 10.0.2.1:1024>10.0.2.2:7',
      'piece 1480 10.0.2.1>10.0.2.2',
      'piece 2000 10.0.2.1>10.0.2.2',
    ]);
  });
});
