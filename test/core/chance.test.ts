import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sim/core/chance.ts';

const draw = (chance: Chance, count = 16): number[] => Array.from({ length: count }, () => chance.u32());
const seed = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('Chance', () => {
  it('gives the same numbers for the same seed and label', () => {
    fc.assert(
      fc.property(seed, fc.string(), (value, label) => {
        expect(draw(new Chance(value, label))).toEqual(draw(new Chance(value, label)));
      }),
    );
  });

  it('gives other numbers for another seed, the high half of it included', () => {
    expect(draw(new Chance(1))).not.toEqual(draw(new Chance(2)));
    expect(draw(new Chance(1))).not.toEqual(draw(new Chance(1 + 2 ** 32)));
  });

  it('a fork does not depend on what its parent or its siblings have drawn', () => {
    fc.assert(
      fc.property(seed, fc.nat({ max: 50 }), fc.nat({ max: 50 }), (value, byParent, bySibling) => {
        const untouched = new Chance(value).fork('b');
        const parent = new Chance(value);
        draw(parent, byParent);
        draw(parent.fork('a'), bySibling);
        expect(draw(parent.fork('b'))).toEqual(draw(untouched));
      }),
    );
  });

  it('making a fork takes nothing from the parent', () => {
    const parent = new Chance(7);
    parent.fork('a');
    expect(draw(parent)).toEqual(draw(new Chance(7)));
  });

  it('tells forks apart by the whole path of labels', () => {
    const chance = new Chance(7);
    const forks = [chance, chance.fork('a'), chance.fork('b'), chance.fork('a').fork('b'), chance.fork('b').fork('a')];
    expect(new Set(forks.map((fork) => draw(fork).join())).size).toBe(forks.length);
  });

  it('draws whole 32-bit numbers, and below(n) stays below n', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 0xffffffff }), (value, bound) => {
        const chance = new Chance(value);
        for (const number of draw(chance)) expect(number).toBe(number >>> 0);
        const below = chance.below(bound);
        expect(Number.isInteger(below) && below >= 0 && below < bound).toBe(true);
      }),
    );
    expect(new Chance(1).below(0)).toBe(0);
  });

  it('below(n) reaches every value about equally often', () => {
    const chance = new Chance(3);
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index++) {
      const value = chance.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('what is certain happens, what is impossible does not, and draws nothing', () => {
    const chance = new Chance(5);
    expect(Array.from({ length: 100 }, () => chance.happens(0))).not.toContain(true);
    expect(draw(chance)).toEqual(draw(new Chance(5)));
    expect(Array.from({ length: 100 }, () => chance.happens(1))).not.toContain(false);
  });
});
