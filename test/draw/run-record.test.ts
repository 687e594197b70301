import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';
import { reportPage } from '../../sim/draw/report-page.ts';
import { MOST_PACKETS, type RunRecord, RunWatcher } from '../../sim/draw/run-record.ts';
import { stationsOf, stationText } from '../../sim/packet/stations.ts';
import { reportScenario } from '../../sim/scenario/report.ts';
import { letArrive, runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { formatIpv4 } from '../../sim/wire/address.ts';
import type { World } from '../../sim/world/world.ts';
import { chain, someNetwork, worldOf } from './networks.ts';

function watch(world: World, steps: readonly unknown[]): RunRecord {
  const scenario = scenarioSchema.parse({ name: 'any', topology: 'none', steps });
  const watcher = new RunWatcher(world);
  const run = runScenario(world, scenario, () => watcher.stepBegins());
  letArrive(world, scenario);
  return watcher.record(reportScenario(world, scenario, run));
}

/** Pings between any stacks, with a cable pulled out on the way. */
function someSteps(world: World, seed: number): unknown[] {
  const chance = new Chance(seed, 'steps');
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const stacks = world.stacks();
  const addresses = stacks.flatMap(({ net }) => net.addresses.map(({ address }) => formatIpv4(address)));
  const ping = (): unknown => ({
    ping: { from: pick(stacks).title, to: pick([...addresses, '10.99.0.1']), count: 1, timeout: '2s' },
  });
  const [link] = world.links;
  const pull = link === undefined ? [] : [{ link: { endpoint: link.ends[0], state: 'down' } }];
  return [ping(), ping(), ...pull, ping()];
}

describe('law: of whatever a run did', () => {
  it('every packet that is shown goes through the stations of its trace, all of them drawn', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const world = worldOf(someNetwork(seed));
        const record = watch(world, someSteps(world, seed));
        const drawn = new Set(record.drawing.shapes.map(({ id }) => id));
        for (const { number, points, rows } of record.packets) {
          const steps = world.recorder?.stepsOf(number) ?? [];
          expect(rows).toHaveLength(steps.length);
          expect(points.filter(({ id }) => !drawn.has(id))).toEqual([]);
          expect(points.slice(1).filter(({ line }) => !/^M[\d. -]+[LC]/.test(line))).toEqual([]);
          const ids = points.map(({ id }) => id);
          const stations = stationsOf(steps).map(stationText);
          // A bridge's own device is drawn as the bridge.
          expect(stations.filter((station) => drawn.has(station) && !ids.includes(station))).toEqual([]);
          expect(points.every(({ order }, index) => order >= (points[index - 1]?.order ?? 0))).toBe(true);
        }
        expect(reportPage([record], '')).toBe(reportPage([record], ''));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a record of a run', () => {
  it('gives each packet to the step that had begun when it was born', () => {
    const record = watch(worldOf(chain(2)), [
      { exec: { on: 'r0', commands: ['ip addr add 10.0.0.1/24 dev right', 'ip link set right up'] } },
      { exec: { on: 'r1', commands: ['ip addr add 10.0.0.2/24 dev left', 'ip link set left up'] } },
      { ping: { from: 'r0', to: '10.0.0.2', count: 1 } },
      { ping: { from: 'r1', to: '10.0.0.1', count: 1 } },
    ]);
    expect([...new Set(record.packets.map(({ step }) => step))]).toEqual([2, 3]);
    expect(record.tables.every(({ before, after }) => before !== after)).toBe(true);
  });

  it('shows the first packets of very many, and says how many are left', () => {
    const world = worldOf(chain(2));
    const up = (node: string, device: string, address: string): unknown => ({
      exec: { on: node, commands: [`ip addr add ${address}/24 dev ${device}`, `ip link set ${device} up`] },
    });
    const pings = { ping: { from: 'r0', to: '10.0.0.2', count: 200, interval: '10ms' } };
    const record = watch(world, [up('r0', 'right', '10.0.0.1'), up('r1', 'left', '10.0.0.2'), pings]);
    expect(record.packets).toHaveLength(MOST_PACKETS);
    expect(record.left).toBeGreaterThan(90);
    expect(reportPage([record], '')).toContain(`This page shows the first ${MOST_PACKETS}; ${record.left} more`);
  });
});
