import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

describe('ping', () => {
  it('from an address the host does not have ends at once, refused, and nothing is sent', () => {
    const lab = new Lab({ a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } } }, []);
    const { probe } = lab.ping('a', '10.0.0.1', { source: '10.0.0.9' });
    expect(probe.finished).toBe(true);
    expect(probe.sent).toMatchObject([{ packet: 0, errno: 'EADDRNOTAVAIL' }]);
  });
});
