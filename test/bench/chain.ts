import { must } from '../../sim/core/assert.ts';
import { seconds, us, ZERO } from '../../sim/core/time.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import type { TopologyInput } from '../../sim/world/topology-schema.ts';
import type { World } from '../../sim/world/world.ts';
import { build, hostOf, mustArrive, receivedBy, runAll } from './bench-world.ts';
import { CaptureFiles } from './capture-files.ts';
import { connected, SINK_PORT, sendAll, sendOne } from './flow.ts';
import type { JobOptions, Work } from './job.ts';

/*
 * A source, some routers and a sink in a row, with static routes: one UDP flow from end to end. One datagram goes ahead
 * and finds every neighbour on the way; then come those that count, one each 10 us.
 */

const ROUTERS = 8;
const PAYLOAD = 100;
const GAP = us(10);

export function chain(size: number, options: JobOptions): Work {
  const { routers = ROUTERS, payload = PAYLOAD, capture = false } = options;
  const files = capture ? new CaptureFiles() : undefined;
  const world = build(chainTopology(routers), files === undefined ? {} : { capture: files.options });
  return flowOf(world, { size, routers, payload, files });
}

/** The same with every step of every packet kept. */
export function trace(size: number, { routers = ROUTERS, payload = PAYLOAD }: JobOptions): Work {
  const world = build(chainTopology(routers), { trace: true });
  return flowOf(world, { size, routers, payload, files: undefined });
}

interface Flow {
  readonly size: number;
  readonly routers: number;
  readonly payload: number;
  readonly files: CaptureFiles | undefined;
}

/** What the chain does, in a world that has its two ends. */
export function flowOf(world: World, { size, routers, payload, files }: Flow): Work {
  const host = hostOf(world, 'source');
  const socket = connected(host, must(parseIpv4(`10.1.${routers}.2`), 'an address'));
  const data = new Uint8Array(payload);
  host.clock.after(ZERO, () => sendOne(socket, data), undefined);
  sendAll(host, socket, { payload: data, count: size, start: seconds(1), gap: GAP });
  return {
    run() {
      runAll(world);
      files?.close();
    },
    tally() {
      const packets = Math.max(0, receivedBy(world, 'sink') - 1);
      mustArrive(world, 'packets', packets, size);
      const links = routers + 1;
      const captured = files === undefined ? {} : { captured_frames: files.frames, captured_bytes: files.bytes };
      files?.remove();
      return { packets, hops: packets * links, events: world.clock.ran, more: captured };
    },
  };
}

/** source - r1 - ... - sink; link i is 10.1.i.0/24, its near end .1 and its far end .2. */
export function chainTopology(routers: number): TopologyInput['topology'] {
  const names = ['source', ...Array.from({ length: routers }, (_, index) => `r${index + 1}`), 'sink'];
  const links = routers + 1;
  const nodes = names.map((name, index) => {
    const left = index === 0 ? {} : { eth0: { address: `10.1.${index - 1}.2/24` } };
    const right = index === links ? {} : { eth1: { address: `10.1.${index}.1/24` } };
    const isRouter = index > 0 && index < links;
    return [
      name,
      {
        kind: 'linux' as const,
        interfaces: { ...left, ...right },
        routes: routesOf(index, links),
        sysctls: isRouter ? { 'net.ipv4.ip_forward': 1 } : {},
        services: index === links ? [{ port: SINK_PORT, program: 'sink' as const }] : [],
      },
    ] as const;
  });
  return {
    nodes: Object.fromEntries(nodes),
    links: names.slice(1).map((name, index) => ({
      endpoints: [`${names[index]}:eth1`, `${name}:eth0`],
      rate: '1gbit',
      delay: '1us',
    })),
  };
}

/** The ends have a default route; a router has one to each link that it does not end. */
function routesOf(index: number, links: number): string[] {
  if (index === 0) return ['default via 10.1.0.2'];
  if (index === links) return [`default via 10.1.${links - 1}.1`];
  return Array.from({ length: links }, (_, link) => link).flatMap((link) => {
    if (link + 1 < index) return [`10.1.${link}.0/24 via 10.1.${index - 1}.1`];
    return link > index ? [`10.1.${link}.0/24 via 10.1.${index}.2`] : [];
  });
}
