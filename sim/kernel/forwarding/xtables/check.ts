import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { Hook } from '../netfilter.ts';
import type { RuleEntry } from './chain.ts';
import { limitOverflows } from './limit.ts';
import { type Match, MULTIPORT_PROTOCOLS } from './match.ts';
import { type Rule, ruleOf, sameRule } from './rule.ts';
import { hooksOf, type Table, type TableName } from './table.ts';
import type { Target } from './target.ts';

/** Why the kernel does not take a table: what the tool then prints, and the line in the kernel's log if there is one. */
export interface TableRefusal {
  readonly message: string;
  readonly log: string;
}

const invalid = (log: string): TableRefusal => ({
  message: "Invalid argument. Run `dmesg' for more information.",
  log,
});

/**
 * Checks a table as the kernel does before it takes it: first that no chain leads back to itself, then each rule for
 * what its matches and its target allow. Models net/ipv4/netfilter/ip_tables.c translate_table().
 */
export function checkTable(table: Table): TableRefusal | undefined {
  const reached = new Map<RuleEntry, Hook[]>();
  for (const hook of hooksOf(table.name)) {
    if (!follow(table, hook, hook, reached, new Set(), new Set())) {
      return { message: 'Too many levels of symbolic links.', log: '' };
    }
  }
  for (const chain of table.chains()) {
    for (const entry of chain.rules) {
      const refused = checkRule(table.name, entry.rule, reached.get(entry) ?? []);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}

/**
 * Notes which hook reaches which rule; false for a loop. Nothing reaches what stands behind an unconditional verdict, or
 * in a chain that no rule leads to: there a loop may be. Models mark_source_chains().
 */
function follow(
  table: Table,
  name: string,
  hook: Hook,
  reached: Map<RuleEntry, Hook[]>,
  done: Set<string>,
  above: Set<string>,
): boolean {
  if (above.has(name)) return false;
  if (done.has(name)) return true;
  above.add(name);
  for (const entry of table.chain(name)?.rules ?? []) {
    const hooks = reached.get(entry);
    if (hooks === undefined) reached.set(entry, [hook]);
    else hooks.push(hook);
    const { target } = entry.rule;
    if (target.kind === 'verdict' && isUnconditional(entry.rule)) break;
    if (target.kind === 'jump' && !follow(table, target.chain, hook, reached, done, above)) return false;
  }
  above.delete(name);
  done.add(name);
  return true;
}

/** Models unconditional(): `-i +` is a condition although everything fulfils it. */
function isUnconditional(rule: Rule): boolean {
  return sameRule(rule, ruleOf({ target: rule.target }));
}

function checkRule(table: TableName, rule: Rule, hooks: readonly Hook[]): TableRefusal | undefined {
  for (const match of rule.matches) {
    const refused = checkMatch(rule, match, hooks);
    if (refused !== undefined) return refused;
  }
  return checkTarget(rule, rule.target, table, hooks);
}

const MATCH_PROTOCOL: Readonly<Record<string, number>> = { tcp: PROTOCOL_TCP, udp: PROTOCOL_UDP, icmp: PROTOCOL_ICMP };

/** Models xt_check_match() and the checkentry of each match. */
function checkMatch(rule: Rule, match: Match, hooks: readonly Hook[]): TableRefusal | undefined {
  const protocol = rule.notProtocol ? 0 : rule.protocol;
  const wanted = MATCH_PROTOCOL[match.kind];
  if (wanted !== undefined && wanted !== protocol) {
    return invalid(`x_tables: ip_tables: ${match.kind} match: only valid for protocol ${wanted}`);
  }
  if (match.kind === 'multiport' && !MULTIPORT_PROTOCOLS.includes(protocol)) return invalid('');
  if (match.kind === 'limit' && limitOverflows(match.period, match.burst)) {
    const log = `xt_limit: Overflow, try lower: ${match.period}/${match.burst}`;
    return { message: 'Numerical result out of range.', log };
  }
  if (match.kind === 'addrtype' && match.limit === 'in' && reaches(hooks, 'POSTROUTING', 'OUTPUT')) {
    return invalid('xt_addrtype: input interface limitation not valid in POSTROUTING and OUTPUT');
  }
  if (match.kind === 'addrtype' && match.limit === 'out' && reaches(hooks, 'PREROUTING', 'INPUT')) {
    return invalid('xt_addrtype: output interface limitation not valid in PREROUTING and INPUT');
  }
  if (match.kind === 'physdev' && match.isBridged !== true && reaches(hooks, 'OUTPUT')) {
    if (match.output !== undefined || match.isOut !== undefined) {
      const where = 'in the FORWARD and POSTROUTING chains with bridged traffic';
      return invalid(`xt_physdev: --physdev-out and --physdev-is-out only supported ${where}`);
    }
  }
  return undefined;
}

function reaches(hooks: readonly Hook[], ...asked: readonly Hook[]): boolean {
  return hooks.some((hook) => asked.includes(hook));
}

/** The table a target belongs to, and the hooks it may be reached from. */
const TARGET_PLACES: { readonly [kind in Target['kind']]?: readonly [TableName, readonly Hook[]] } = {
  REJECT: ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  SNAT: ['nat', ['INPUT', 'POSTROUTING']],
  MASQUERADE: ['nat', ['POSTROUTING']],
  DNAT: ['nat', ['PREROUTING', 'OUTPUT']],
  REDIRECT: ['nat', ['PREROUTING', 'OUTPUT']],
  CT: ['raw', ['PREROUTING', 'OUTPUT']],
};

/** Models xt_check_target() and the checkentry of each target. */
function checkTarget(rule: Rule, target: Target, table: TableName, hooks: readonly Hook[]): TableRefusal | undefined {
  const [home, allowed] = TARGET_PLACES[target.kind] ?? [table, hooks];
  const name = `x_tables: ip_tables: ${target.kind} target`;
  if (home !== table) return invalid(`${name}: only valid in ${home} table, not ${table}`);
  if (hooks.some((hook) => !allowed.includes(hook))) {
    return invalid(`${name}: used from hooks ${hooks.join('/')}, but only usable from ${allowed.join('/')}`);
  }
  const isTcp = rule.protocol === PROTOCOL_TCP && !rule.notProtocol;
  if (target.kind === 'REJECT' && target.with === 'tcp-reset' && !isTcp) {
    return invalid('ipt_REJECT: TCP_RESET invalid for non-tcp');
  }
  return undefined;
}
