import { beforeEach, describe, expect, it } from 'vitest';
import { trueSize } from '../../sim/packet/true-size.ts';
import { ReceiveQueue } from '../../sim/transport/tcp/receive-queue.ts';

/* What comes out of order: what is kept, what is told of it, and what goes when there is no room (RFC 2018). */

let queue: ReceiveQueue;
let pruned: number;

beforeEach(() => {
  queue = new ReceiveQueue();
  pruned = 0;
});

const PLENTY = 1_000_000;

/** `from` up to `to`, each byte its own number. */
function put(from: number, to: number, more: { fin?: boolean; room?: number } = {}): string {
  const data = Uint8Array.from({ length: to - from }, (_, index) => from + index);
  return queue.putEarly(from, data, more.fin ?? false, more.room ?? PLENTY, () => {
    pruned++;
  });
}

const blocks = (): string[] => queue.blocks.map(({ start, end }) => `${start}-${end}`);
/** What is in order after the gap up to `next` has been filled. */
function filledTo(next: number): [number[], number, boolean] {
  const reached = queue.advance(next, 7);
  return [[...(queue.take(PLENTY)?.data ?? [])], reached.next, reached.fin];
}
const cost = (length: number): number => trueSize(length + 52);

describe('blocks', () => {
  it('are told with the newest first, four at most', () => {
    for (const start of [10, 20, 30, 40, 50]) expect(put(start, start + 5)).toBe('kept');
    expect(blocks()).toEqual(['50-55', '40-45', '30-35', '20-25']);
  });

  it('grow with every segment that follows', () => {
    for (const start of [10, 15, 20, 25]) put(start, start + 5);
    expect(blocks()).toEqual(['10-30']);
    for (const start of [60, 55, 50]) put(start, start + 5);
    expect(blocks()).toEqual(['50-65', '10-30']);
  });

  it('grow to the front when a segment joins them, and swallow what it joins', () => {
    for (const start of [10, 20, 30]) put(start, start + 5);
    put(15, 20);
    expect(blocks()).toEqual(['10-25', '30-35']);
    put(35, 36);
    expect(blocks()).toEqual(['30-36', '10-25']);
    put(24, 31);
    expect(blocks()).toEqual(['10-36']);
  });

  it('of what is there already come to the front as well', () => {
    for (const start of [10, 20, 30]) put(start, start + 5);
    expect(put(11, 14)).toBe('known');
    expect(blocks()).toEqual(['10-15', '30-35', '20-25']);
    expect(put(20, 25)).toBe('known');
    expect(blocks()).toEqual(['20-25', '10-15', '30-35']);
  });

  it('count a FIN as one, and go when the gap before them is filled', () => {
    put(10, 12, { fin: true });
    expect(blocks()).toEqual(['10-13']);
    put(5, 7);
    expect(filledTo(5)).toEqual([[5, 6], 7, false]);
    expect(blocks()).toEqual(['10-13']);
    expect(filledTo(10)).toEqual([[10, 11], 12, true]);
    expect([blocks(), queue.hasGaps, queue.memory]).toEqual([[], false, 0]);
  });
});

describe('data', () => {
  it('is kept once, whatever overlaps', () => {
    put(10, 13);
    put(16, 18);
    expect(put(8, 20)).toBe('kept');
    expect(queue.memory).toBe(5 * cost(2));
    expect(filledTo(8)).toEqual([Array.from({ length: 12 }, (_, index) => 8 + index), 20, false]);
  });

  it('that lies before the number that is reached is not read again', () => {
    put(10, 20);
    expect(filledTo(15)).toEqual([[15, 16, 17, 18, 19], 20, false]);
    put(30, 33);
    expect(filledTo(33)).toEqual([[], 33, false]);
    expect(filledTo(34)).toEqual([[], 34, false]);
  });

  it('and FIN are reached together, or the FIN alone', () => {
    put(12, 12, { fin: true });
    expect([blocks(), filledTo(11)]).toEqual([['12-13'], [[], 11, false]]);
    expect(filledTo(12)).toEqual([[], 12, true]);
  });

  it('is taken in pieces as large as the program asks for', () => {
    queue.put(Uint8Array.of(1, 2, 3), 5);
    queue.put(Uint8Array.of(), 6);
    queue.put(Uint8Array.of(4, 5), 7);
    expect([queue.unread, queue.memory]).toEqual([5, 5]);
    expect(queue.take(4)).toEqual({ data: Uint8Array.of(1, 2, 3, 4), packet: 7 });
    expect([queue.unread, queue.take(4), queue.unread, queue.take(4)]).toEqual([
      1,
      { data: Uint8Array.of(5), packet: 7 },
      0,
      undefined,
    ]);
    queue.put(Uint8Array.of(1, 2, 3), 8);
    expect(queue.take(2)).toEqual({ data: Uint8Array.of(1, 2), packet: 8 });
  });
});

describe('room', () => {
  it('is counted as the kernel counts it, to the last byte', () => {
    expect(put(10, 15, { room: 2 * cost(5) })).toBe('kept');
    expect(put(20, 25, { room: 2 * cost(5) })).toBe('kept');
    expect(put(30, 35, { room: 3 * cost(5) - 1 })).toBe('no room');
    expect(put(30, 35, { room: 3 * cost(5) })).toBe('kept');
    expect([pruned, queue.memory]).toEqual([0, 3 * cost(5)]);
  });

  it('is made by putting together what touches', () => {
    for (const start of [10, 15, 20]) put(start, start + 5);
    expect(queue.memory).toBe(3 * cost(5));
    expect(put(40, 45, { room: 2 * cost(15) })).toBe('kept');
    expect([queue.memory, pruned]).toEqual([cost(15) + cost(5), 0]);
    expect(filledTo(10)[1]).toBe(25);
  });

  it('is made by what lies behind, the last first; what was told of it is taken back', () => {
    for (const start of [50, 30, 40]) put(start, start + 5);
    expect(put(10, 15, { room: 3 * cost(5) })).toBe('kept');
    expect([pruned, queue.memory, blocks()]).toEqual([1, 3 * cost(5), ['10-15']]);
    expect(filledTo(50)).toEqual([[], 50, false]);
  });

  it('is not made for what lies behind all that is there', () => {
    put(10, 15);
    put(30, 35);
    expect(put(40, 45, { room: 2 * cost(5) })).toBe('no room');
    expect([pruned, blocks()]).toEqual([0, ['30-35', '10-15']]);
  });

  it('is taken by what nobody has read, too', () => {
    queue.put(new Uint8Array(cost(5)), 1);
    expect(put(10, 15, { room: 2 * cost(5) - 1 })).toBe('no room');
    expect(put(10, 15, { room: 2 * cost(5) })).toBe('kept');
    queue.clear();
    expect([queue.memory, queue.unread, queue.hasGaps, blocks()]).toEqual([0, 0, false, []]);
  });
});
