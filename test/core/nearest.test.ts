import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../sim/core/nearest.ts';

describe('the nearest word', () => {
  it('is the one that a slip of the finger makes', () => {
    const keys = ['name', 'kind', 'routes', 'ipv4_address', 'address'];
    expect(nearest('adress', keys)).toBe('address');
    expect(nearest('ruotes', keys)).toBe('routes');
    expect(nearest('Kind', keys)).toBe('kind');
    expect(nearest('ipv4-address', keys)).toBe('ipv4_address');
  });

  it('is none where nothing is close', () => {
    expect(nearest('version', ['name', 'kind'])).toBeUndefined();
    expect(nearest('x', ['y', 'z'])).toBeUndefined();
    expect(nearest('', ['a'])).toBeUndefined();
  });

  it('is the word itself if it is among them', () => {
    fc.assert(fc.property(fc.string(), (word) => nearest(word, [word]) === word));
  });
});

describe('edit distance', () => {
  it('counts insertions, deletions, substitutions and swaps', () => {
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', 'acb')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is symmetric, and 0 only for equal words', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
