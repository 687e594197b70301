import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../sim/core/limits.ts';
import { seconds } from '../../sim/core/time.ts';
import { haltLines } from '../../sim/explain/halt-text.ts';
import { letArrive, runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';

/** An echo at each end, on two ports: what one sends the other answers, once somebody has put them on each other. */
const ECHOES = {
  nodes: {
    a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } }, services: [{ port: 7 }] },
    b: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.2/24' } }, services: [{ port: 17 }] },
    c: {
      kind: 'linux',
      interfaces: { eth0: { address: '10.0.0.3/24' } },
      exec: ['iptables -t nat -A POSTROUTING -p udp -j SNAT --to-source 10.0.0.1:7'],
    },
    sw: { kind: 'bridge' },
  },
  links: ['a', 'b', 'c'].map((name) => ({ endpoints: [`${name}:eth0`, `sw:${name}`] })),
};

/** Somebody speaks to b in the name of a, and the two go on for ever. */
function play(limits: Partial<Limits>): World {
  const { world, findings } = buildWorld(topologySchema.parse({ topology: ECHOES }), {
    seed: 1,
    trace: true,
    capture: true,
    limits: { ...DEFAULT_LIMITS, ...limits },
  });
  expect(findings).toEqual([]);
  const steps = [{ udp: { from: 'c', to: '10.0.0.2:17' } }];
  const scenario = scenarioSchema.parse({ name: 'echoes', topology: 'none', steps, until: '1000000s' });
  runScenario(world, scenario);
  letArrive(world, scenario);
  world.audit();
  return world;
}

function told(world: World): string {
  return world.halt === undefined ? '' : haltLines(world, world.halt).join('\n');
}

describe('a run that never ends', () => {
  it('is over after so many events, and tells what was going on at last', () => {
    const world = play({ events: 5000 });
    expect(world.halt).toMatchObject({ reason: 'events', limit: 5000, events: 5000 });
    expect(world.clock.ran).toBe(5000);
    expect(told(world)).toMatch(/^stopped at 0\.\d{9} s after 5000 events/);
    expect(told(world)).toMatch(/last {4}#\d+ UDP 10\.0\.0\.\d:\d+ > 10\.0\.0\.\d:\d+, from [ab]:eth0/);
    expect(told(world)).toMatch(/busiest (a|b|sw):\S+ \d+ %/);
  });

  it('is over at a time', () => {
    const world = play({ time: seconds(0.01) });
    expect(world.halt).toMatchObject({ reason: 'time', at: seconds(0.01) });
    expect(world.clock.now).toBe(seconds(0.01));
    expect(told(world)).toContain('goes on after 0.010000000 s');
  });

  it('is over when its captures are full: they hold no more than that, and have no gap', () => {
    const world = play({ captureBytes: 10_000 });
    expect(world.halt?.reason).toBe('captures');
    const frames = (world.captures?.captures() ?? []).flatMap((capture) => [...capture.frames]);
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect(bytes).toBeGreaterThan(9000);
    const serials = frames.map((frame) => frame.serial).sort((x, y) => x - y);
    expect(serials).toEqual(serials.map((_, index) => index));
    expect(told(world)).toContain('the captures have reached 10000 bytes');
  });

  it('is over when there is no more memory', () => {
    let asked = 0;
    const memory = () => (++asked > 2 ? 'it takes 7 MB of memory' : undefined);
    const world = play({ memory });
    expect(world.halt?.reason).toBe('memory');
    expect(told(world)).toMatch(/^stopped at \d+\.\d+ s: it takes 7 MB of memory\n/);
  });
});
