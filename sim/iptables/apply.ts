import { RuleEntry } from '../kernel/forwarding/xtables/chain.ts';
import type { TableRefusal } from '../kernel/forwarding/xtables/check.ts';
import type { Rule } from '../kernel/forwarding/xtables/rule.ts';
import type { Table } from '../kernel/forwarding/xtables/table.ts';
import type { Net } from '../kernel/net.ts';
import {
  addChain,
  addEntry,
  changeTable,
  deleteAt,
  deleteChain,
  deleteRule,
  findRule,
  flushChain,
  renameChain,
  replaceEntry,
  setPolicy,
  zeroCounters,
} from '../kernel/xtables-control.ts';
import { type IptablesCommand, isPolicy, parseIptables, type RuleCommand } from './command.ts';
import { splitWords } from './words.ts';

const TOOL = 'iptables v1.8.9 (legacy)';

/**
 * Runs a line `iptables ...` in a namespace; what the tool prints when it is refused, with the kernel's log where it
 * points there. A refused command changed nothing.
 */
export function runIptables(net: Net, line: string): string | undefined {
  const parsed = parseLine(line);
  if (typeof parsed === 'string') return complaintText(parsed);
  if (isNothing(net, parsed)) return undefined;
  let complaint: string | undefined;
  const refused = changeTable(net, parsed.table, (table) => {
    const fault = applyToTable(table, parsed);
    if (typeof fault !== 'string') return fault;
    complaint = fault;
    return { message: fault, log: '' };
  });
  if (complaint !== undefined) return complaintText(complaint);
  return refused === undefined ? undefined : `iptables: ${refusalText(refused)}`;
}

/** What is for every chain finds none in a table that was never used, and does not make it (iptables-nft). */
function isNothing({ xtables }: Net, { table, command }: IptablesCommand): boolean {
  const isForAll = ['flush', 'zero', 'delete chain'].includes(command.verb) && command.chain === '';
  return isForAll && !xtables.some(({ name }) => name === table);
}

/** Why a line cannot be read, whatever the tables hold; undefined where it can. */
export function iptablesFault(line: string): string | undefined {
  const parsed = parseLine(line);
  return typeof parsed === 'string' ? complaintText(parsed) : undefined;
}

/** Of a word that is no option the tool tells without its name. */
function complaintText(complaint: string): string {
  return complaint.startsWith('Bad argument') ? complaint : `${TOOL}: ${complaint}`;
}

function parseLine(line: string): IptablesCommand | string {
  const words = splitWords(line, 'shell');
  return words === undefined ? 'a quote is not closed' : parseIptables(words.slice(1));
}

/** `Invalid argument. Run `dmesg' for more information. (ipt_REJECT: TCP_RESET invalid for non-tcp)`. */
export function refusalText({ message, log }: TableRefusal): string {
  return `${message}${log === '' ? '' : ` (${log})`}`;
}

/** Makes a command's change; a text is what the tool itself complains of, a refusal comes from the kernel's interface. */
export function applyToTable(table: Table, { command, counters }: IptablesCommand): TableRefusal | string | undefined {
  switch (command.verb) {
    case 'flush':
      return flushChain(table, nameOf(command.chain));
    case 'zero':
      return zeroCounters(table, nameOf(command.chain), command.index);
    case 'new chain':
      return addChain(table, command.chain);
    case 'delete chain':
      return command.chain === '' ? deleteOwnChains(table) : deleteChain(table, command.chain);
    case 'rename chain':
      return renameChain(table, command.chain, command.to);
    case 'policy':
      if (table.chain(command.chain)?.policy === undefined) return setPolicy(table, command.chain, 'ACCEPT');
      if (isPolicy(command.policy)) return setPolicy(table, command.chain, command.policy);
      return { message: "Bad policy name. Run `dmesg' for more information.", log: '' };
    case 'delete at':
      return deleteAt(table, command.chain, command.index);
    default:
      return firstRefusal(command.rules, (rule) => applyRule(table, command, rule, counters));
  }
}

function applyRule(
  table: Table,
  command: RuleCommand,
  rule: Rule,
  [packets, bytes]: IptablesCommand['counters'],
): TableRefusal | string | undefined {
  const { target } = rule;
  if (target.kind === 'jump' && table.chain(target.chain) === undefined) {
    if (target.goto) return `goto '${target.chain}' is not a chain`;
    return `Couldn't load target \`${target.chain}':No such file or directory`;
  }
  const { chain } = command;
  const entry = new RuleEntry(rule, packets, bytes);
  switch (command.verb) {
    case 'delete':
      return deleteRule(table, chain, rule);
    case 'check':
      return findRule(table, chain, rule);
    case 'append':
      return addEntry(table, chain, entry);
    case 'insert':
      return addEntry(table, chain, entry, command.index);
    case 'replace':
      return replaceEntry(table, chain, entry, command.index);
  }
}

/** Each is tried; what is told is the last refusal. */
function deleteOwnChains(table: Table): TableRefusal | undefined {
  const own = table.chains().filter((chain) => chain.policy === undefined);
  return own.map((chain) => deleteChain(table, chain.name)).findLast((refused) => refused !== undefined);
}

function firstRefusal<T, R>(items: readonly T[], apply: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const refused = apply(item);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

const nameOf = (chain: string): string | undefined => (chain === '' ? undefined : chain);
