import { describe, expect, it } from 'vitest';
import { NatLab, packet } from './nat-lab.ts';

const PAT = ['interface GE1/0/1', 'nat outbound'];

function lab(...lines: string[]): NatLab {
  const one = new NatLab([...PAT, ...lines]);
  one.neighbour('GE1/0/1', '203.0.113.200');
  for (const last of [2, 3]) one.neighbour('GE1/0/2', `10.0.2.${last}`);
  return one;
}

describe('nat alg tftp', () => {
  it('lets the server go on from a port of its own, when it is on', () => {
    for (const [line, expected] of [
      ['undo nat alg tftp', []],
      ['nat alg tftp', ['udp 203.0.113.200:3333>10.0.2.2:5000']],
    ] as const) {
      const one = lab(line);
      expect(one.inject('GE1/0/2', packet('udp', '10.0.2.2:5000', '203.0.113.200:69'))).toEqual([
        'udp 203.0.113.1:1024>203.0.113.200:69',
      ]);
      expect([line, one.inject('GE1/0/1', packet('udp', '203.0.113.200:3333', '203.0.113.1:1024'))]).toEqual([
        line,
        expected,
      ]);
      // From another host it is nobody's.
      expect(one.inject('GE1/0/1', packet('udp', '203.0.113.201:3333', '203.0.113.1:1024'))).toEqual([]);
      if (expected.length === 0) continue;
      expect(one.inject('GE1/0/2', packet('udp', '10.0.2.2:5000', '203.0.113.200:3333'))).toEqual([
        'udp 203.0.113.1:1024>203.0.113.200:3333',
      ]);
    }
  });

  it('hides the port that an inside server goes on from behind its global address', () => {
    const one = lab('nat server protocol udp global 203.0.113.50 69 inside 10.0.2.2 69', '#', 'nat alg tftp');
    one.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.50:69'));
    expect(one.inject('GE1/0/2', packet('udp', '10.0.2.2:3333', '203.0.113.200:9'))).toEqual([
      'udp 203.0.113.50:3333>203.0.113.200:9',
    ]);
    expect(one.inject('GE1/0/1', packet('udp', '203.0.113.200:9', '203.0.113.50:3333'))).toEqual([
      'udp 203.0.113.200:9>10.0.2.2:3333',
    ]);
  });

  it('both at once, where client and server are on the inside (nat hairpin)', () => {
    const one = lab(
      ...['nat server protocol udp global 203.0.113.50 69 inside 10.0.2.2 69', '#', 'nat alg tftp'],
      ...['interface GE1/0/2', 'nat hairpin enable'],
    );
    const turned = (source: string, destination: string): string[] =>
      one.inject('GE1/0/2', packet('udp', source, destination), 'GE1/0/2');
    expect(turned('10.0.2.3:9', '203.0.113.50:69')).toEqual(['udp 203.0.113.1:1024>10.0.2.2:69']);
    expect(turned('10.0.2.2:3333', '203.0.113.1:1024')).toEqual(['udp 203.0.113.50:3333>10.0.2.3:9']);
    expect(turned('10.0.2.3:9', '203.0.113.50:3333')).toEqual(['udp 203.0.113.1:1024>10.0.2.2:3333']);
  });
});

describe('nat alg icmp-error', () => {
  it('is on, and can be switched off: then nobody hears of errors', () => {
    const one = new NatLab(PAT);
    const errors = () => one.udp('a', '192.0.2.7:9', { timeout: '1s' }).probe.errors.length;
    expect(errors()).toBe(1);
    one.enter('undo nat alg icmp-error');
    expect(errors()).toBe(0);
    one.enter('nat alg icmp-error');
    expect(errors()).toBe(1);
  });

  it('other protocols are not known', () => {
    expect(new NatLab().faults('nat alg ftp')).toMatchObject([{ line: 0 }]);
  });
});
