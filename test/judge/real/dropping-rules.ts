import type { DroppingRule } from '../record.ts';
import { inside } from './namespaces.ts';
import { run } from './process.ts';
import { steadyNow } from './timeline.ts';

/** Drops that the kernel's trace of the packet filter told of: a rule by its handle, 0 for the policy of the chain. */
export interface TracedDrops {
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
  /** When each packet was dropped, by the judge's own clock. */
  readonly times: readonly number[];
}

/**
 * A table beside those of iptables, which asks for the trace of every packet that comes in or goes out: after fragments
 * were put together (-400), before any rule of the user's can drop one (raw, -300). iptables-save does not show it.
 */
const TRACING = `table ip cutaway_judge {
  chain prerouting { type filter hook prerouting priority -350; meta nftrace set 1; }
  chain output { type filter hook output priority -350; meta nftrace set 1; }
}
`;

interface ListedRule {
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
}

/** The number of a rule from a moment on. */
interface Numbered {
  readonly since: number;
  readonly number: number;
}

/** Knows which rule of iptables has which number when, as the rules of a namespace come and go. */
export class RuleNumbers {
  readonly #namespace: string;
  readonly #numbers = new Map<string, Numbered[]>();

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Switches the trace on in a namespace. */
  static async trace(namespace: string): Promise<RuleNumbers> {
    const { status, complaint } = await run([...inside(namespace), 'nft', '-f', '-'], { stdin: TRACING });
    if (status !== 0) throw new Error(`nft cannot trace in ${namespace}: ${complaint}`);
    const numbers = new RuleNumbers(namespace);
    await numbers.read();
    return numbers;
  }

  /** Reads the rules as they are now. One that is gone keeps the number that it had last. */
  async read(): Promise<void> {
    const since = Number(steadyNow());
    const { status, output, complaint } = await run([...inside(this.#namespace), 'nft', '-j', '-a', 'list', 'ruleset']);
    if (status !== 0) throw new Error(`nft cannot list the rules of ${this.#namespace}: ${complaint}`);
    const { nftables } = JSON.parse(output) as { nftables: { rule?: ListedRule }[] };
    const lengths = new Map<string, number>();
    for (const { rule } of nftables) {
      if (rule === undefined) continue;
      const chain = `${rule.table} ${rule.chain}`;
      const number = (lengths.get(chain) ?? 0) + 1;
      lengths.set(chain, number);
      const key = `${chain} ${rule.handle}`;
      this.#numbers.set(key, [...(this.#numbers.get(key) ?? []), { since, number }]);
    }
  }

  /**
   * By the numbers that `iptables -L --line-numbers` showed when they dropped; rules that had one number one after the
   * other are one row.
   */
  numbered(drops: readonly TracedDrops[]): DroppingRule[] {
    const rows = new Map<string, DroppingRule>();
    for (const { table, chain, handle, times } of drops) {
      for (const time of times) {
        const rule = handle === 0 ? 0 : this.#numberAt(`${table} ${chain} ${handle}`, time);
        const key = `${table} ${chain} ${rule}`;
        rows.set(key, { table, chain, rule, packets: 1 + (rows.get(key)?.packets ?? 0) });
      }
    }
    return [...rows.values()].sort((a, b) => compare(a.table, b.table) || compare(a.chain, b.chain) || a.rule - b.rule);
  }

  #numberAt(key: string, time: number): number {
    const known = this.#numbers.get(key) ?? [];
    const found = known.findLast(({ since }) => since <= time) ?? known[0];
    if (found === undefined) throw new Error(`${this.#namespace}: no rule has the table, chain and handle ${key}`);
    return found.number;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
