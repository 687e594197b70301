import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketMemory } from '../../sim/packet/packet-memory.ts';

/** Longer than what is cut from slabs. */
const LONG = 20_000;

describe('memory of packets', () => {
  it('law: whoever has it has it alone, and it was empty when it came', () => {
    const length = fc.oneof(fc.nat(300), fc.integer({ min: LONG, max: 66_000 }), fc.constant(70_000));
    const action = fc.record({ length, back: fc.option(fc.nat(20)) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const memory = new PacketMemory();
        const held: { readonly bytes: Uint8Array; readonly mark: number }[] = [];
        for (const [index, { length: wanted, back }] of actions.entries()) {
          const bytes = memory.take(wanted);
          expect(bytes).toHaveLength(wanted);
          expect(bytes.every((byte) => byte === 0)).toBe(true);
          const mark = (index % 255) + 1;
          held.push({ bytes: bytes.fill(mark), mark });
          const [given] = back === null ? [] : held.splice(back % held.length, 1);
          if (given !== undefined) memory.giveBack(given.bytes);
          for (const one of held) expect(one.bytes.every((byte) => byte === one.mark)).toBe(true);
        }
      }),
    );
  });

  it('that long packets gave back serves the next that fits: the longest of it', () => {
    const memory = new PacketMemory();
    const [short, long] = [memory.take(LONG), memory.take(60_000)];
    memory.giveBack(long);
    memory.giveBack(short);
    expect(memory.take(60_001).buffer).not.toBe(long.buffer);
    expect(memory.take(LONG).buffer).toBe(long.buffer);
    expect(memory.take(LONG).buffer).not.toBe(long.buffer);
  });

  it('is no more than was asked for', () => {
    expect(new PacketMemory().take(LONG).buffer.byteLength).toBe(LONG);
  });

  it('of a short packet stays where it is: others lie beside it', () => {
    const memory = new PacketMemory();
    const first = memory.take(100);
    memory.giveBack(first);
    expect(memory.take(100).byteOffset).not.toBe(first.byteOffset);
  });
});
