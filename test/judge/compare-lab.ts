import { later, ms } from '../../sim/core/time.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { showConntrack } from '../../sim/show/linux-conntrack.ts';
import { showIptablesSave } from '../../sim/show/linux-iptables.ts';
import { buildWorld } from '../../sim/world/build.ts';
import type { World } from '../../sim/world/world.ts';
import { type Checksummed, withChecksums } from './compare-lab-frames.ts';
import type { FrameRecord, JsonRow, PointRecord, WorldRecord } from './record.ts';

/*
 * Records to compare, made by the simulator, and what a test does to them: it breaks them on purpose.
 */

/** a 10.0.1.2 -- r -- 10.0.2.2 b; a is behind MASQUERADE, the far link takes 1000 bytes. */
export const LAB = {
  topology: {
    topology: {
      nodes: {
        a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
        r: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24', mtu: 1000 } },
          sysctls: { 'net.ipv4.ip_forward': 1 },
          exec: ['iptables -t nat -A POSTROUTING -o eth1 -p tcp -j MASQUERADE'],
        },
        b: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.2.2/24', mtu: 1000 } },
          routes: ['default via 10.0.2.1'],
          services: [
            { port: 7, protocol: 'tcp' },
            { port: 9, protocol: 'udp' },
            { port: 11, protocol: 'tcp', program: 'sink' },
          ],
        },
      },
      links: [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['r:eth1', 'b:eth0'], mtu: 1000 }],
    },
  },
  steps: [
    { ping: { from: 'a', to: '10.0.2.2', count: 2, interval: '200ms' } },
    { ping: { from: 'a', to: '10.0.2.2', count: 1, ttl: 1 } },
    { tcp: { from: 'a', to: '10.0.2.2:7', send: 'hello' } },
    { udp: { from: 'a', to: '10.0.2.2:9', size: 1800 } },
    { udp: { from: 'a', to: '10.0.2.2:99' } },
    { tcp: { from: 'a', to: '10.0.2.2:77' } },
    { ping: { from: 'a', to: '10.0.2.99', count: 1 } },
  ],
};

/** Plays a scenario in the simulator; what it left behind is told as that of `world`. Also heard: lo of `loopbacks`. */
export function record(
  document: object,
  world: WorldRecord['world'],
  seed = 1,
  loopbacks: readonly string[] = [],
): { record: WorldRecord; played: World } {
  const scenario = scenarioSchema.parse({ name: 'lab', seed, ...document });
  if (typeof scenario.topology === 'string') throw new Error('the topology stands in the scenario');
  const { world: played, findings } = buildWorld(scenario.topology, {
    seed: scenario.seed,
    trace: true,
    capture: true,
  });
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join('; '));
  for (const { title, net } of played.stacks()) if (loopbacks.includes(title)) played.captures?.listen(net.loopback);
  const { outcomes } = runScenario(played, scenario);
  played.advance(later(played.clock.now, ms(1000)));
  const steps = outcomes.map(({ index, title, at, probe }) => ({
    index,
    title,
    started: at,
    ended: at,
    result: { finished: probe?.finished ?? true },
  }));
  const points = (played.captures?.captures() ?? []).map(({ device, name, frames }): PointRecord => {
    const node = name.slice(0, name.lastIndexOf(':'));
    return {
      node,
      device: device.name,
      frames: Array.from(frames, ({ time, direction, bytes, packet }) => ({ time, direction, bytes, packet })),
    };
  });
  const nodes = played.stacks().map((stack) => {
    const { namespace } = played.snapshot(stack);
    const rows = (list: readonly object[]): JsonRow[] => list.map((row) => ({ ...row }));
    return {
      node: stack.title,
      addresses: rows(namespace.addr),
      routes: rows(namespace.route),
      rules: rows(namespace.rule),
      neighbours: rows(namespace.neigh),
      fdb: rows(namespace.fdb),
      conntrack: showConntrack(namespace)
        .split('\n')
        .filter((line) => line !== ''),
      iptables: showIptablesSave(namespace.iptables, true),
      counters: namespace.counters,
      droppingRules: [],
    };
  });
  return { record: { world, until: played.clock.now, steps, points, nodes }, played };
}

/** The record with each frame as `edit` leaves it: undefined takes it out. */
export function edited(
  whole: WorldRecord,
  edit: (frame: FrameRecord, point: string, index: number) => FrameRecord | undefined,
): WorldRecord {
  return {
    ...whole,
    points: whole.points.map((point) => ({
      ...point,
      frames: point.frames.flatMap((frame, index) => edit(frame, `${point.node}:${point.device}`, index) ?? []),
    })),
  };
}

/** The record with fields of frames rewritten, and the checksums that cover them made right again. */
export function rewritten(
  whole: WorldRecord,
  rewrite: (frame: Checksummed, point: string, index: number) => void,
): WorldRecord {
  return edited(whole, (frame, point, index) => ({
    ...frame,
    bytes: withChecksums(frame.bytes, (view) => rewrite(view, point, index)),
  }));
}
