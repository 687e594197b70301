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
    const { outcomes } = lab.run(
      { tcp: dial },
      { exec: { on: 'a', commands: ['ip addr del 10.4.0.1/24 dev eth0'] } },
      { tcp: { on: 'c', send: 'two' } },
      { wait: '5s' },
      { exec: { on: 'a', commands: ['ip addr add 10.4.0.1/24 dev eth0'] } },
      { wait: '20s' },
      { tcp: { on: 'c', send: 'three' } },
    );
    expect(outcomes.map(({ refusal }) => refusal)).toEqual(outcomes.map(() => undefined));
    // Nothing for longer than the delay of any acknowledgement: "two" had nowhere to go, until the address came back.
    const times = lab
      .frames('a:eth0')
      .filter(({ direction, bytes }) => direction === 'out' && bytes[12] === 8 && bytes[13] === 0)
      .map(({ time }) => Number(time) / 1e9);
    expect(times.filter((time) => time > 1.5 && time < 6)).toEqual([]);
    expect(times.filter((time) => time > 6 && time < 26).length).toBeGreaterThan(0);
    expect(lab.counters('a').IpOutNoRoutes).toBeGreaterThan(0);
    expect(lab.drops()).toEqual({});
    expect(outcomes.at(-1)?.probe?.replies.length).toBeGreaterThan(0);
  });
});
