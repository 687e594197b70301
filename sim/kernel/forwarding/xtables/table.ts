import type { SimTime } from '../../../core/time.ts';
import { HOOK_PRIORITY, type Hook } from '../netfilter.ts';
import { Chain, RuleEntry } from './chain.ts';
import { creditOf } from './limit.ts';
import { PacketFacts } from './packet-facts.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** Where a table hangs: its built-in chains, which are hooks, with their priorities. */
export const TABLE_HOOKS: { readonly [table in TableName]: { readonly [hook in Hook]?: number } } = {
  raw: { PREROUTING: HOOK_PRIORITY.raw, OUTPUT: HOOK_PRIORITY.raw },
  mangle: {
    PREROUTING: HOOK_PRIORITY.mangle,
    INPUT: HOOK_PRIORITY.mangle,
    FORWARD: HOOK_PRIORITY.mangle,
    OUTPUT: HOOK_PRIORITY.mangle,
    POSTROUTING: HOOK_PRIORITY.mangle,
  },
  nat: {
    PREROUTING: HOOK_PRIORITY.natDestination,
    INPUT: HOOK_PRIORITY.natSource,
    OUTPUT: HOOK_PRIORITY.natDestination,
    POSTROUTING: HOOK_PRIORITY.natSource,
  },
  filter: { INPUT: HOOK_PRIORITY.filter, FORWARD: HOOK_PRIORITY.filter, OUTPUT: HOOK_PRIORITY.filter },
};

export const TABLES = Object.keys(TABLE_HOOKS) as readonly TableName[];

/** The hooks that a table has chains for, in the order of the hooks. */
export function hooksOf(table: TableName): readonly Hook[] {
  return Object.keys(TABLE_HOOKS[table]) as Hook[];
}

/** Where a traversal goes on when a chain comes to its end (jumpstack). */
class ReturnStack {
  depth = 0;
  readonly chains: Chain[] = [];
  readonly indexes: number[] = [];

  push(chain: Chain, index: number): void {
    this.chains[this.depth] = chain;
    this.indexes[this.depth] = index;
    this.depth++;
  }
}

/**
 * A table of chains (struct xt_table). It is changed as a whole: copy(), change the copy, adopt() it once it is found
 * sound, so that a refused change leaves nothing behind.
 */
export class Table {
  readonly name: TableName;
  /** Of the traversal that runs. */
  readonly facts = new PacketFacts();
  readonly returns = new ReturnStack();
  /** Of the nat table: translation asks it. */
  isRegistered = false;
  #chains: Map<string, Chain>;

  constructor(name: TableName) {
    this.name = name;
    this.#chains = new Map(hooksOf(name).map((hook) => [hook, new Chain(hook, 'ACCEPT')]));
  }

  chain(name: string): Chain | undefined {
    return this.#chains.get(name);
  }

  /** Built-in chains in the order of the hooks, then the others by name. */
  chains(): Chain[] {
    const all = [...this.#chains.values()];
    const own = all.filter((chain) => chain.policy === undefined);
    return [...all.filter((chain) => chain.policy !== undefined), ...own.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** Puts a chain in; one of the same name gives way. */
  put(chain: Chain): void {
    this.#chains.set(chain.name, chain);
  }

  remove(name: string): void {
    this.#chains.delete(name);
  }

  /** Takes every rule and every chain of its own out; policies become ACCEPT, counters 0. */
  clear(): void {
    this.#chains = new Map(hooksOf(this.name).map((hook) => [hook, new Chain(hook, 'ACCEPT')]));
  }

  /** How many rules lead to a chain. */
  references(name: string): number {
    let count = 0;
    for (const chain of this.#chains.values()) {
      for (const { rule } of chain.rules) if (rule.target.kind === 'jump' && rule.target.chain === name) count++;
    }
    return count;
  }

  copy(): Table {
    const copy = new Table(this.name);
    for (const chain of this.#chains.values()) copy.put(chain.copy());
    return copy;
  }

  /** Takes the chains of a changed copy over, ties jumps to chains, and fills every limit up. */
  adopt(changed: Table, now: SimTime): void {
    this.#chains = changed.#chains;
    for (const chain of this.#chains.values()) {
      for (const entry of chain.rules) {
        const { target, matches } = entry.rule;
        entry.chain = target.kind === 'jump' ? this.#chains.get(target.chain) : undefined;
        entry.limits = matches.flatMap((match) =>
          match.kind === 'limit' ? [{ credit: creditOf(match.period, match.burst), since: now }] : [],
        );
      }
    }
  }

  /** Renames a chain, in the jumps that lead to it too. */
  rename(from: string, to: string): void {
    const chain = this.#chains.get(from);
    if (chain === undefined) return;
    const renamed = new Chain(to, undefined);
    renamed.rules = chain.rules;
    this.#chains.delete(from);
    this.#chains.set(to, renamed);
    for (const other of this.#chains.values()) {
      other.rules = other.rules.map((entry) => {
        const { target } = entry.rule;
        if (target.kind !== 'jump' || target.chain !== from) return entry;
        return new RuleEntry({ ...entry.rule, target: { ...target, chain: to } }, entry.packets, entry.bytes);
      });
    }
  }
}
