import { describe, expect, it } from 'vitest';
import { NatLab, packet } from './nat-lab.ts';

const INSIDE = '10.0.2.2:5000';
const OUTSIDE = '203.0.113.200:80';

function lab(...lines: string[]): NatLab {
  const one = new NatLab(['interface GE1/0/1', 'nat outbound', ...lines]);
  one.neighbour('GE1/0/1', '203.0.113.200');
  one.neighbour('GE1/0/2', '10.0.2.2');
  return one;
}

const state = (one: NatLab): string => {
  const [row] = one.rows();
  return row === undefined ? 'none' : `${row.state} ${row.ttl}`;
};

/** Sends a TCP segment, `>` from inside or `<` back, and gives the session's state and the seconds it has. */
function segment(one: NatLab, text: string): string {
  const flags = text.slice(1);
  if (text[0] === '>') one.inject('GE1/0/2', packet('tcp', INSIDE, OUTSIDE, flags));
  else one.inject('GE1/0/1', packet('tcp', OUTSIDE, '203.0.113.1:1024', flags));
  return state(one);
}

describe('the state of a session', () => {
  it.each([
    ['opens and closes', '>S <SA >A <PA >FA <FA', '30 SYN_SENT, 30 SYN_RECV, 3600 EST, 3600 EST, 30 FIN, 30 TIME_WAIT'],
    ['is reset', '>S <SA >A <RA', '30 SYN_SENT, 30 SYN_RECV, 3600 EST, 30 CLOSE'],
    ['is refused', '>S <RA', '30 SYN_SENT, 30 CLOSE'],
    ['begins anew on the same ports', '>S <RA >S <SA >A', '30 SYN_SENT, 30 CLOSE, 30 SYN_SENT, 30 SYN_RECV, 3600 EST'],
    [
      'is closed from outside',
      '>S <SA >A <FA >A >FA',
      '30 SYN_SENT, 30 SYN_RECV, 3600 EST, 30 FIN, 30 FIN, 30 TIME_WAIT',
    ],
    ['is met in its middle', '>PA <A', '3600 EST, 3600 EST'],
  ])('TCP: %s', (_what, segments, expected) => {
    const one = lab();
    const seen = segments.split(' ').map((text) => segment(one, text));
    const short = seen.map((text) => {
      const [name = '', ttl = ''] = text.split(' ');
      return `${ttl} ${name.replace('TCP_', '').replace('ESTABLISHED', 'EST').replace('FIN_WAIT', 'FIN')}`;
    });
    expect(short.join(', ')).toBe(expected);
  });

  it('TCP: an established one outlives half an hour of silence, and is forgotten after an hour', () => {
    const one = lab();
    for (const text of ['>S', '<SA', '>A']) segment(one, text);
    one.run({ wait: '1800s' });
    one.neighbour('GE1/0/1', '203.0.113.200');
    one.neighbour('GE1/0/2', '10.0.2.2');
    expect(segment(one, '<PA')).toBe('TCP_ESTABLISHED 3600');
    one.run({ wait: '3599s' });
    expect(state(one)).toBe('TCP_ESTABLISHED 1');
    one.run({ wait: '2s' });
    expect(state(one)).toBe('none');
  });

  it('UDP: open for 30 seconds, ready for 60 once there was an answer', () => {
    const one = lab();
    one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE));
    expect(state(one)).toBe('UDP_OPEN 30');
    one.inject('GE1/0/1', packet('udp', OUTSIDE, '203.0.113.1:1024'));
    expect(state(one)).toBe('UDP_READY 60');
    one.run({ wait: '59s' });
    expect(state(one)).toBe('UDP_READY 1');
    one.run({ wait: '1s' });
    expect(state(one)).toBe('none');
    // What comes now is for the device, and for none of its applications.
    expect(one.inject('GE1/0/1', packet('udp', OUTSIDE, '203.0.113.1:1024'))).toEqual([]);
  });

  it('ICMP: 60 seconds for a request, 30 after its reply', () => {
    const one = lab();
    one.inject('GE1/0/2', packet('icmp', '10.0.2.2:9', '203.0.113.200'));
    expect(state(one)).toBe('ICMP_REQUEST 60');
    one.inject('GE1/0/1', packet('reply', '203.0.113.200', '203.0.113.1:1024'));
    expect(state(one)).toBe('ICMP_REPLY 30');
    one.run({ wait: '31s' });
    expect(state(one)).toBe('none');
  });

  it('other protocols: 30 and 60 seconds', () => {
    const one = lab('nat static enable', '#', 'nat static outbound 10.0.2.2 203.0.113.77');
    one.inject('GE1/0/2', packet('47', '10.0.2.2', '203.0.113.200'));
    expect(state(one)).toBe('RAWIP_OPEN 30');
    expect(one.inject('GE1/0/1', packet('47', '203.0.113.200', '203.0.113.77'))).toEqual(['47 203.0.113.200>10.0.2.2']);
    expect(state(one)).toBe('RAWIP_READY 60');
  });
});

describe('sessions', () => {
  it('of others are not open to whoever knows the port', () => {
    const one = lab();
    one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE));
    const back = (from: string) => one.inject('GE1/0/1', packet('udp', from, '203.0.113.1:1024'));
    expect(back(OUTSIDE)).toEqual(['udp 203.0.113.200:80>10.0.2.2:5000']);
    expect(back('203.0.113.200:81')).toEqual([]);
    expect(back('203.0.113.201:80')).toEqual([]);
  });

  it('survive a rule for other hosts, and go with their own', () => {
    const one = lab();
    one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE));
    one.enter('acl basic 2000', 'interface GE1/0/1', 'nat outbound 2000', 'undo nat outbound 2000');
    expect(one.sessions()).toHaveLength(1);
    one.enter('interface GE1/0/1', 'undo nat outbound');
    expect(one.sessions()).toEqual([]);
    expect(one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE))).toEqual([`udp ${INSIDE}>${OUTSIDE}`]);
  });

  it('that no rule translated are looked at again when the rules change', () => {
    const one = lab('undo nat outbound', 'nat outbound 2000');
    expect(one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE))).toEqual([`udp ${INSIDE}>${OUTSIDE}`]);
    one.enter('acl basic 2000', 'rule permit');
    expect(one.inject('GE1/0/2', packet('udp', INSIDE, OUTSIDE))).toEqual([`udp 203.0.113.1:1024>${OUTSIDE}`]);
  });

  it('are traced: the rule that decided, what it changed, and that the others follow', () => {
    const one = lab();
    const { request, probe } = one.udp('a', '192.0.2.7:7');
    const steps = (number: number) =>
      one
        .steps(number)
        .filter((step) => step.function === 'NAT')
        .map((step) =>
          'hook' in step ? `${step.hook}: ${step.by}: ${step.verdict}` : 'field' in step ? step.field : '',
        );
    expect(steps(request)).toEqual(['NAT outbound: nat outbound: translate', 'source']);
    expect(steps(probe.replies[0]?.packet ?? 0)).toEqual(['NAT inbound: session: translate', 'destination']);
  });

  it('take an UDP datagram without a checksum as it is', () => {
    const one = lab();
    const bytes = packet('udp', INSIDE, OUTSIDE);
    bytes.set([0, 0], 26);
    expect(one.inject('GE1/0/2', bytes)).toEqual([`udp 203.0.113.1:1024>${OUTSIDE}`]);
    expect([...(one.frames('dev:GE1/0/1').at(-1)?.bytes.subarray(40, 42) ?? [])]).toEqual([0, 0]);
  });

  it('clash where two global ports lead to one inside port: the second of one client is dropped', () => {
    const one = lab('nat server protocol udp global 203.0.113.50 8000 8001 inside 10.0.2.2 80');
    const sent = (port: number) => one.inject('GE1/0/1', packet('udp', '203.0.113.200:9', `203.0.113.50:${port}`));
    expect(sent(8000)).toEqual(['udp 203.0.113.200:9>10.0.2.2:80']);
    expect(sent(8001)).toEqual([]);
    expect(one.deviceDrops()).toEqual({ 'comware:NAT_CLASH': 1 });
  });
});

describe('a command ends the sessions of what it takes away, and no others', () => {
  /** One session of each kind: by a server, by a static mapping, by an outbound rule, and round the inside. */
  function busy(): NatLab {
    const lab = new NatLab([
      ...[
        'acl basic 2000',
        'rule permit',
        'nat static outbound 10.0.2.6 203.0.113.77',
        'interface GE1/0/2',
        'nat hairpin enable',
      ],
      ...['interface GE1/0/1', 'nat static enable', 'nat outbound 2000'],
      'nat server protocol udp global 203.0.113.50 77 inside 10.0.2.2 7',
    ]);
    for (const address of ['203.0.113.200', '203.0.113.50']) lab.neighbour('GE1/0/1', address);
    for (const address of ['10.0.2.2', '10.0.2.6']) lab.neighbour('GE1/0/2', address);
    lab.inject('GE1/0/1', packet('udp', '203.0.113.200:1', '203.0.113.50:77'));
    lab.inject('GE1/0/2', packet('udp', '10.0.2.6:2', '203.0.113.200:9'));
    lab.inject('GE1/0/2', packet('udp', '10.0.2.3:3', '203.0.113.200:9'));
    lab.inject('GE1/0/2', packet('udp', '10.0.2.3:4', '203.0.113.50:77'));
    return lab;
  }

  const kinds = (lab: NatLab): string =>
    lab
      .rows()
      .map(({ initiator }) => initiator.sourcePort)
      .sort()
      .join('');

  it.each([
    ['nothing', 'interface GE1/0/2\nnat hairpin enable', '1234'],
    ['nothing', 'interface GE1/0/1\nnat static enable', '1234'],
    ['hairpin', 'interface GE1/0/2\nundo nat hairpin enable', '123'],
    ['static', 'interface GE1/0/1\nundo nat static enable', '134'],
    ['static', 'undo nat static outbound 10.0.2.6', '134'],
    ['outbound', 'interface GE1/0/1\nundo nat outbound 2000', '12'],
    ['server', 'interface GE1/0/1\nundo nat server protocol udp global 203.0.113.50 77', '23'],
    ['the address', 'interface GE1/0/1\nundo ip address', '12'],
  ])('%s: %j', (_, lines, left) => {
    const lab = busy();
    expect(kinds(lab)).toBe('1234');
    lab.enter('#', ...lines.split('\n'));
    expect(kinds(lab)).toBe(left);
  });
});
