import { describe, expect, it } from 'vitest';
import { compareWorlds } from './compare/compare.ts';
import { segmentOf } from './compare/tcp-stream.ts';
import { worldFrames } from './compare/world-frames.ts';
import { edited, LAB, record, rewritten } from './compare-lab.ts';
import { withChecksums } from './compare-lab-frames.ts';
import type { FrameRecord, WorldRecord } from './record.ts';

/* What a random number or the scheduling of the machine decides, and how far the comparison lets it. */

const SECOND = 1_000_000_000;

function found(one: WorldRecord, other: WorldRecord): string[] {
  return compareWorlds(one, other).differences.map(({ kind, where, field }) => `${kind} ${where} ${field}`.trim());
}

describe('a transfer beyond the first flight', () => {
  const long = { ...LAB, steps: [{ tcp: { from: 'a', to: '10.0.2.2:11', size: 120_000, send: 'abcdefg' } }] };
  const simulated = record(long, 'simulator').record;
  const kernel = record(long, 'kernel', 5).record;

  /** The frames that are pure ACKs of the middle of the transfer, by point and place. */
  const middle = (whole: WorldRecord): Set<FrameRecord> => {
    const acks = [...worldFrames(whole).points.values()].flatMap((frames) =>
      frames.filter((seen) => segmentOf(seen)?.data.length === 0 && segmentOf(seen)?.flags === 0x10).slice(20, -5),
    );
    return new Set(acks.map(({ record: frame }) => frame));
  };

  /** The receiver's IP ids without gaps, as it would have counted what it sent. */
  const renumbered = (whole: WorldRecord): WorldRecord => {
    const counts = new Map<string, number>();
    return rewritten(whole, (frame, point) => {
      if (frame.value('tcp.srcport') !== 11 || frame.value('ip.id') === 0) return;
      const count = counts.get(point) ?? 0;
      counts.set(point, count + 1);
      frame.set('ip.id', () => 1000 + count);
    });
  };

  it('agrees with one in which fewer segments are acknowledged alone', () => {
    const acks = middle(kernel);
    expect(acks.size).toBeGreaterThan(20);
    const fewer = renumbered(edited(kernel, (frame) => (acks.has(frame) ? undefined : frame)));
    const { differences, masks } = compareWorlds(simulated, fewer);
    // Fewer frames, and the counters still say how many there were.
    expect(differences.map(({ where, sentence }) => `${where}: ${sentence}`)).toEqual([]);
    expect(masks.map(({ name }) => name)).toContain('tcp-grouping');
  });

  it('is found out by one byte of its stream', () => {
    let seen = 0;
    const broken = rewritten(simulated, (frame, point) => {
      const data = frame.frame.fields.find(({ name }) => name === 'tcp.data');
      if (point !== 'b:eth0' || data === undefined || ++seen !== 30) return;
      frame.frame.bytes[data.start + 1] = 0x21;
    });
    expect(found(broken, kernel)[0]).toBe('frame b:eth0 in tcp.data');
  });

  it('is found out by a TTL, and by an end that does not come', () => {
    const ttl = rewritten(simulated, (frame, point, index) => {
      if (point === 'b:eth0' && index === 60) frame.set('ip.ttl', (value) => value - 1);
    });
    expect(found(ttl, kernel)[0]).toMatch(/^frame b:eth0 (in|out)$/);
    const open = edited(simulated, (frame, point) => {
      const flags = frame.bytes[47] ?? 0;
      return point === 'b:eth0' && frame.bytes[23] === 6 && flags & 1 ? undefined : frame;
    });
    expect(found(open, kernel)[0]).toMatch(/^frame b:eth0 (in|out) tcp\.(data|flags)$/);
  });
});

describe('an ARP request by unicast that only one world shows', () => {
  const base = record(LAB, 'simulator').record;
  const point = base.points.find(({ node, device }) => node === 'a' && device === 'eth0');
  const [request, reply] = (point?.frames ?? []).filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 6);

  const withProbe = (after: number): WorldRecord => {
    if (request === undefined || reply === undefined) throw new Error('no ARP');
    const bytes = new Uint8Array(request.bytes);
    bytes.set(reply.bytes.subarray(6, 12), 0);
    const probe = [
      { ...request, bytes, time: after },
      { ...reply, time: after + 100_000 },
    ];
    return {
      ...base,
      points: base.points.map((one) => (one === point ? { ...one, frames: [...one.frames, ...probe] } : one)),
    };
  };
  const until = (whole: WorldRecord): WorldRecord => ({ ...whole, until: 60 * SECOND });

  it('may be the random reachable time, when that can have run out', () => {
    const { differences, masks } = compareWorlds(until(base), until(withProbe(25 * SECOND)));
    expect(differences.map(({ where, sentence }) => `${where}: ${sentence}`)).toEqual([]);
    expect(masks).toContainEqual({ name: 'arp-revalidation', used: 2 });
  });

  it('is a difference before', () => {
    expect(found(until(base), until(withProbe(10 * SECOND)))).toEqual(['missing a:eth0 out']);
  });

  it('is not looked for in the last moments of a record', () => {
    const ends = { ...withProbe(10 * SECOND), until: 10.2 * SECOND };
    expect(found({ ...base, until: 10.2 * SECOND }, ends)).toEqual([]);
  });
});

describe('tables that random times decide', () => {
  const base = record(LAB, 'simulator').record;
  const withStates = (state: string, until: number, confirmed: number): WorldRecord => ({
    ...base,
    until,
    nodes: base.nodes.map((node) => ({
      ...node,
      neighbours: node.neighbours.map((row) => (row.dst === '10.0.1.1' ? { ...row, state: [state], confirmed } : row)),
    })),
  });

  it('may call a neighbour stale when it could have become so', () => {
    const late = 20 * SECOND;
    expect(found(withStates('REACHABLE', late, 20), withStates('STALE', late, 20))).toEqual([]);
    expect(found(withStates('REACHABLE', late, 20), withStates('FAILED', late, 20))).toEqual(['table a neigh state']);
  });

  it('may find one world on this side of the end of DELAY, and the other beyond', () => {
    const with5 = (state: string, updated: number): WorldRecord => {
      const whole = withStates(state, 6 * SECOND, 1);
      const age = (row: object): object => ('dst' in row && row.dst === '10.0.1.1' ? { ...row, updated } : row);
      return {
        ...whole,
        nodes: whole.nodes.map((node) => ({ ...node, neighbours: node.neighbours.map(age) as never })),
      };
    };
    expect(found(with5('DELAY', 4), with5('REACHABLE', 0))).toEqual([]);
    expect(found(with5('DELAY', 2), with5('REACHABLE', 0))).toEqual(['table a neigh state']);
  });

  it('may not before', () => {
    const early = 6 * SECOND;
    expect(found(withStates('REACHABLE', early, 5), withStates('STALE', early, 5))).toEqual(['table a neigh state']);
  });

  it('let the seconds of a connection differ by three', () => {
    const seconds = (more: number): WorldRecord => ({
      ...base,
      nodes: base.nodes.map((node) => ({
        ...node,
        conntrack: node.conntrack.map((line) =>
          line.replace(/^(\w+ +\d+ )(\d+)/, (_, head, left) => `${head}${Number(left) + more}`),
        ),
      })),
    });
    expect(found(base, seconds(3))).toEqual([]);
    expect(found(base, seconds(4)).every((text) => text === 'table r conntrack timeout')).toBe(true);
    expect(found(base, seconds(4)).length).toBeGreaterThan(0);
  });
});

describe('identifiers that a stack has chosen', () => {
  const ping = (to: string) => ({ ping: { from: 'a', to, count: 1, timeout: '100ms' } });
  const steps = [ping('10.0.2.2'), ping('10.0.2.2'), ping('10.0.2.2')];
  const simulated = record({ ...LAB, steps }, 'simulator').record;
  const kernel = record({ ...LAB, steps }, 'kernel', 9).record;

  it('are paired step by step, so that a flow that is missing does not shift the others', () => {
    const echoes = worldFrames(kernel).ordered.filter(({ flow }) => flow.family === 'echo');
    const [, second] = [...new Set(echoes.map(({ flow }) => flow.about))];
    const gone = new Set(echoes.filter(({ flow }) => flow.about === second).map(({ record: frame }) => frame));
    const without = edited(kernel, (frame) => (gone.has(frame) ? undefined : frame));
    const differences = found({ ...simulated, nodes: [] }, { ...without, nodes: [] });
    expect(differences).toEqual(['extra a:eth0 out']);
  });
});

describe('an ACK that waits 40 ms for data to ride on', () => {
  const slow = { ...LAB, steps: [{ tcp: { from: 'a', to: '10.0.2.2:7', send: 'one' } }] };
  const simulated = record(slow, 'simulator').record;

  /** As if the server's FIN had come `late` ns after its last segment, and had been acknowledged meanwhile or not. */
  const withAck = (late: number, isAcknowledged: boolean): WorldRecord => {
    const fins = new Set(
      worldFrames(simulated)
        .ordered.filter((seen) => seen.sender.key === 7 && ((segmentOf(seen)?.flags ?? 0) & 1) === 1)
        .map((seen) => seen.record),
    );
    const last = Math.min(...[...fins].map(({ time }) => time));
    return {
      ...simulated,
      points: simulated.points.map((point) => ({
        ...point,
        frames: point.frames.flatMap((frame) => {
          const moved = frame.time >= last && frame.bytes[23] === 6 ? { ...frame, time: frame.time + late } : frame;
          if (!fins.has(frame) || !isAcknowledged) return [moved];
          return [{ ...moved, time: moved.time - late + 40_000_000, bytes: pureAck(frame.bytes) }, moved];
        }),
      })),
    };
  };

  const pureAck = (bytes: Uint8Array): Uint8Array =>
    withChecksums(bytes, (frame) => {
      frame.set('tcp.flags', () => 0x10);
      frame.set('ip.id', (id) => id);
    });

  it('may be there in one world only, where the data came at about that time', () => {
    const { differences, masks } = compareWorlds(withAck(30_000_000, false), withAck(45_000_000, true));
    expect(masks.map(({ name }) => name)).toContain('delayed-ack');
    expect(differences.filter(({ kind }) => kind === 'missing')).toEqual([]);
  });

  it('may not where the other waited as long and sent none', () => {
    expect(found(withAck(60_000_000, false), withAck(60_000_000, true))[0]).toMatch(/^(missing|frame) /);
  });
});
