import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shardOf } from '../../sim/app/cli/shard.ts';

const suites = fc.array(fc.string(), { maxLength: 60 });
const counts = fc.integer({ min: 1, max: 80 });

describe('the shards of a suite', () => {
  const all = <T>(items: readonly T[], of: number): T[][] =>
    Array.from({ length: of }, (_, index) => shardOf(items, { shard: index + 1, of }));

  it('one after the other are the suite: none is in two, none is left out', () => {
    fc.assert(
      fc.property(suites, counts, (items, of) => {
        expect(all(items, of).flat()).toEqual(items);
      }),
    );
  });

  it('are as large as each other, but for one scenario', () => {
    fc.assert(
      fc.property(suites, counts, (items, of) => {
        const sizes = all(items, of).map((shard) => shard.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
