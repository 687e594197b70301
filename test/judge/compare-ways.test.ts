import { describe, expect, it } from 'vitest';
import { compareWorlds } from './compare/compare.ts';
import { edited, record, rewritten } from './compare-lab.ts';
import type { WorldRecord } from './record.ts';

/* What a point cannot know: packets that take another way, requests that begin anew, commands that take their time. */

function found(one: WorldRecord, other: WorldRecord): string[] {
  return compareWorlds(one, other).differences.map(({ kind, where, field }) => `${kind} ${where} ${field}`.trim());
}

const service = { services: [{ port: 7, protocol: 'tcp' }] };

/** What a sends comes in by b:eth1, what b answers leaves by b:eth0. */
const triangle = {
  topology: {
    topology: {
      nodes: {
        a: {
          kind: 'linux',
          interfaces: { eth0: { address: '10.0.0.1/24' }, eth1: { address: '10.0.1.1/24' } },
          routes: ['10.0.9.2/32 via 10.0.1.2'],
        },
        b: {
          kind: 'linux',
          interfaces: {
            eth0: { address: '10.0.0.2/24' },
            eth1: { address: '10.0.1.2/24' },
            eth2: { address: '10.0.9.2/32' },
          },
          ...service,
        },
        c: { kind: 'linux', interfaces: { eth0: { address: '10.0.8.1/24' } } },
      },
      links: [
        { endpoints: ['a:eth0', 'b:eth0'] },
        { endpoints: ['a:eth1', 'b:eth1'] },
        { endpoints: ['b:eth2', 'c:eth0'] },
      ],
    },
  },
  steps: [{ tcp: { from: 'a', to: '10.0.9.2:7', source: '10.0.0.1', send: 'x', size: 1000 } }],
};

describe('a window, where data comes by another way than acknowledgements leave', () => {
  const simulated = record(triangle, 'simulator').record;
  const kernel = record(triangle, 'kernel', 5).record;

  /** The window of the n-th segment without SYN that leaves b by eth0, made another. */
  const other = (whole: WorldRecord, from: number): WorldRecord => {
    let count = 0;
    return rewritten(whole, (frame, point) => {
      if (point !== 'b:eth0' && point !== 'a:eth0') return;
      if (frame.value('tcp.srcport') !== 7) return;
      if (point === 'b:eth0') count++;
      if (count > from) frame.set('tcp.window', (value) => value + 30);
    });
  };

  it('is not the first any more once it acknowledges data', () => {
    const points = kernel.points.filter(({ frames }) => frames.length > 0).map(({ node, device }) => node + device);
    expect(points).toEqual(expect.arrayContaining(['beth0', 'beth1']));
    expect(found(simulated, other(kernel, 1))).toEqual([]);
  });

  it('is compared in the SYN-ACK', () => {
    expect(found(simulated, other(kernel, 0))[0]).toMatch(/^frame (a:eth0 in|b:eth0 out) tcp.window$/);
  });
});

describe('a request that begins anew', () => {
  // b has no neighbour for its answer: the errors about two SYN-ACKs with numbers of their own come back over lo.
  const document = {
    topology: {
      topology: {
        nodes: {
          a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } }, routes: ['default via 10.0.0.2'] },
          b: {
            kind: 'linux',
            interfaces: { eth0: { address: '10.0.0.2/24' }, eth1: { address: '10.0.1.2/24' } },
            routes: ['10.0.0.1/32 via 10.0.1.1'],
            sysctls: { 'net.ipv4.neigh.default.mcast_solicit': 1 },
            ...service,
          },
          c: { kind: 'linux', interfaces: { eth0: { address: '10.0.2.1/24' } } },
        },
        links: [{ endpoints: ['a:eth0', 'b:eth0'] }, { endpoints: ['b:eth1', 'c:eth0'] }],
      },
    },
    steps: [{ tcp: { from: 'a', to: '10.0.0.2:7', timeout: '2500ms' } }],
  };

  const onLo = (seed: number, world: WorldRecord['world']): WorldRecord => {
    const { record: whole } = record(document, world, seed, ['b']);
    return edited(whole, (frame, point) => (point === 'b:lo' ? frame : undefined));
  };

  it('has a number of its own, which an error may quote where nothing else of it passes', () => {
    const [simulated, kernel] = [onLo(1, 'simulator'), onLo(7, 'kernel')];
    const numbers = new Set<number>();
    // The clock by which numbers grow is a random one too: the second is further from the first than here.
    const later = rewritten(kernel, (frame) => {
      const number = frame.value('icmp.quoted.tcp.seq') ?? 0;
      numbers.add(number);
      if (numbers.size > 1) frame.set('icmp.quoted.tcp.seq', (value) => value + 1000);
    });
    expect(numbers.size).toBeGreaterThan(1);
    expect(found(simulated, later)).toEqual([]);
  });
});

describe('a range of two ports that NAT chooses from', () => {
  const nat = 'iptables -t nat -A POSTROUTING -o eth1 -p udp -j SNAT --to-source 10.0.2.1:20000-20001';
  const document = {
    topology: {
      topology: {
        nodes: {
          a: { kind: 'linux', interfaces: { eth0: { address: '10.0.1.2/24' } }, routes: ['default via 10.0.1.1'] },
          r: {
            kind: 'linux',
            interfaces: { eth0: { address: '10.0.1.1/24' }, eth1: { address: '10.0.2.1/24' } },
            sysctls: { 'net.ipv4.ip_forward': 1 },
            exec: [nat],
          },
          b: { kind: 'linux', interfaces: { eth0: { address: '10.0.2.2/24' } }, services: [{ port: 7 }] },
        },
        links: [{ endpoints: ['a:eth0', 'r:eth0'] }, { endpoints: ['r:eth1', 'b:eth0'] }],
      },
    },
    steps: [4001, 4002].map((port) => ({ udp: { from: 'a', to: '10.0.2.2:7', source_port: port } })),
  };
  const worlds = Array.from(
    { length: 12 },
    (_, seed) => record(document, seed === 0 ? 'simulator' : 'kernel', seed + 1).record,
  );
  const first = ({ points }: WorldRecord): number => {
    const bytes = points.find(({ node }) => node === 'b')?.frames.find((frame) => frame.bytes[23] === 17)?.bytes;
    return (bytes?.[34] ?? 0) * 256 + (bytes?.[35] ?? 0);
  };
  const [simulated] = worlds as [WorldRecord];
  const crossed = worlds.find((world) => first(world) !== first(simulated));
  const numbers = new Set([7, 4001, 4002]);
  const named = (ranges: readonly (readonly [number, number])[]) => ({
    has: (port: number) => numbers.has(port),
    ranges,
  });

  it('may be shared out the other way round', () => {
    expect([20000, 20001]).toContain(first(simulated));
    const { differences } = compareWorlds(simulated, crossed as WorldRecord, { named: named([[20000, 20001]]) });
    expect(differences).toEqual([]);
  });

  it('is none where the scenario does not say so', () => {
    const { differences } = compareWorlds(simulated, crossed as WorldRecord, { named: named([]) });
    expect(differences).not.toEqual([]);
  });
});

describe('a command that takes its time', () => {
  it('counts from its end', () => {
    const pause = 600e6;
    const document = {
      ...triangle,
      steps: [{ exec: { on: 'a', commands: ['ip link set eth0 mtu 1400'] } }, { ping: { from: 'a', to: '10.0.1.2' } }],
    };
    const simulated = record(document, 'simulator').record;
    const steps = simulated.steps.map((step, index) =>
      index === 0 ? { ...step, started: step.started - pause, result: {} } : step,
    );
    // The frames of what follows are counted from the command in both, as if they were its own.
    const first = [steps[0], { ...simulated.steps[0], result: {} }];
    const only = (which: number): WorldRecord['steps'] => first.slice(which, which + 1) as WorldRecord['steps'];
    expect(found({ ...simulated, steps: only(1) }, { ...simulated, world: 'kernel', steps: only(0) })).toEqual([]);
  });
});
