import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarios } from './fuzz/arbitrary.ts';
import { bounded, play } from './fuzz/play.ts';

describe('law: in any network that the fuzzer makes', () => {
  it('the scenario is sound and ends, no packet is lost, every trace keeps its grammar', () => {
    fc.assert(
      fc.property(scenarios, (document) => {
        const { world, ended } = play(bounded(document), true);
        expect(world.halt).toBeUndefined();
        expect(ended).toBeLessThan(10e9);
        world.audit();
      }),
      { numRuns: 150 },
    );
  });
});
