import { describe, expect, it } from 'vitest';
import { scenarioOf } from './fuzz/fuzz.ts';
import { play } from './fuzz/play.ts';
import { reduce } from './fuzz/reduce.ts';
import { isAlike, signsOf } from './signs.ts';

/* A disagreement is made small as long as it is the same one. */

describe('a disagreement is known again', () => {
  const at = { where: 'step 5 (ping n1)', time: 0, more: 0 };
  const step = { ...at, kind: 'step', field: 'errors', sentence: 'errors is 0, in the kernel 3' } as const;
  const counter = (sentence: string) => ({ ...at, kind: 'counter', field: 'count', sentence }) as const;

  it('by what differs, whichever step and number it is', () => {
    const later = { ...step, where: 'step 1 (ping n0)', sentence: 'errors is 0, in the kernel 1' };
    expect(isAlike(signsOf([step]), signsOf([later]))).toBe(true);
    const other = { ...step, field: 'received', sentence: 'received is 0, in the kernel 1' };
    expect(isAlike(signsOf([step]), signsOf([other]))).toBe(false);
  });

  it('by any counter that is among those that differed', () => {
    const both = signsOf([counter('IpOutDiscards 0, in the kernel 12; IcmpInErrors 1, in the kernel 0')]);
    expect([...both]).toEqual(['counter IpOutDiscards', 'counter IcmpInErrors']);
    expect(isAlike(both, signsOf([counter('IpOutDiscards 0, in the kernel 3')]))).toBe(true);
    expect(isAlike(both, signsOf([counter('TcpInSegs 1, in the kernel 2')]))).toBe(false);
    expect(isAlike(both, signsOf([]))).toBe(false);
  });
});

describe('a scenario is made smaller', () => {
  it('down to what shows the same: here a ping that nobody answers', async () => {
    // Shows it: some ping gets no answer.
    const shows = (document: Parameters<typeof play>[0]): boolean => {
      try {
        return play(document).run.outcomes.some(({ probe }) => probe?.kind === 'ping' && probe.replies.length === 0);
      } catch {
        return false;
      }
    };
    const whole = Array.from({ length: 40 }, (_, seed) => scenarioOf(seed)).find(
      (document) => document.steps.length > 8 && shows(document),
    );
    if (whole === undefined) throw new Error('no scenario with a ping that nobody answers');
    const small = await reduce(
      whole,
      async (candidate) => shows(candidate),
      () => true,
    );
    expect(shows(small)).toBe(true);
    expect(small.steps).toHaveLength(1);
    expect(Object.keys(small.topology.topology.nodes)).toHaveLength(1);
  });
});
