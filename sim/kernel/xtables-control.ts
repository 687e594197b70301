import { Chain, type Policy, RuleEntry } from './forwarding/xtables/chain.ts';
import { checkTable, type TableRefusal } from './forwarding/xtables/check.ts';
import { followTracking, openTable } from './forwarding/xtables/hooks.ts';
import { type Rule, sameRule } from './forwarding/xtables/rule.ts';
import { Table, type TableName } from './forwarding/xtables/table.ts';
import type { Net } from './net.ts';

/*
 * What changes the tables of iptables. Outside this file a table is changed by changeTable() and the edits below, or by
 * the two for code that knows its rules: appendRule() and replaceChain(). Each gives undefined when it was done, else
 * what libiptc says of it.
 */

/**
 * Makes changes to a table as one: all of them, once the kernel finds the result sound, or none; then a table that was
 * not there is not there after it either.
 */
export function changeTable(
  net: Net,
  name: TableName,
  change: (table: Table) => TableRefusal | undefined,
): TableRefusal | undefined {
  const changed = net.xtables.find((table) => table.name === name)?.copy() ?? new Table(name);
  const refused = change(changed) ?? checkTable(changed);
  if (refused !== undefined) return refused;
  openTable(net, name).adopt(changed, net.clock.now);
  followTracking(net);
  return undefined;
}

/** `iptables -t TABLE -A CHAIN RULE`. */
export function appendRule(net: Net, table: TableName, chain: string, rule: Rule): TableRefusal | undefined {
  return changeTable(net, table, (changed) => addEntry(changed, chain, new RuleEntry(rule)));
}

/** Makes a chain hold just these rules; one that is not there is made. */
export function replaceChain(
  net: Net,
  table: TableName,
  chain: string,
  rules: readonly Rule[],
): TableRefusal | undefined {
  return changeTable(net, table, (changed) => {
    if (changed.chain(chain) === undefined) changed.put(new Chain(chain, undefined));
    return flushChain(changed, chain) ?? addAll(changed, chain, rules);
  });
}

function addAll(table: Table, chain: string, rules: readonly Rule[]): TableRefusal | undefined {
  for (const rule of rules) {
    const refused = addEntry(table, chain, new RuleEntry(rule));
    if (refused !== undefined) return refused;
  }
  return undefined;
}

const refusal = (message: string): TableRefusal => ({ message, log: '' });
const NO_SUCH = refusal('No chain/target/match by that name.');
const NO_RULE = refusal('Bad rule (does a matching rule exist in that chain?).');

/** Puts a rule at `index`, from 0; at the end without one. */
export function addEntry(table: Table, chain: string, entry: RuleEntry, index?: number): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  const refused = checkJump(table, entry.rule);
  if (refused !== undefined) return refused;
  if (index !== undefined && index > found.rules.length) return refusal('Index of insertion too big.');
  found.rules.splice(index ?? found.rules.length, 0, entry);
  return undefined;
}

/** A jump leads to a chain that is there and is not built in. */
function checkJump(table: Table, { target }: Rule): TableRefusal | undefined {
  if (target.kind !== 'jump') return undefined;
  const found = table.chain(target.chain);
  if (found === undefined) return NO_SUCH;
  return found.policy === undefined ? undefined : refusal("Invalid argument. Run `dmesg' for more information.");
}

export function replaceEntry(table: Table, chain: string, entry: RuleEntry, index: number): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  if (index >= found.rules.length) return refusal('Index of replacement too big.');
  const refused = checkJump(table, entry.rule);
  if (refused === undefined) found.rules[index] = entry;
  return refused;
}

export function deleteAt(table: Table, chain: string, index: number): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  if (index >= found.rules.length) return refusal('Index of deletion too big.');
  found.rules.splice(index, 1);
  return undefined;
}

/** Takes out the first rule that says the same. */
export function deleteRule(table: Table, chain: string, rule: Rule): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  const index = found.rules.findIndex((entry) => sameRule(entry.rule, rule));
  if (index < 0) return NO_RULE;
  found.rules.splice(index, 1);
  return undefined;
}

/** `-C`: refused where no rule says the same. */
export function findRule(table: Table, chain: string, rule: Rule): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  return found.rules.some((entry) => sameRule(entry.rule, rule)) ? undefined : NO_RULE;
}

export function addChain(table: Table, chain: string): TableRefusal | undefined {
  if (table.chain(chain) !== undefined) return refusal('Chain already exists.');
  table.put(new Chain(chain, undefined));
  return undefined;
}

/** Takes a chain out that is empty and that no rule leads to. */
export function deleteChain(table: Table, chain: string): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found === undefined) return NO_SUCH;
  if (found.policy !== undefined) return refusal("Invalid argument. Run `dmesg' for more information.");
  if (table.references(chain) > 0) return refusal('Too many links.');
  if (found.rules.length > 0) return refusal('Directory not empty.');
  table.remove(chain);
  return undefined;
}

export function renameChain(table: Table, from: string, to: string): TableRefusal | undefined {
  if (table.chain(to) !== undefined) return refusal('File exists.');
  const found = table.chain(from);
  if (found === undefined || found.policy !== undefined) return NO_SUCH;
  table.rename(from, to);
  return undefined;
}

/** Takes every rule out of a chain, or of all. */
export function flushChain(table: Table, chain?: string): TableRefusal | undefined {
  return eachChain(table, chain, (one) => {
    one.rules = [];
  });
}

/** Sets counters to 0: of one rule, of a chain, or of all. */
export function zeroCounters(table: Table, chain?: string, index?: number): TableRefusal | undefined {
  const found = chain === undefined ? undefined : table.chain(chain);
  if (index !== undefined && found !== undefined && index >= found.rules.length) {
    return refusal('Index of counter too big.');
  }
  return eachChain(table, chain, (one) => {
    for (const [at, entry] of one.rules.entries()) {
      if (index === undefined || at === index) one.rules[at] = new RuleEntry(entry.rule);
    }
    if (index !== undefined) return;
    one.packets = 0;
    one.bytes = 0;
  });
}

function eachChain(table: Table, name: string | undefined, change: (chain: Chain) => void): TableRefusal | undefined {
  if (name === undefined) {
    for (const chain of table.chains()) change(chain);
    return undefined;
  }
  const chain = table.chain(name);
  if (chain === undefined) return NO_SUCH;
  change(chain);
  return undefined;
}

/** Also of the same policy: what reached it before is forgotten (iptables gives the chain a new counter). */
export function setPolicy(table: Table, chain: string, policy: Policy): TableRefusal | undefined {
  const found = table.chain(chain);
  if (found?.policy === undefined) return refusal('Bad built-in chain name.');
  found.policy = policy;
  found.countsPolicy = true;
  found.packets = 0;
  found.bytes = 0;
  return undefined;
}
