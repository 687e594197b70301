import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';

describe('a socket whose address is taken away', () => {
  it('sends nothing any more: the kernel has no route for a source that is not its own', () => {
    const lab = new Lab(
      {
        a: { kind: 'linux', interfaces: { eth0: { address: ['10.3.0.1/24', '10.4.0.1/24'] } } },
        b: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.3.0.2/24' } },
          routes: ['10.4.0.0/24 via 10.3.0.1'],
          services: [{ port: 7, protocol: 'tcp' }],
        },
      },
      [{ endpoints: ['a:eth0', 'b:eth0'] }],
    );
    const dial = { from: 'a', to: '10.3.0.2:7', source: '10.4.0.1', send: 'one', hold: '600s', name: 'c' };
    expect(lab.run({ tcp: dial }).outcomes[0]?.probe?.errors).toEqual([]);
    lab.exec('a', 'ip addr del 10.4.0.1/24 dev eth0');
    const before = lab.frames('a:eth0').length;
    lab.run({ tcp: { on: 'c', send: 'two' } }, { wait: '5s' });
    const sent = lab.frames('a:eth0').slice(before);
    expect(sent.filter(({ direction, bytes }) => direction === 'out' && bytes[12] === 8 && bytes[13] === 0)).toEqual(
      [],
    );
    expect(lab.counters('a').IpOutNoRoutes).toBeGreaterThan(0);
    // It comes back, and so does the connection.
    lab.exec('a', 'ip addr add 10.4.0.1/24 dev eth0');
    lab.run({ wait: '20s' });
    expect(lab.drops()).toEqual({});
    expect(lab.show('b', 'socket')).toContain('10.4.0.1');
  });
});
