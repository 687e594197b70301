import { describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../sim/wire/address.ts';
import { icmpError, NatLab, packet } from './nat-lab.ts';

const PAT = ['interface GE1/0/1', 'nat outbound'];
const SERVER = ['interface GE1/0/1', 'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7'];

/** A lab with neighbours that answer nothing. */
function quiet(lines: readonly string[]): NatLab {
  const lab = new NatLab(lines);
  lab.neighbour('GE1/0/1', '203.0.113.200');
  for (const last of [2, 3, 66]) lab.neighbour('GE1/0/2', `10.0.2.${last}`);
  return lab;
}

describe('ICMP errors through NAT', () => {
  it('reach the inside host, whose packet they quote as it sent it', () => {
    const lab = new NatLab(PAT);
    const refused = lab.udp('a', '192.0.2.7:9').probe;
    expect(refused.errors.map(({ errno, from }) => [errno, formatIpv4(from)])).toEqual([['ECONNREFUSED', '192.0.2.7']]);
    const expired = lab.ping('a', '192.0.2.7', { ttl: 2 }).probe;
    expect(expired.errors.map(({ type, from }) => [type, formatIpv4(from)])).toEqual([[11, '203.0.113.9']]);
    const inside = lab.wire('GE1/0/2').filter((line) => line.startsWith('icmp'));
    expect(inside).toHaveLength(2);
    expect(inside[0]).toMatch(/^icmp 3\/3 192\.0\.2\.7>10\.0\.2\.2 \[udp 10\.0\.2\.2:\d+>192\.0\.2\.7:9\]$/);
    expect(inside[1]).toMatch(/^icmp 11\/0 203\.0\.113\.9>10\.0\.2\.2 \[echo 10\.0\.2\.2>192\.0\.2\.7 id \d+\]$/);
  });

  it('trace a route from the inside, the device staying silent', () => {
    const lab = new NatLab(PAT);
    const hop = (ttl: number) => {
      const { replies, errors } = lab.ping('a', '192.0.2.7', { ttl, timeout: '1s' }).probe;
      const [first] = [...errors, ...replies];
      return first === undefined ? '*' : formatIpv4(first.from);
    };
    expect([1, 2, 3].map(hop)).toEqual(['*', '203.0.113.9', '192.0.2.7']);
    lab.enter('ip ttl-expires enable');
    expect(hop(1)).toBe('10.0.2.1');
  });

  it('quote a TCP segment of which only eight bytes are there', () => {
    const lab = quiet(PAT);
    const [line] = lab.inject('GE1/0/2', packet('tcp', '10.0.2.2:5000', '203.0.113.200:80', 'S'));
    expect(line).toBe('tcp 203.0.113.1:1024>203.0.113.200:80 S');
    const translated = packet('tcp', '203.0.113.1:1024', '203.0.113.200:80', 'S');
    for (const quoted of [28, 36, 38, 40]) {
      const error = icmpError('203.0.113.200', '203.0.113.1', 3, 1, translated, quoted);
      const expected = `icmp 3/1 203.0.113.200>10.0.2.2 [tcp 10.0.2.2:5000>203.0.113.200:80${quoted < 36 ? '' : ' S'}]`;
      expect([quoted, lab.inject('GE1/0/1', error)]).toEqual([quoted, [expected]]);
    }
  });

  it('about nobody, or that quote too little, are the device’s own', () => {
    const lab = quiet(PAT);
    const stray = packet('udp', '203.0.113.1:4444', '203.0.113.200:80');
    expect(lab.inject('GE1/0/1', icmpError('203.0.113.200', '203.0.113.1', 3, 1, stray))).toEqual([]);
    lab.inject('GE1/0/2', packet('udp', '10.0.2.2:5000', '203.0.113.200:80'));
    const known = packet('udp', '203.0.113.1:1024', '203.0.113.200:80');
    for (const quoted of [0, 19, 20, 27]) {
      expect(lab.inject('GE1/0/1', icmpError('203.0.113.200', '203.0.113.1', 3, 1, known, quoted))).toEqual([]);
    }
    lab.run({ wait: '5s' });
  });

  it('of an inside server come from its global address', () => {
    const lab = new NatLab([...SERVER, 'nat server protocol udp global 203.0.113.50 78 inside 10.0.2.2 9']);
    const { errors } = lab.udp('far', '203.0.113.50:78').probe;
    expect(errors.map(({ errno, from }) => [errno, formatIpv4(from)])).toEqual([['ECONNREFUSED', '203.0.113.50']]);
    expect(lab.wire('GE1/0/1').every((line) => !line.includes('10.0.2.2') && !line.includes('BAD'))).toBe(true);
  });

  it('of a router behind the device hide its address too', () => {
    const lab = quiet(SERVER);
    const [arrived] = lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.50:77'));
    expect(arrived).toBe('udp 203.0.113.200:9>10.0.2.2:7');
    const about = packet('udp', '203.0.113.200:9', '10.0.2.2:7', '', { ttl: 1 });
    expect(lab.inject('GE1/0/2', icmpError('10.0.2.66', '203.0.113.200', 11, 0, about))).toEqual([
      'icmp 11/0 203.0.113.50>203.0.113.200 [udp 203.0.113.200:9>203.0.113.50:77]',
    ]);
  });

  it('of the device itself quote what the sender sent, from its own port', () => {
    const lab = quiet([...SERVER, '#', 'ip ttl-expires enable']);
    const sent = lab.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.50:77', '', { ttl: 1 }), 'GE1/0/1');
    expect(sent).toEqual(['icmp 11/0 203.0.113.1>203.0.113.200 [udp 203.0.113.200:9>203.0.113.50:77]']);
  });

  it('fragmentation needed is told to the inside in its own terms', () => {
    const interfaces = { 'GE1/0/1': { address: '203.0.113.1/24', mtu: 1000 }, 'GE1/0/2': { address: '10.0.2.1/24' } };
    const lab = new NatLab([...PAT, '#', 'ip unreachables enable'], { interfaces, containers: {} });
    const told = lab.ping('a', '192.0.2.7', { size: 1200, df: 'do' });
    expect(told.probe.errors.map(({ mtu, from }) => [mtu, formatIpv4(from)])).toEqual([[1000, '10.0.2.1']]);
    expect(lab.sessions()).toEqual([]);
  });
});

describe('ICMP queries', () => {
  it('are told apart by their identifier alone', () => {
    const lab = quiet(PAT);
    for (const host of ['10.0.2.2', '10.0.2.3']) lab.inject('GE1/0/2', packet('icmp', `${host}:9`, '203.0.113.200'));
    const back = (id: number) => lab.inject('GE1/0/1', packet('reply', '203.0.113.200', `203.0.113.1:${id}`));
    expect(back(1024)).toEqual(['reply 203.0.113.200>10.0.2.2 id 9']);
    expect(back(1025)).toEqual(['reply 203.0.113.200>10.0.2.3 id 9']);
    expect(back(1026)).toEqual([]);
    expect(lab.sessions()).toEqual([
      '10.0.2.2:9>203.0.113.200:2048 203.0.113.200:1024>203.0.113.1:0 ICMP_REPLY',
      '10.0.2.3:9>203.0.113.200:2048 203.0.113.200:1025>203.0.113.1:0 ICMP_REPLY',
    ]);
  });
});
