import { describe, expect, it } from 'vitest';
import { Repeated, type Tried } from './repeated.ts';

/* A busy machine disagrees once with itself. What the kernel does twice, with the machine to itself, is what it does. */

const agreed: Tried = { kind: 'agreed' };
const differs = (...signs: string[]): Tried => ({ kind: 'differs', signs: new Set(signs) });

/** What the runs of one scenario come to, one after the other. */
async function judged(...outcomes: Tried[]): Promise<{ readonly outcome: Tried; readonly runs: number }> {
  const left = [...outcomes];
  return new Repeated().judge(async () => {
    const next = left.shift();
    if (next === undefined) throw new Error('one run more than there should be');
    return next;
  });
}

describe('a scenario', () => {
  it('that agrees, or cannot be judged, is run once', async () => {
    expect(await judged(agreed)).toEqual({ outcome: agreed, runs: 1 });
    expect(await judged({ kind: 'not judged' })).toEqual({ outcome: { kind: 'not judged' }, runs: 1 });
  });

  it('that differed on a busy machine agrees when it agrees alone', async () => {
    expect(await judged(differs('table ttl'), agreed)).toEqual({ outcome: agreed, runs: 2 });
  });

  it('that differs alone twice in the same differs, whatever it did on the busy machine', async () => {
    const [busy, first, second] = [differs('frame tcp.flags'), differs('table ttl'), differs('extra arp', 'table ttl')];
    expect(await judged(busy, first, second)).toEqual({ outcome: second, runs: 3 });
  });

  it('that differs each time in something else is tried until it agrees', async () => {
    expect(await judged(differs('a'), differs('a'), differs('b'), agreed)).toEqual({ outcome: agreed, runs: 4 });
  });

  it('that never agrees differs, though no two runs were alike', async () => {
    const last = differs('e');
    expect(await judged(differs('a'), differs('b'), differs('c'), differs('d'), last)).toEqual({
      outcome: last,
      runs: 5,
    });
  });
});

it('is repeated while nothing else is run', async () => {
  const repeated = new Repeated();
  let working = 0;
  const beside: number[] = [];
  const one = async (outcomes: Tried[]): Promise<void> => {
    await repeated.judge(async () => {
      working++;
      const isFirst = outcomes.length > 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (!isFirst) beside.push(working);
      working--;
      return outcomes.shift() ?? agreed;
    });
  };
  await Promise.all([one([differs('a'), agreed]), one([differs('b'), agreed]), one([differs('c'), agreed])]);
  expect(beside).toEqual([1, 1, 1]);
});
