import { expect, it } from 'vitest';
import { compareWorlds } from './compare/compare.ts';
import { sourceOf } from './fuzz/source.ts';
import { withLateStarts } from './lateness.ts';
import { runSimulated } from './simulated.ts';

/* A busy machine starts a program late: its first frame tells by how much. */

const ms = (time: number): number => time * 1e6;

it('a program that was late begins as late in the simulator', () => {
  const topology = {
    topology: {
      nodes: {
        a: { kind: 'linux' as const, interfaces: { eth0: { address: '10.0.0.1/24' } } },
        b: { kind: 'linux' as const, interfaces: { eth0: { address: '10.0.0.2/24' } } },
      },
      links: [{ endpoints: ['a:eth0', 'b:eth0'] as [string, string] }],
    },
  };
  // Nobody has 10.0.0.9: ARP asks three times, a second apart, while the ping of the second step comes and goes.
  const steps = [
    { udp: { from: 'a', to: '10.0.0.9:7', timeout: '600ms' } },
    { ping: { from: 'b', to: '10.0.0.1' } },
    { wait: '1s' },
  ];
  const source = sourceOf({ name: 'late', topology, steps }, 'late.yaml');
  const starts = (...times: number[]) =>
    times.map((started, index) => ({ index, title: '', started, ended: started + ms(1), result: {} }));
  const play = (...times: number[]) =>
    runSimulated(source, { kernel: { steps: starts(...times), until: ms(2500) }, byItsClock: true }).record;
  const kernel = { ...play(ms(1), ms(900), ms(950)), steps: starts(ms(1), ms(610), ms(950)) };
  const simulator = play(ms(1), ms(610), ms(950));
  const late = withLateStarts(source.scenario.steps, simulator, kernel, compareWorlds(simulator, kernel));
  expect(late.map(({ started }) => started)).toEqual([ms(1), ms(900), ms(950)]);
});
