import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWorlds } from './compare/compare.ts';
import { LAB, record } from './compare-lab.ts';
import { parseRecord, refreshedGolden, roundTimes, writeRecord } from './golden.ts';
import type { WorldRecord } from './record.ts';

const simulated = record(LAB, 'simulator').record;
const kernel = record(LAB, 'kernel', 3).record;

describe('a record as text', () => {
  it('comes back whole', () => {
    const parsed = parseRecord(writeRecord(simulated));
    expect('problem' in parsed && parsed.problem).toBe(false);
    expect(parsed).toEqual({ record: simulated });
  });

  it('comes back whole whatever stands in it', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 90 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(60), fc.nat(8)).map(
        ([unit, count, rest]) =>
          new Uint8Array([
            ...Array(count)
              .fill([...unit])
              .flat(),
            ...unit.slice(0, rest),
          ]),
      ),
      fc
        .uint8Array({ minLength: 42, maxLength: 80 })
        .map((data) => new Uint8Array([...data.subarray(0, 12), 8, 0, 0x45, ...data])),
    );
    const frame = fc.record(
      { time: fc.integer(), direction: fc.constantFrom('in' as const, 'out' as const), bytes, packet: fc.nat() },
      { requiredKeys: ['time', 'direction', 'bytes'] },
    );
    const row = fc.dictionary(fc.string(), fc.jsonValue());
    const text = fc.oneof(fc.string(), fc.constantFrom('*nat\n:A B [1:2]\n', '\n\n', ' # x\n'));
    const node = fc.record({
      ...{
        node: text,
        addresses: fc.array(row),
        routes: fc.array(row),
        rules: fc.array(row),
        neighbours: fc.array(row),
      },
      ...{ fdb: fc.array(row), conntrack: fc.array(text), iptables: text, droppingRules: fc.constant([]) },
      counters: fc.dictionary(
        fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
        fc.nat(),
      ),
    });
    const anyRecord = fc.record(
      {
        world: fc.constantFrom('kernel' as const, 'simulator' as const),
        until: fc.nat(),
        steps: fc.constant([]),
        points: fc.array(fc.record({ node: text, device: text, frames: fc.array(frame, { maxLength: 4 }) }), {
          maxLength: 3,
        }),
        nodes: fc.array(node, { maxLength: 2 }),
        drops: fc.constant({ NO_SOCKET: 2 }),
      },
      { requiredKeys: ['world', 'until', 'steps', 'points', 'nodes'] },
    );
    fc.assert(
      fc.property(anyRecord, (one) => {
        const plain = JSON.parse(JSON.stringify(one, bytesAsLists));
        const back = parseRecord(writeRecord(one as WorldRecord));
        expect(JSON.parse(JSON.stringify('record' in back ? back.record : back, bytesAsLists))).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  it('is small where data repeats itself', () => {
    const data = new TextEncoder().encode('cutaway'.repeat(2000)).subarray(0, 1448);
    const headers = simulated.points
      .flatMap(({ frames }) => frames)
      .find(({ bytes }) => bytes[23] === 6)
      ?.bytes.subarray(0, 66);
    const bytes = new Uint8Array([...(headers ?? []), ...data]);
    new DataView(bytes.buffer).setUint16(16, bytes.length - 14);
    bytes[46] = 0x80;
    const frames = [{ time: 0, direction: 'in' as const, bytes }];
    const whole = { ...simulated, nodes: [], points: [{ node: 'a', device: 'eth0', frames }] };
    expect(writeRecord(whole).length).toBeLessThan(1800);
    expect(parseRecord(writeRecord(whole))).toEqual({ record: whole });
  });

  it('names the line that it cannot read', () => {
    const text = writeRecord(simulated).replace(' out #', ' sideways #');
    const parsed = parseRecord(text);
    expect('problem' in parsed && parsed.problem).toMatch(/^line \d+ is none of a record: /);
    expect(parseRecord('')).toEqual({ problem: 'it does not say whose record it is' });
  });
});

describe('rounded times', () => {
  it('are as strict a judge as those of the run itself', () => {
    expect(compareWorlds(simulated, roundTimes(kernel)).differences).toEqual([]);
    const rounded = roundTimes(kernel);
    const order = (one: WorldRecord): Uint8Array[] =>
      one.points
        .flatMap(({ frames }) => frames)
        .sort((a, b) => a.time - b.time)
        .map(({ bytes }) => bytes);
    expect(order(rounded)).toEqual(order(kernel));
    // Steps that follow one another within the grain keep their frames.
    const stepOf = (one: WorldRecord): number[] =>
      one.points.flatMap(({ frames }) =>
        frames.map(({ time }) => one.steps.findLastIndex(({ started }) => started <= time)),
      );
    expect(stepOf(rounded)).toEqual(stepOf(kernel));
  });
});

describe('a refresh', () => {
  it('leaves the text alone while the kernel agrees with it', () => {
    const text = refreshedGolden(undefined, kernel);
    const again = record(LAB, 'kernel', 4).record;
    expect(refreshedGolden(text, again) === text).toBe(true);
  });

  it('writes what is new where it does not', () => {
    const text = refreshedGolden(undefined, kernel);
    const other = { ...kernel, nodes: kernel.nodes.map((node) => ({ ...node, routes: [] })) };
    expect(refreshedGolden(text, other) === text).toBe(false);
  });
});

function bytesAsLists(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
