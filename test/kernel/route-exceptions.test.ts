import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../sim/core/events.ts';
import { seconds } from '../../sim/core/time.ts';
import { PathMtuTable } from '../../sim/kernel/forwarding/path-mtu.ts';

describe('what ICMP taught of single destinations', () => {
  it('is kept of 10240 at most, however many errors come, and of the last one always', () => {
    const table = new PathMtuTable(new EventQueue());
    for (let destination = 1; destination <= 200_000; destination++) {
      table.learnMtu(destination, 1000);
      if (destination % 1000 === 0) expect(table.mtuOf(destination)).toBe(1000);
    }
    expect(table.size).toBeLessThanOrEqual(2048 * 5);
    expect(table.size).toBeGreaterThan(2048 * 4);
    expect(table.mtuOf(1)).toBeUndefined();
    table.flush();
    expect(table.size).toBe(0);
    table.learnGateway(1, 7);
    expect([table.size, table.gatewayOf(1)]).toEqual([1, 7]);
  });

  /** Against a plain list of what was learnt, which forgets nothing but what ran out: few destinations never share a bucket. */
  it('law: is what a list of all errors says, as long as the destinations are few', () => {
    const step = fc.record({
      verb: fc.constantFrom('mtu', 'mtu', 'gateway', 'wait', 'flush'),
      destination: fc.integer({ min: 1, max: 4 }),
      value: fc.integer({ min: 60, max: 1500 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new EventQueue();
        const table = new PathMtuTable(clock);
        type Known = { mtu: number; locked: boolean; gateway: number; until: number };
        let known = new Map<number, Known>();
        for (const { verb, destination, value } of steps) {
          const old = known.get(destination);
          if (verb === 'wait') {
            clock.after(seconds(value / 5), () => {}, undefined);
            clock.runNext();
            known = new Map([...known].filter(([, { until }]) => until > clock.now));
          } else if (verb === 'flush') {
            table.flush();
            known.clear();
          } else if (verb === 'gateway') {
            table.learnGateway(destination, value);
            const { mtu, locked } = old ?? { mtu: 0, locked: false };
            known.set(destination, { mtu, locked, gateway: value, until: clock.now + 300e9 });
          } else {
            table.learnMtu(destination, value);
            const isNarrower = !(old?.locked ?? false) && value <= (old?.mtu || value);
            const mtu = Math.max(552, value);
            if (isNarrower) {
              const gateway = old?.gateway ?? 0;
              known.set(destination, { mtu, locked: value < 552, gateway, until: clock.now + 600e9 });
            }
          }
          for (let one = 1; one <= 4; one++) {
            expect([table.mtuOf(one), table.gatewayOf(one), table.isLocked(one)]).toEqual([
              known.get(one)?.mtu || undefined,
              known.get(one)?.gateway || undefined,
              known.get(one)?.locked ?? false,
            ]);
          }
        }
      }),
    );
  });
});
