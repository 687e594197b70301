import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompareOptions, compareWorlds } from './compare/compare.ts';
import { dissect } from './compare/dissect.ts';
import { reportText } from './compare/report.ts';
import { worldFrames } from './compare/world-frames.ts';
import { edited, LAB, record, rewritten } from './compare-lab.ts';
import type { Checksummed } from './compare-lab-frames.ts';
import type { FrameRecord, NodeRecord, WorldRecord } from './record.ts';

const { record: simulated, played } = record(LAB, 'simulator');
/** The same scenario with other random numbers: what the kernel would show if the two agreed. */
const kernel = record(LAB, 'kernel', 77).record;

const MS = 1_000_000;

/** What is wrong, as `where: field`, with how much follows from it left out. */
function found(one: WorldRecord, other: WorldRecord, options: CompareOptions = {}): string[] {
  return compareWorlds(one, other, options).differences.map(({ kind, where, field }) =>
    `${kind} ${where} ${field}`.trim(),
  );
}

/** Frames of the record, with where they stand. */
const places = simulated.points.flatMap((point) =>
  point.frames.map((frame, index) => ({ point: `${point.node}:${point.device}`, index, frame })),
);

/** The frame at a place replaced. */
function replaced(at: { point: string; index: number }, by: (frame: FrameRecord) => FrameRecord): WorldRecord {
  return edited(simulated, (frame, point, index) => (point === at.point && index === at.index ? by(frame) : frame));
}

describe('a frame taken apart', () => {
  it('covers every byte once, in order, whatever its lengths say', () => {
    const anyFrame = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.constantFrom(...places), fc.nat(), fc.nat(255), fc.nat(1600)).map(([{ frame }, at, byte, length]) => {
        const bytes = new Uint8Array(frame.bytes.subarray(0, length));
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(anyFrame, (bytes) => {
        let at = 0;
        for (const field of dissect(bytes).fields) {
          expect(field.start).toBe(at);
          expect(field.end).toBeGreaterThan(at);
          at = field.end;
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('shows the packet that an ICMP error quotes', () => {
    const error = places.find(({ frame }) => dissect(frame.bytes).quoted?.protocol === 17)?.frame;
    const values = new Map(dissect(error?.bytes ?? new Uint8Array()).fields.map(({ name, text }) => [name, text]));
    expect(values.get('icmp.type')).toBe('3');
    expect(values.get('icmp.code')).toBe('3');
    expect(values.get('icmp.quoted.udp.dstport')).toBe('99');
  });
});

describe('two worlds that agree', () => {
  it('a record has no difference from itself, and no mask was needed', () => {
    const { differences, masks } = compareWorlds(simulated, { ...simulated, world: 'kernel' });
    expect(differences).toEqual([]);
    expect(masks).toEqual([]);
  });

  it('other random numbers are let pass, each by the name of its mask', () => {
    const comparison = compareWorlds(simulated, kernel);
    expect(reportText(comparison)).toMatch(/^agrees: /);
    const names = comparison.masks.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['checksum', 'echo-id', 'ip-id', 'port', 'tcp-isn', 'tcp-timestamp']));
  });

  it('flows that have nothing to do with one another may pass in any order', () => {
    const near = (one: FrameRecord, other: FrameRecord): boolean => Math.abs(one.time - other.time) <= 20 * MS;
    const world = worldFrames(simulated);
    const swaps = [...world.points.values()].flatMap((frames) =>
      frames.flatMap((seen, at) => {
        const next = frames[at + 1];
        const isIndependent =
          next !== undefined && seen.flow.about !== next.flow.about && near(seen.record, next.record);
        return isIndependent ? [{ point: seen.point, at }] : [];
      }),
    );
    expect(swaps.length).toBeGreaterThan(5);
    fc.assert(
      fc.property(fc.subarray(swaps, { minLength: 1 }), (chosen) => {
        const points = simulated.points.map((point) => {
          const frames = [...point.frames];
          for (const { at } of chosen.filter((swap) => swap.point === `${point.node}:${point.device}`)) {
            const [one, other] = [frames[at], frames[at + 1]];
            if (one === undefined || other === undefined) continue;
            if (!near(one, other) || dependent(one, other)) continue;
            frames[at] = { ...other, time: one.time };
            frames[at + 1] = { ...one, time: other.time };
          }
          return { ...point, frames };
        });
        expect(found({ ...simulated, points }, kernel)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

/** A chain of swaps may have brought two frames of one flow side by side. */
function dependent(one: FrameRecord, other: FrameRecord): boolean {
  const point = { node: 'x', device: 'x', frames: [one, other] };
  const [a, b] = worldFrames({ world: 'simulator', until: 0, steps: [], points: [point], nodes: [] }).ordered;
  return a?.flow.about === b?.flow.about;
}

describe('a bit that differs', () => {
  it('is found wherever it is, and told where it first shows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.nat(), (place, chosen) => {
        const bit = chosen % (place.frame.bytes.length * 8);
        const bytes = new Uint8Array(place.frame.bytes);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        const [first] = compareWorlds(
          replaced(place, (frame) => ({ ...frame, bytes })),
          kernel,
        ).differences;
        expect(first, `${place.point} frame ${place.index + 1} bit ${bit}`).toBeDefined();
        expect(['frame', 'missing', 'extra']).toContain(first?.kind);
      }),
      { numRuns: 150 },
    );
  });

  it('in a field that no mask covers is named', () => {
    const flip = (name: string) => (frame: Checksummed) => frame.set(name, (value) => value ^ 1);
    const at = places.find(({ point, frame }) => point === 'r:eth1' && isTcpWithData(frame));
    for (const name of ['eth.src', 'ip.tos', 'ip.ttl', 'tcp.urgent', 'tcp.data']) {
      const broken = rewritten(simulated, (frame, point, index) => {
        if (point === at?.point && index === at.index) flip(name)(frame);
      });
      expect(found(broken, kernel)[0]).toBe(`frame r:eth1 out ${name}`);
    }
  });
});

function isTcpWithData(frame: FrameRecord): boolean {
  return dissect(frame.bytes).fields.some(({ name }) => name === 'tcp.data');
}

describe('a mask', () => {
  const shifted = 0x01234567;
  const isFromA = (frame: Checksummed): boolean => (frame.value('tcp.dstport') ?? 0) < 1024;

  it('of sequence numbers lets one distance pass, and no second', () => {
    const shift = (frame: Checksummed): void => {
      frame.set(isFromA(frame) ? 'tcp.seq' : 'tcp.ack', (value) => (value === 0 ? 0 : (value + shifted) >>> 0));
    };
    expect(found(rewritten(simulated, shift), kernel)).toEqual([]);
    const once = rewritten(simulated, (frame, point, index) => {
      shift(frame);
      const isData = frame.frame.fields.some(({ name }) => name === 'tcp.data');
      if (point === 'b:eth0' && isData && isFromA(frame)) frame.set('tcp.seq', (value) => (value + index) >>> 0);
    });
    expect(found(once, kernel)).toEqual(['frame b:eth0 in tcp.seq']);
  });

  it('of ports lets another port pass where it is the same port everywhere', () => {
    const other = (family: string, from: (port: number) => number) => (frame: Checksummed) => {
      // Of a fragment the checksum cannot be mended.
      if (frame.frame.ip?.moreFragments === true) return;
      for (const prefix of ['', 'icmp.quoted.']) {
        for (const side of ['srcport', 'dstport']) {
          frame.set(`${prefix}${family}.${side}`, (port) => (port < 1024 ? port : from(port)));
        }
      }
    };
    expect(
      found(
        withoutConntrack(
          rewritten(
            simulated,
            other('udp', (port) => port ^ 0x10),
          ),
        ),
        withoutConntrack(kernel),
      ),
    ).toEqual([]);
    const inOnePlace = rewritten(simulated, (frame, point) => {
      if (point === 'b:eth0') other('tcp', (port) => port ^ 0x10)(frame);
    });
    expect(found(inOnePlace, kernel)[0]).toBe('frame b:eth0 in tcp.srcport');
  });

  it('of ports never covers a port that the scenario names', () => {
    const port = Number(places.map(({ frame }) => textOf(frame, 'tcp.srcport')).find((value) => Number(value) > 1024));
    expect(found(simulated, kernel, { named: new Set([port]) })[0]).toMatch(/tcp\.(src|dst)port$/);
    expect(found(simulated, kernel, { named: new Set([7, 9, 77, 99]) })).toEqual([]);
  });

  it('of IP ids wants forwarded copies to keep them, and steps of one in a connection', () => {
    const atB = rewritten(simulated, (frame, point) => {
      if (point === 'b:eth0' && frame.value('icmp.type') === 8) frame.set('ip.id', (id) => id ^ 0x40);
    });
    expect(found(atB, kernel)).toEqual(['frame b:eth0 in ip.id']);
    const step = rewritten(simulated, (frame) => {
      if (frame.value('tcp.flags') === 0x18) frame.set('ip.id', (id) => id + 3);
    });
    expect(found(step, kernel)[0]).toBe('frame a:eth0 out ip.id');
  });

  it('of IP ids wants zero in both worlds', () => {
    const zero = rewritten(simulated, (frame) => {
      if (frame.value('icmp.type') === 0) frame.set('ip.id', () => 0);
    });
    expect(found(zero, kernel)[0]).toMatch(/ip\.id$/);
  });

  it('of timestamps wants an echo of what was sent', () => {
    const echo = rewritten(simulated, (frame) =>
      frame.set('tcp.option.timestamp.echo', (value) => (value === 0 ? 0 : value + 9)),
    );
    expect(found(echo, kernel)[0]).toMatch(/tcp\.option\.timestamp\.echo$/);
  });

  it('of the time in a ping wants the answer to bring it back', () => {
    const stale = rewritten(simulated, (frame) => {
      if (frame.value('icmp.type') === 0) frame.set('icmp.data.time', () => 5);
    });
    expect(found(stale, kernel)[0]).toMatch(/icmp\.data\.time$/);
  });

  it('of checksums wants them right, and of lo knows the sum that is left to the hardware', () => {
    const wrong = edited(simulated, (frame, point) => {
      const sum = dissect(frame.bytes).fields.find(({ name }) => name === 'tcp.checksum');
      if (point !== 'a:eth0' || sum === undefined) return frame;
      const bytes = new Uint8Array(frame.bytes);
      bytes[sum.start] = (bytes[sum.start] ?? 0) ^ 1;
      return { ...frame, bytes };
    });
    expect(found(wrong, kernel)[0]).toBe('frame a:eth0 out tcp.checksum');
  });
});

function textOf(frame: FrameRecord, name: string): string | undefined {
  return dissect(frame.bytes).fields.find((field) => field.name === name)?.text;
}

/** Its ports would have to be rewritten as well. */
function withoutConntrack(whole: WorldRecord): WorldRecord {
  return { ...whole, nodes: whole.nodes.map((node) => ({ ...node, conntrack: [] })) };
}

describe('rules of the kernel broken on purpose', () => {
  it('a TTL that is not decremented', () => {
    const broken = rewritten(simulated, (frame, point) => {
      if (point === 'r:eth1' && frame.value('ip.ttl') === 63) frame.set('ip.ttl', () => 64);
    });
    const comparison = compareWorlds(broken, kernel);
    const [first] = comparison.differences;
    expect(first?.where).toBe('r:eth1 out');
    expect(first?.field).toBe('ip.ttl');
    const text = reportText(comparison, { stepsOf: (packet) => played.recorder?.stepsOf(packet) ?? [] });
    expect(text).toMatch(/> ip\.ttl +64 +63/);
    expect(text).toMatch(/packet \d+ at r, last steps\n(.*\n)*.*dev_queue_xmit {2}sent/);
    expect(text).toContain('more in this flow');
  });

  it('an ICMP error that quotes eight bytes only', () => {
    const broken = edited(simulated, (frame) => {
      const { quoted } = dissect(frame.bytes);
      return quoted === undefined ? frame : { ...frame, bytes: frame.bytes.subarray(0, quoted.dataStart + 8) };
    });
    expect(found(broken, kernel).length).toBeGreaterThan(0);
    expect(found(broken, kernel)[0]).toMatch(/^frame (a|r):eth0 /);
  });

  it('a quoted TTL as it was sent and not as it was received', () => {
    const broken = rewritten(simulated, (frame) => frame.set('icmp.quoted.ip.ttl', (ttl) => (ttl === 1 ? 2 : ttl)));
    expect(found(broken, kernel)[0]).toBe('frame r:eth0 out icmp.quoted.ip.ttl');
  });

  it('an ARP request that is repeated after 1.2 s', () => {
    const lost = (frame: FrameRecord): boolean => textOf(frame, 'arp.target.ip') === '10.0.2.99';
    const first = places.find(({ frame }) => lost(frame))?.frame.time ?? 0;
    const broken = edited(simulated, (frame) =>
      lost(frame) ? { ...frame, time: first + (frame.time - first) * 1.2 } : frame,
    );
    expect(found(broken, kernel)).toContain('timing r:eth1 out');
    // The kernel's own slack: jiffies, and a scheduler that is 60 ms late.
    const slack = edited(kernel, (frame) =>
      lost(frame) ? { ...frame, time: first + (frame.time - first) * 1.03 + 60 * MS } : frame,
    );
    expect(found(simulated, slack)).toEqual([]);
  });

  it('a frame that is not there, or is there twice', () => {
    const at = places.find(({ point, frame }) => point === 'r:eth0' && textOf(frame, 'tcp.flags') === 'PSH ACK');
    const without = edited(simulated, (frame, point, index) =>
      point === at?.point && index === at.index ? undefined : frame,
    );
    expect(found(without, kernel)[0]).toBe('missing r:eth0 in');
    const twice = simulated.points.map((point) => ({
      ...point,
      frames: point.frames.flatMap((frame) => (frame === at?.frame ? [frame, frame] : [frame])),
    }));
    expect(found({ ...simulated, points: twice }, kernel)[0]).toBe('extra r:eth0 in');
  });

  it('NAT that takes another port although the one asked for is free', () => {
    const broken = rewritten(simulated, (frame, point) => {
      if (point === 'a:eth0' || point === 'r:eth0') return;
      for (const name of ['tcp.srcport', 'tcp.dstport']) frame.set(name, (port) => (port < 1024 ? port : port - 2));
    });
    expect(found(broken, kernel)).toContain('frame r:eth1 out tcp.srcport');
  });
});

describe('tables', () => {
  const withNode = (name: string, change: (node: NodeRecord) => Partial<NodeRecord>): WorldRecord => ({
    ...simulated,
    nodes: simulated.nodes.map((node) => (node.node === name ? { ...node, ...change(node) } : node)),
  });

  it('name the row that is missing, and the first key that differs', () => {
    const without = withNode('r', ({ routes }) => ({ routes: routes.filter(({ dst }) => dst !== '10.0.2.0/24') }));
    expect(found(without, kernel)).toEqual(['table r route']);
    const scope = withNode('r', ({ routes }) => ({
      routes: routes.map((route) => (route.dst === '10.0.2.0/24' ? { ...route, scope: 'host' } : route)),
    }));
    expect(found(scope, kernel)).toEqual(['table r route scope']);
    const failed = withNode('r', ({ neighbours }) => ({
      neighbours: neighbours.map((one) => (one.dst === '10.0.2.99' ? { ...one, state: ['STALE'] } : one)),
    }));
    expect(found(failed, kernel)).toEqual(['table r neigh state']);
  });

  it('compare counters exactly, and connections with their ports as the other world has them', () => {
    const counters = withNode('b', (node) => ({ counters: { ...node.counters, IpInReceives: 1 } }));
    expect(found(counters, kernel)).toEqual(['counter b nstat count']);
    const state = withNode('r', ({ conntrack }) => ({
      conntrack: conntrack.map((line) => line.replace('TIME_WAIT', 'CLOSE')),
    }));
    expect(found(state, kernel)).toEqual(['table r conntrack state']);
    const rule = withNode('r', ({ iptables }) => ({ iptables: iptables.replace(/\[\d+:\d+\] -A/, '[99:99] -A') }));
    expect(found(rule, kernel)).toEqual(['table r iptables count']);
  });

  it('compare what steps said, and which packets were dropped why', () => {
    const [first, ...rest] = simulated.steps;
    if (first === undefined) throw new Error('no step');
    const steps = [{ ...first, result: { finished: false } }, ...rest];
    expect(found({ ...simulated, steps }, kernel)).toEqual(['step step 1 (ping a) finished']);
    expect(found({ ...simulated, drops: { NO_SOCKET: 1 } }, { ...kernel, drops: { NO_SOCKET: 2 } })).toEqual([
      'drop drops packets',
    ]);
  });
});
