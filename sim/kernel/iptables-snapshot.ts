import { type RuleColumns, ruleColumns } from './forwarding/xtables/list-text.ts';
import { ruleText } from './forwarding/xtables/rule-text.ts';
import type { Net } from './net.ts';

/** One rule: what it counted, the columns of `iptables -L -v -n`, and its words as iptables-save writes them. */
export interface IptablesRuleRow extends RuleColumns {
  /** From 1. */
  readonly num: number;
  readonly pkts: number;
  readonly bytes: number;
  /** Behind `-A CHAIN`. */
  readonly rule: string;
}

/** One chain of a table. */
export interface IptablesChainRow {
  readonly table: string;
  readonly chain: string;
  /** Of a built-in chain. */
  readonly policy?: string;
  /** What reached the policy. */
  readonly pkts: number;
  readonly bytes: number;
  /** How many rules lead to it; of one that is not built in. */
  readonly references?: number;
  readonly rules: readonly IptablesRuleRow[];
}

/** The order of iptables-nft (iptables/nft.h enum nft_table_type), whatever was made first. */
const TABLES: readonly string[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

/** Every chain of the tables in use, in the order of iptables-save. */
export function iptablesRows(net: Net): IptablesChainRow[] {
  const tables = [...net.xtables].sort((a, b) => TABLES.indexOf(a.name) - TABLES.indexOf(b.name));
  return tables.flatMap((table) =>
    table.chains().map((chain) => ({
      table: table.name,
      chain: chain.name,
      ...(chain.policy === undefined ? {} : { policy: chain.policy }),
      pkts: chain.packets,
      bytes: chain.bytes,
      ...(chain.policy === undefined ? { references: table.references(chain.name) } : {}),
      rules: chain.rules.map(({ rule, packets, bytes }, index) => ({
        num: index + 1,
        pkts: packets,
        bytes,
        ...ruleColumns(rule),
        rule: ruleText(rule).trimStart(),
      })),
    })),
  );
}
