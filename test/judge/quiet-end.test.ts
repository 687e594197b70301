import { describe, expect, it } from 'vitest';
import { sourceOf } from './fuzz/source.ts';
import { quietTail, staysQuiet } from './quiet-end.ts';
import { runSimulated } from './simulated.ts';

/* When the worlds do what they do: steps by the clock of the kernel, and an end in which nothing happens. */

const topology = {
  topology: {
    nodes: {
      a: { kind: 'linux' as const, interfaces: { eth0: { address: '10.0.0.1/24' } } },
      b: { kind: 'linux' as const, interfaces: { eth0: { address: '10.0.0.2/24' } } },
    },
    links: [{ endpoints: ['a:eth0', 'b:eth0'] as [string, string] }],
  },
};

const ms = (time: number): number => time * 1e6;

describe('the end of a record', () => {
  it('keeps away from what a timer does', () => {
    // Nobody is there: ARP asks after 0, 1 and 2 s and gives up after 3; the program waits for 600 ms.
    const udp = { udp: { from: 'a', to: '10.0.0.9:7', timeout: '600ms' } };
    const source = sourceOf({ name: 'nobody', topology, steps: [udp] }, 'nobody.yaml');
    const moments = [1000, 2000, 3000];
    const end = ms(600) + quietTail(source);
    for (const moment of moments) {
      expect(moment * 1e6 > end ? ms(moment) - end : (end - ms(moment)) * 2).toBeGreaterThanOrEqual(ms(580));
    }
    expect(end).toBeGreaterThanOrEqual(ms(1600));
  });

  it('comes a second after the last step where nothing happens any more', () => {
    const source = sourceOf({ name: 'quiet', topology, steps: [{ ping: { from: 'a', to: '10.0.0.2' } }] }, 'q.yaml');
    expect(quietTail(source)).toBe(ms(1000));
  });
});

describe('tables that take long to read', () => {
  it('are of no use where the world went on meanwhile', () => {
    const udp = { udp: { from: 'a', to: '10.0.0.9:7', timeout: '600ms' } };
    const source = sourceOf({ name: 'nobody', topology, steps: [udp] }, 'nobody.yaml');
    const kernel = { steps: [{ index: 0, title: '', started: 0, ended: ms(600), result: {} }], until: ms(2300) };
    const read = (time: number) => staysQuiet(runSimulated(source, { kernel, byItsClock: true }).world, ms(time));
    expect(read(600)).toBe(true);
    // ARP gives up, and an error goes to the program that is gone.
    expect(read(800)).toBe(false);
  });
});

describe('the simulator beside a kernel', () => {
  const steps = [{ ping: { from: 'a', to: '10.0.0.2' } }, { ping: { from: 'b', to: '10.0.0.1' } }];
  const source = sourceOf({ name: 'two', topology, steps }, 'two.yaml');
  const step = (index: number, started: number) => ({ index, title: '', started, ended: started + ms(3), result: {} });
  const kernel = { steps: [step(0, ms(1)), step(1, ms(170))], until: ms(1500) };

  it('begins each step when it began there, and ends with it', () => {
    const { record } = runSimulated(source, { kernel, byItsClock: true });
    expect(record.steps.map(({ started }) => started)).toEqual([ms(1), ms(170)]);
    expect(record.until).toBe(ms(1500));
  });

  it('keeps its own time beside a stored run, and ends as long after the last step', () => {
    const { record } = runSimulated(source, { kernel, byItsClock: false });
    const [, second] = record.steps;
    expect(second?.started).toBeLessThan(ms(10));
    expect(record.until - (second?.ended ?? 0)).toBe(ms(1500) - ms(173));
  });
});
