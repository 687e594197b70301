import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

describe('ping', () => {
  it('from an address the host does not have ends at once, refused, and nothing is sent', () => {
    const lab = new Lab({ a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } } }, []);
    const { probe } = lab.ping('a', '10.0.0.1', { source: '10.0.0.9' });
    expect(probe.finished).toBe(true);
    expect(probe.sent).toMatchObject([{ packet: 0, errno: 'EADDRNOTAVAIL' }]);
  });

  it('waits for an answer to what a rule refuses, as for what is lost: iputils does not count it for an error', () => {
    const lab = new Lab(
      {
        a: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.0.1/24' } },
          exec: ['iptables -A OUTPUT -p icmp -j DROP'],
        },
        b: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' } } },
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    const { probe } = lab.ping('a', '10.0.0.2', { count: 2, interval: '200ms', timeout: '3s' });
    expect(probe.sent.map(({ errno }) => errno)).toEqual(['EPERM', 'EPERM']);
    expect(lab.world.clock.now / 1e6).toBeCloseTo(3200, -2);
  });

  it('that is told by its own stack that a packet is too large ends when the next one would be due', () => {
    const lab = new Lab(
      {
        a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } },
        b: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' } } },
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    const { probe } = lab.ping('a', '10.0.0.2', { size: 2500, df: 'do', count: 2, interval: '300ms', timeout: '3s' });
    expect(probe.sent.map(({ errno }) => errno)).toEqual(['EMSGSIZE', 'EMSGSIZE']);
    expect(lab.world.clock.now / 1e6).toBeCloseTo(600, 0);
  });

  it('does not say that who answers is there: its neighbour is asked again as if nothing had come', () => {
    const host = (address: string) => ({ kind: 'linux', interfaces: { eth0: { address } } });
    const lab = new Lab({ a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, [{ endpoints: ['a:eth0', 'b:eth0'] }]);
    lab.ping('a', '10.0.0.2', { count: 4, interval: '1s' });
    const [neighbour] = lab.stack('a').net.parts.neighbours.list();
    expect(neighbour?.confirmed).toBeLessThan(1e6);
  });
});
