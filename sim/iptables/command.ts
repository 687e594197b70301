import type { Policy } from '../kernel/forwarding/xtables/chain.ts';
import type { Rule } from '../kernel/forwarding/xtables/rule.ts';
import { TABLES, type TableName } from '../kernel/forwarding/xtables/table.ts';
import { CommandReader } from './command-reader.ts';
import { type ReadCommand, rulesOf } from './rule-parts.ts';
import { isTargetName } from './targets.ts';

/** A command about rules. */
export type RuleCommand =
  | { readonly verb: 'append' | 'delete' | 'check'; readonly chain: string; readonly rules: readonly Rule[] }
  /** `index` counts from 0. */
  | {
      readonly verb: 'insert' | 'replace';
      readonly chain: string;
      readonly index: number;
      readonly rules: readonly Rule[];
    };

/** What a command does to a chain; '' for `chain` means every chain. */
export type Command =
  | RuleCommand
  | { readonly verb: 'delete at'; readonly chain: string; readonly index: number }
  | { readonly verb: 'flush' | 'new chain' | 'delete chain'; readonly chain: string }
  | { readonly verb: 'zero'; readonly chain: string; readonly index: number | undefined }
  | { readonly verb: 'rename chain'; readonly chain: string; readonly to: string }
  | { readonly verb: 'policy'; readonly chain: string; readonly policy: string };

/** A command with its table, and the counters that `-c` or a file gives its rules. */
export interface IptablesCommand {
  readonly table: TableName;
  readonly command: Command;
  readonly counters: readonly [packets: number, bytes: number];
}

/** Where a rule may not ask for an interface it cannot have. */
const NO_INPUT: readonly string[] = ['POSTROUTING', 'OUTPUT'];
const NO_OUTPUT: readonly string[] = ['PREROUTING', 'INPUT'];

/**
 * Reads the words behind `iptables`, or a line of a file, whose table is given. Gives what the tool complains of where
 * they are no command; whether chains and rules are there is seen when it runs.
 */
export function parseIptables(words: readonly string[], table?: TableName): IptablesCommand | string {
  const reader = new CommandReader(words);
  const read = reader.read();
  if (typeof read === 'string') return read;
  if (read.table !== undefined && table !== undefined) return 'The -t option cannot be used in iptables-restore.';
  const tableName = read.table ?? table ?? 'filter';
  const known = TABLES.find((name) => name === tableName);
  if (known === undefined) {
    return `can't initialize iptables table \`${tableName}': Table does not exist (do you need to insmod?)`;
  }
  const command = commandOf(read, known);
  return typeof command === 'string' ? command : { table: known, command, counters: read.counters ?? [0, 0] };
}

function commandOf(read: ReadCommand, table: TableName): Command | string {
  const [chain = '', second] = read.operands;
  switch (read.letter) {
    case '':
      return 'no command specified';
    case 'A':
      return ruleCommand(read, table, (rules) => ({ verb: 'append', chain, rules }));
    case 'C':
      return ruleCommand(read, table, (rules) => ({ verb: 'check', chain, rules }));
    case 'I':
    case 'R': {
      const index = second === undefined ? (read.letter === 'I' ? 0 : undefined) : readIndex(second);
      if (index === undefined) return '-R requires a rule number';
      if (typeof index === 'string') return index;
      return ruleCommand(read, table, (rules) =>
        read.letter === 'R' && rules.length !== 1
          ? 'Replacement rule does not specify a unique address'
          : { verb: read.letter === 'I' ? 'insert' : 'replace', chain, index, rules },
      );
    }
    case 'D': {
      if (second === undefined) return ruleCommand(read, table, (rules) => ({ verb: 'delete', chain, rules }));
      const index = readIndex(second);
      return typeof index === 'string' ? index : (optionsRefused(read) ?? { verb: 'delete at', chain, index });
    }
    default:
      return optionsRefused(read) ?? chainCommand(read.letter, chain, second, table);
  }
}

function chainCommand(letter: string, chain: string, second: string | undefined, table: TableName): Command | string {
  switch (letter) {
    case 'F':
      return { verb: 'flush', chain };
    case 'X':
      return { verb: 'delete chain', chain };
    case 'N':
      return nameRefused(chain) ?? { verb: 'new chain', chain };
    case 'Z': {
      const index = second === undefined ? undefined : readIndex(second);
      return typeof index === 'string' ? index : { verb: 'zero', chain, index };
    }
    case 'E':
      if (second === undefined) return '-E requires old-chain-name and new-chain-name';
      return nameRefused(second) ?? { verb: 'rename chain', chain, to: second };
    case 'P':
      if (second === undefined) return '-P requires a chain and a policy';
      if (table === 'nat' && second === 'DROP') return NO_FILTER;
      return { verb: 'policy', chain, policy: second };
    default:
      return `"-${letter}" shows; here only commands that change something are run`;
  }
}

/** Whether a word is a policy (iptc_set_policy). */
export function isPolicy(text: string): text is Policy {
  return text === 'ACCEPT' || text === 'DROP';
}

function ruleCommand(
  read: ReadCommand,
  table: TableName,
  make: (rules: readonly Rule[]) => Command | string,
): Command | string {
  const [chain = ''] = read.operands;
  const rules = rulesOf(read.parts);
  if (typeof rules === 'string') return rules;
  const [first] = rules;
  const isDrop = first?.target.kind === 'verdict' && first.target.verdict === 'DROP';
  if (isDrop && table === 'nat') return NO_FILTER;
  const command = make(rules);
  if (typeof command === 'string') return command;
  if (read.parts.output !== undefined && NO_OUTPUT.includes(chain)) return `Can't use -o with ${chain}`;
  return read.parts.input !== undefined && NO_INPUT.includes(chain) ? `Can't use -i with ${chain}` : command;
}

const NO_FILTER = 'The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.';

function readIndex(text: string): number | string {
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) - 1 : `Invalid rule number \`${text}'`;
}

/** A command about a chain takes no options of a rule. */
function optionsRefused({ parts }: ReadCommand): string | undefined {
  const [used] = parts.used;
  return used === undefined ? undefined : `Illegal option \`-${used}' with this command`;
}

/** XT_EXTENSION_MAXNAMELEN. */
const NAME_BELOW = 29;

/** Models xs_init_target's and xtables_chain_protos' checks: iptables_shared validate_chain_name. */
function nameRefused(name: string): string | undefined {
  if (name.startsWith('-') || name.startsWith('!')) return `chain name not allowed to start with \`${name[0]}'`;
  if (isTargetName(name)) return 'chain name may not clash with target name';
  if (name.length >= NAME_BELOW) return `chain name \`${name}' too long (must be under ${NAME_BELOW} chars)`;
  return /\s/.test(name) || name === '' ? `Invalid chain name \`${name}'` : undefined;
}
