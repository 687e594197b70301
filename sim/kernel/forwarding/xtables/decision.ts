import type { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import type { DecidingRule } from '../../../packet/trace.ts';
import type { Net } from '../../net.ts';
import type { Hook, Verdict } from '../netfilter.ts';
import type { Chain, RuleEntry } from './chain.ts';
import { ruleText } from './rule-text.ts';
import type { TableName } from './table.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'ipt_do_table' };

/** `filter DOCKER rule 2: -d 172.17.0.2/32 -j ACCEPT`, or `filter FORWARD policy`. */
function whoText(table: TableName, chain: Chain, entry: RuleEntry | undefined): string {
  if (entry === undefined) return `${table} ${chain.name} policy`;
  return `${table} ${chain.name} rule ${chain.rules.indexOf(entry) + 1}:${ruleText(entry.rule)}`;
}

/** Tells the trace what a rule, or without one the policy of a chain, did. */
export function recordRule(
  net: Net,
  packet: Packet,
  table: TableName,
  hook: Hook,
  chain: Chain,
  entry: RuleEntry | undefined,
  did: string,
): void {
  const { recorder } = packet.ledger;
  if (recorder === undefined) return;
  const by = whoText(table, chain, entry);
  recorder.step(packet, net.place, SITE, { kind: 'hook', hook, by, verdict: did, rule: nameOf(table, chain, entry) });
}

/** Where a rule stands, or without one the policy of the chain. */
export function nameOf(table: TableName, chain: Chain, entry: RuleEntry | undefined): DecidingRule {
  const number = entry === undefined ? 0 : chain.rules.indexOf(entry) + 1;
  const text = entry === undefined ? '' : `-A ${chain.name}${ruleText(entry.rule)}`;
  return { table, chain: chain.name, number, text };
}

/** A drop by a rule, or by a policy; whoever ran the hook carries it out. */
export function dropVerdict(
  packet: Packet,
  table: TableName,
  chain: Chain,
  entry: RuleEntry | undefined,
  detail = '',
): Verdict {
  const isTold = packet.ledger.recorder !== undefined;
  return {
    verdict: 'drop',
    reason: 'kernel:NETFILTER_DROP',
    detail: isTold ? `${whoText(table, chain, entry)}${detail}` : '',
  };
}
