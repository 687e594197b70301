import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../sim/core/limits.ts';
import { ns, seconds } from '../../sim/core/time.ts';
import { haltLines } from '../../sim/explain/halt-text.ts';
import { registerDevice } from '../../sim/kernel/control.ts';
import type { Net } from '../../sim/kernel/net.ts';
import { createNetNamespace } from '../../sim/kernel/net-namespace.ts';
import { BridgeDevice } from '../../sim/link/bridge.ts';
import { devQueueXmit } from '../../sim/link/device.ts';
import { createVethPair } from '../../sim/link/veth.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../sim/scenario/scenario-schema.ts';
import { buildWorld } from '../../sim/world/build.ts';
import { topologySchema } from '../../sim/world/topology-schema.ts';
import { programHost, type World } from '../../sim/world/world.ts';

/** Few enough that a storm is seen to in no time. */
const LIMITS: Limits = { ...DEFAULT_LIMITS, transmissions: 500 };

interface Network {
  readonly nodes: Record<string, unknown>;
  readonly links?: readonly unknown[];
}

function build({ nodes, links = [] }: Network, limits: Partial<Limits> = {}): World {
  const { world, findings } = buildWorld(topologySchema.parse({ topology: { nodes, links } }), {
    seed: 1,
    trace: false,
    capture: true,
    limits: { ...LIMITS, ...limits },
  });
  expect(findings).toEqual([]);
  return world;
}

function play(network: Network, steps: readonly object[], limits: Partial<Limits> = {}): World {
  const world = build(network, limits);
  runScenario(world, scenarioSchema.parse({ name: 'storm', topology: 'none', steps }));
  world.audit();
  return world;
}

function told(world: World): string {
  return world.halt === undefined ? '' : haltLines(world, world.halt).join('\n');
}

const host = (address: string) => ({ kind: 'linux', interfaces: { eth0: { address } } });
const link = (a: string, b: string, more: object = {}) => ({ endpoints: [a, b], ...more });
const ASK = [{ ping: { from: 'pc', to: '10.0.0.9', count: 1 } }];

/** A host at a bridge, and whatever stands behind that. */
function behind(nodes: Record<string, unknown>, links: readonly unknown[]): Network {
  return {
    nodes: { pc: host('10.0.0.1/24'), sw1: { kind: 'bridge' }, ...nodes },
    links: [link('pc:eth0', 'sw1:p0'), ...links],
  };
}

describe('a storm', () => {
  it.each([
    ['without a rate', {}],
    ['at a rate', { rate: '100mbit' }],
    ['without a delay', { delay: '0s' }],
  ])('is two bridges in a loop over cables %s', (_, cable) => {
    const network = behind({ sw2: { kind: 'bridge' } }, [
      link('sw1:p1', 'sw2:p1', cable),
      link('sw1:p2', 'sw2:p2', cable),
    ]);
    const world = play(network, ASK);
    expect(world.halt?.reason).toBe('storm');
    expect([...(world.halt?.loop ?? [])].sort()).toHaveLength(2);
    expect(told(world)).toMatch(/^STORM: stopped at \d+\.\d+ s: one frame and its copies were sent \d+ times/);
    expect(told(world)).toContain('ARP who has 10.0.0.9?, from pc:eth0');
    expect(told(world)).toMatch(
      /loop {4}(sw1:p1 > sw2:p2 > sw1:p1|sw2:p2 > sw1:p1 > sw2:p2|sw1:p2 > sw2:p1 > sw1:p2|sw2:p1 > sw1:p2 > sw2:p1)/,
    );
  });

  it('is a loop over veth pairs, in which no time passes', () => {
    const world = build({ nodes: {} });
    const machine = new Machine(world);
    const [one, two] = [machine.bridge('br0'), machine.bridge('br1')];
    for (const name of ['a', 'b']) machine.veth(one, `${name}0`, two, `${name}1`);
    machine.broadcast(one);
    expect(world.advance(seconds(1))).toBe('halted');
    expect(world.halt).toMatchObject({ reason: 'storm', at: 0 });
    expect(told(world)).toMatch(/loop {4}machine:([ab][01]) > machine:[ab][01] > machine:\1\n/);
    world.audit();
  });

  it('is a bridge that is plugged into itself', () => {
    const world = play(behind({}, [link('sw1:p1', 'sw1:p2')]), ASK);
    expect(world.halt?.reason).toBe('storm');
    expect(told(world)).toMatch(/loop {4}sw1:p[12] > sw1:p[12]( > sw1:p[12])?\n/);
  });

  it('is one frame to one station that nobody has seen, going round among three bridges', () => {
    const network = behind({ sw2: { kind: 'bridge' }, sw3: { kind: 'bridge' } }, [
      ...[link('sw1:a', 'sw2:b'), link('sw2:a', 'sw3:b'), link('sw3:a', 'sw1:b')],
    ]);
    const steps = [
      { exec: { on: 'pc', commands: ['ip neigh add 10.0.0.9 lladdr 02:00:00:00:99:99 dev eth0 nud permanent'] } },
      ...ASK,
    ];
    const world = play(network, steps);
    expect(world.halt?.reason).toBe('storm');
    expect(told(world)).toContain('ICMP echo request 10.0.0.1 > 10.0.0.9, from pc:eth0');
    expect(world.halt?.loop).toHaveLength(3);
  });

  it('goes on where the limit says so, and the world stands still after it', () => {
    const network = behind({}, [link('sw1:p1', 'sw1:p2')]);
    const short = play(network, ASK);
    const long = play(network, ASK, { transmissions: 5000 });
    expect(long.halt?.frame?.transmissions).toBeGreaterThan(5000);
    expect(short.halt?.frame?.transmissions).toBeLessThan(5000);
    const { now, ran } = short.clock;
    expect(short.advance(seconds(100))).toBe('halted');
    expect(short.clock).toMatchObject({ now, ran });
  });
});

describe('no storm', () => {
  /** What the host sends to nowhere goes to and fro between the two routers. */
  const twoRouters = {
    nodes: {
      host: { kind: 'linux', interfaces: { eth0: { address: '10.1.0.2/24' } }, routes: ['default via 10.1.0.1'] },
      a: {
        kind: 'linux',
        sysctls: { 'net.ipv4.ip_forward': 1 },
        interfaces: { eth0: { address: '10.0.0.1/24' }, eth1: { address: '10.1.0.1/24' } },
        routes: ['default via 10.0.0.2'],
      },
      b: {
        kind: 'linux',
        sysctls: { 'net.ipv4.ip_forward': 1 },
        interfaces: { eth0: { address: '10.0.0.2/24' } },
        routes: ['default via 10.0.0.1'],
      },
    },
    links: [link('host:eth0', 'a:eth1'), link('a:eth0', 'b:eth0')],
  };
  const forwarded = (world: World): number[] => world.stacks().map(({ net }) => Number(net.counters.IpForwDatagrams));

  it('is a loop of routers: the TTL ends it, and ICMP errors are limited', () => {
    const pings = { ping: { from: 'host', to: '192.0.2.1', count: 200, interval: '1ms', ttl: 255 } };
    const world = play(twoRouters, [pings], { transmissions: 100 });
    expect(world.halt).toBeUndefined();
    // 254 routers a ping, in turn.
    expect(forwarded(world)).toEqual([0, 200 * 127, 200 * 127]);
    const errors = world.stacks().map(({ net }) => Number(net.counters.IcmpOutTimeExcds));
    expect(Math.max(...errors)).toBeLessThan(100);
  });

  it('is one in which the forty-one pieces of a packet circle', () => {
    const world = play(twoRouters, [{ ping: { from: 'host', to: '192.0.2.1', count: 1, size: 60_000, ttl: 255 } }]);
    expect(world.halt).toBeUndefined();
    expect(forwarded(world)).toEqual([0, 41 * 127, 41 * 127]);
  });

  it('is a broadcast to ten thousand ports', () => {
    const world = build({ nodes: {} });
    const machine = new Machine(world);
    const [bridge, others] = [machine.bridge('br0'), machine.bridge('br1')];
    machine.veth(bridge, 'up', others, 'down');
    for (let index = 0; index < 10_000; index++)
      machine.veth(index % 2 === 0 ? bridge : others, `a${index}`, undefined, `b${index}`);
    machine.broadcast(bridge);
    expect(world.advance(seconds(1))).toBe('reached');
    expect(world.ledger.born).toBeGreaterThan(10_000);
    world.audit();
  });

  it('is a flow that goes on for long', () => {
    const world = build(
      { nodes: { a: host('10.0.0.1/24'), b: host('10.0.0.2/24') }, links: [link('a:eth0', 'b:eth0')] },
      { transmissions: 100 },
    );
    const stack = world.find('a');
    if (stack === undefined) throw new Error('no a');
    const socket = programHost(world, stack).udp.open({ name: 'sender', place: stack.place });
    socket.connect(0x0a000002, 9);
    const next = (left: number): void => {
      socket.send(new Uint8Array(10));
      if (left > 1) world.clock.after(ns(10_000), next, left - 1);
    };
    next(3000);
    expect(world.advance(seconds(1))).toBe('reached');
    expect(world.ledger.born).toBeGreaterThan(3000);
  });
});

/** A namespace of bridges and veth pairs. */
class Machine {
  readonly #world: World;
  readonly #net: Net;
  #mac = 0x020000000001;

  constructor(world: World) {
    const { clock, chance, ledger } = world;
    this.#world = world;
    const place = { node: 'machine', role: 'linux', title: 'machine' } as const;
    this.#net = createNetNamespace(place, { clock, chance, ledger });
    world.nodes.set('machine', { kind: 'linux', name: 'machine', net: this.#net, bridges: [] });
  }

  bridge(name: string): BridgeDevice {
    const bridge = new BridgeDevice(this.#world.clock, { name, mac: this.#mac++, mtu: 1500 });
    registerDevice(this.#net, bridge);
    bridge.setUp(true);
    return bridge;
  }

  veth(a: BridgeDevice | undefined, nameOfA: string, b: BridgeDevice | undefined, nameOfB: string): void {
    const options = (name: string) => ({ name, mac: this.#mac++, mtu: 1500 });
    const pair = createVethPair(this.#world.clock, options(nameOfA), options(nameOfB));
    for (const device of pair) {
      registerDevice(this.#net, device);
      device.setUp(true);
    }
    a?.addPort(pair[0]);
    b?.addPort(pair[1]);
  }

  /** The bridge sends one, of no protocol that anybody knows. */
  broadcast(bridge: BridgeDevice): void {
    const frame = new Uint8Array(60).fill(0xff, 0, 6);
    frame[11] = 1;
    devQueueXmit(Packet.of(this.#world.ledger, frame), bridge);
  }
}
