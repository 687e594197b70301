import { must } from '../../sim/core/assert.ts';
import { ms, ns, us } from '../../sim/core/time.ts';
import { startPing } from '../../sim/program/ping.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import { programHost } from '../../sim/world/world.ts';
import { build, mustArrive, runAll } from './bench-world.ts';
import type { JobOptions, Work } from './job.ts';

/*
 * One Comware device with many containers on its TPA bridge. It is built, which is what matters; then they ping the
 * gateway, one after the other. Each finds it by a broadcast that the bridge gives to all the others: the frames grow with
 * the square of the containers, on a real bridge too, so that of very many only some do.
 */

const GATEWAY = '10.128.0.1';
const GAP = us(100);
const MOST_PINGS = 1000;

export function containers(size: number, options: JobOptions): Work {
  const pings = Math.min(options.pings ?? MOST_PINGS, size);
  const began = performance.now();
  const world = build(deviceWith(size));
  const built = (performance.now() - began) / 1e3;
  const stacks = world.stacks().filter(({ place }) => place.role === 'container');
  if (stacks.length !== size) throw new Error(`${stacks.length} of ${size} containers run`);
  const destination = must(parseIpv4(GATEWAY), 'an address');
  let answered = 0;
  for (const [index, stack] of stacks.slice(0, pings).entries()) {
    const host = programHost(world, stack);
    const ping = (): void => {
      const once = { destination, count: 1, size: 56, interval: ms(1000), source: 0, linger: ms(1000) };
      startPing(host, once, ({ replies }) => {
        answered += replies.length;
      });
    };
    world.clock.after(ns(GAP * (index + 1)), ping, undefined);
  }
  return {
    run: () => runAll(world),
    tally() {
      mustArrive(world, 'answers', answered, pings);
      const more = { build_s: built };
      return { packets: 2 * pings, hops: 4 * pings, events: world.clock.ran, more };
    },
  };
}

function deviceWith(count: number): TopologyInput['topology'] {
  const names = Array.from({ length: count }, (_, index) => `container${index + 1}`);
  return {
    nodes: {
      device: {
        kind: 'comware',
        interfaces: { 'Virtual-Eth-Group0': { address: `${GATEWAY}/9` } },
        containers: Object.fromEntries(names.map((name) => [name, {}])),
      },
    },
  };
}
