import { HeaderTest } from './header-test.ts';
import type { LimitCredit } from './limit.ts';
import type { Rule } from './rule.ts';

/** A rule in a chain, and what passed it (struct ipt_entry). */
export class RuleEntry {
  readonly rule: Rule;
  readonly header: HeaderTest;
  packets: number;
  bytes: number;
  /** Of a jump: the chain it leads to, found when the table was committed. */
  chain: Chain | undefined;
  /** One a `limit` match, in their order; filled up whenever the table changes, as each change loads the whole table. */
  limits: LimitCredit[] = [];

  constructor(rule: Rule, packets = 0, bytes = 0) {
    this.rule = rule;
    this.header = new HeaderTest(rule);
    this.packets = packets;
    this.bytes = bytes;
  }
}

export type Policy = 'ACCEPT' | 'DROP';

/** A list of rules under a name. */
export class Chain {
  readonly name: string;
  /** Of a built-in chain; undefined makes it one that only rules lead to. */
  policy: Policy | undefined;
  /** Only a policy that was set is counted: nf_tables gives a chain its counter with it (nft_chain_set of iptables). */
  countsPolicy = false;
  /** What reached the policy. */
  packets = 0;
  bytes = 0;
  rules: RuleEntry[] = [];

  constructor(name: string, policy: Policy | undefined) {
    this.name = name;
    this.policy = policy;
  }

  /** A chain of its own with the same rules: they keep counting. */
  copy(): Chain {
    const copy = new Chain(this.name, this.policy);
    copy.countsPolicy = this.countsPolicy;
    copy.packets = this.packets;
    copy.bytes = this.bytes;
    copy.rules = [...this.rules];
    return copy;
  }
}
