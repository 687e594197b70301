import { must } from '../../../core/assert.ts';
import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Net } from '../../net.ts';
import { ACCEPT, type Hook, type Verdict } from '../netfilter.ts';
import { applyTarget } from './apply-target.ts';
import type { Chain } from './chain.ts';
import { dropVerdict, recordRule } from './decision.ts';
import { extensionsMatch } from './match-packet.ts';
import type { Table } from './table.ts';
import type { Target } from './target.ts';

/** What stands behind the last rule of every chain. */
const END: Target = { kind: 'verdict', verdict: 'RETURN' };

/**
 * Asks the chain of a hook about a packet, rule by rule, into the chains they lead to and back, until one decides or
 * the policy does. Models net/ipv4/netfilter/ip_tables.c ipt_do_table().
 */
export function doTable(
  net: Net,
  table: Table,
  hook: Hook,
  packet: Packet,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
): Verdict {
  const base = must(table.chain(hook), 'a table hangs only in hooks it has a chain for');
  // A target that sends an answer has this very table asked about it, and decides: nothing here is needed afterwards.
  const { facts, returns } = table;
  facts.load(packet, input, output);
  returns.depth = 0;
  let chain = base;
  let index = 0;
  for (;;) {
    const entry = chain.rules[index++];
    if (entry !== undefined) {
      if (!entry.header.matches(facts) || !extensionsMatch(net, entry, packet, facts)) {
        if (facts.hotDrop) return dropVerdict(packet, table.name, chain, entry, ': the transport header is cut off');
        continue;
      }
      entry.packets++;
      entry.bytes += facts.length;
    }
    const target = entry === undefined ? END : entry.rule.target;
    if (target.kind === 'jump') {
      if (!target.goto) returns.push(chain, index);
      chain = must(entry?.chain, 'jumps are tied to chains when a table is adopted');
      index = 0;
    } else if (target.kind === 'verdict' && target.verdict === 'RETURN') {
      if (returns.depth === 0) return policyVerdict(net, table, hook, base, packet);
      returns.depth--;
      chain = must(returns.chains[returns.depth], 'pushed by a jump');
      index = returns.indexes[returns.depth] ?? 0;
    } else if (entry !== undefined) {
      const verdict = applyTarget(net, table, hook, chain, entry, packet);
      if (verdict !== undefined) return verdict;
    }
  }
}

function policyVerdict(net: Net, table: Table, hook: Hook, base: Chain, packet: Packet): Verdict {
  if (base.countsPolicy) {
    base.packets++;
    base.bytes += table.facts.length;
  }
  if (base.policy !== 'DROP') {
    recordRule(net, packet, table.name, hook, base, undefined, 'accept');
    return ACCEPT;
  }
  recordRule(net, packet, table.name, hook, base, undefined, 'drop');
  return dropVerdict(packet, table.name, base, undefined);
}
