import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PREFIX, NO_VALUE, PrefixTrie } from '../../sim/core/prefix-trie.ts';

interface Entry {
  readonly network: number;
  readonly length: number;
  readonly value: number;
}

/** The same table as a list that is searched from end to end. */
class NaiveTable {
  readonly entries = new Map<string, Entry>();

  set(network: number, length: number, value: number): void {
    this.entries.set(`${network}/${length}`, { network, length, value });
  }

  delete(network: number, length: number): void {
    this.entries.delete(`${network}/${length}`);
  }

  /** Everything that contains `address`, longest prefix first. */
  matches(address: number): number[] {
    return [...this.entries.values()]
      .filter(({ network, length }) => cut(address, length) === network)
      .sort((a, b) => b.length - a.length)
      .map((entry) => entry.value);
  }

  ordered(): number[] {
    return [...this.entries.values()].sort((a, b) => a.network - b.network || a.length - b.length).map((e) => e.value);
  }
}

function cut(address: number, length: number): number {
  return length === 0 ? 0 : Number((BigInt(address) >> BigInt(32 - length)) << BigInt(32 - length));
}

/** Addresses that often share many leading bits, so that branches are made and taken out again. */
const address = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0x0a000000, max: 0x0a0000ff }),
  fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe),
);
const prefix = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([bits, length]) => ({ network: cut(bits, length), length }));
const prefix24 = fc.integer({ min: 0, max: 0xffffff }).map((number) => ({ network: number * 256, length: 24 }));
const change = fc.record({ prefix, remove: fc.boolean() });

function chain(trie: PrefixTrie, address: number): number[] {
  const values: number[] = [];
  for (let at = trie.longest(address); at !== NO_PREFIX; at = trie.shorter(at)) values.push(trie.valueAt(at));
  return values;
}

describe('PrefixTrie', () => {
  it('finds what a scan of the whole table finds, after any inserts and deletes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), fc.array(address, { maxLength: 20 }), (changes, probes) => {
        const trie = new PrefixTrie();
        const naive = new NaiveTable();
        changes.forEach(({ prefix: { network, length }, remove }, serial) => {
          // Every third change deletes something that is there.
          const there = [...naive.entries.values()][serial % 7];
          if (serial % 3 === 2 && there !== undefined) {
            trie.delete(there.network, there.length);
            naive.delete(there.network, there.length);
          } else if (remove) {
            trie.delete(network, length);
            naive.delete(network, length);
          } else {
            trie.set(network, length, serial);
            naive.set(network, length, serial);
          }
          expect(trie.size).toBe(naive.entries.size);
        });
        for (const { network, length, value } of naive.entries.values()) expect(trie.get(network, length)).toBe(value);
        for (const probe of [...probes, ...changes.map((one) => one.prefix.network)]) {
          expect(chain(trie, probe)).toEqual(naive.matches(probe));
        }
        expect([...trie.nodes()].map((node) => trie.valueAt(node))).toEqual(naive.ordered());
      }),
      { numRuns: 500 },
    );
  });

  it('does so with so many prefixes that it has an index, of which most are taken out again', () => {
    const many = fc.uniqueArray(prefix24, { minLength: 2500, maxLength: 3500, selector: ({ network }) => network });
    const probe = fc.array(address, { maxLength: 20 });
    fc.assert(
      fc.property(many, fc.array(prefix, { minLength: 40, maxLength: 80 }), probe, (base, others, probes) => {
        const trie = new PrefixTrie();
        const naive = new NaiveTable();
        const agree = (): void => {
          for (const one of [...probes, ...others.map(({ network }) => network)]) {
            expect(chain(trie, one)).toEqual(naive.matches(one));
          }
        };
        // Some of the short ones are there before the index is, and some come to it.
        for (const [serial, { network, length }] of [...others.slice(0, 20), ...base, ...others].entries()) {
          trie.set(network, length, serial);
          naive.set(network, length, serial);
        }
        agree();
        const gone = [...others.slice(0, 30), ...base.slice(0, -10), ...others.slice(0, 60)];
        for (const [index, { network, length }] of gone.entries()) {
          trie.delete(network, length);
          naive.delete(network, length);
          if (index === 30) agree();
        }
        agree();
        expect([...trie.nodes()].map((node) => trie.valueAt(node))).toEqual(naive.ordered());
      }),
      { numRuns: 20 },
    );
  });

  it('an empty table matches nothing; a default route matches everything', () => {
    const trie = new PrefixTrie();
    expect(trie.longest(0x0a000001)).toBe(NO_PREFIX);
    trie.set(0, 0, 7);
    expect([chain(trie, 0), chain(trie, 0xffffffff)]).toEqual([[7], [7]]);
    trie.delete(0, 0);
    expect([trie.longest(0), trie.size]).toEqual([NO_PREFIX, 0]);
  });

  it('a value set again is replaced, and counts once', () => {
    const trie = new PrefixTrie();
    trie.set(0x0a000000, 8, 1);
    trie.set(0x0a000000, 8, 2);
    expect([trie.get(0x0a000000, 8), trie.size]).toEqual([2, 1]);
  });

  it('what was never stored is not there: a branch, a longer and a shorter prefix', () => {
    const trie = new PrefixTrie();
    trie.set(0x0a000000, 16, 1);
    trie.set(0x0a010000, 16, 2);
    expect([trie.get(0x0a000000, 15), trie.get(0x0a000000, 17), trie.get(0x0a000000, 8)]).toEqual([
      NO_VALUE,
      NO_VALUE,
      NO_VALUE,
    ]);
    trie.delete(0x0a000000, 15);
    expect(trie.size).toBe(2);
  });
});
