import type { IptablesChainRow } from '../../kernel/iptables-snapshot.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { showConntrack } from '../linux-conntrack.ts';
import { showIptablesRules, showIptablesSave, showIptablesTable } from '../linux-iptables.ts';
import { letters, type Misunderstanding, misunderstood, type Question } from './question.ts';

/** The chains that are there of each table (iptables' nft_handle builtin tables). */
const BUILT_IN: ReadonlyMap<string, readonly string[]> = new Map([
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
]);

/** Reads what follows `iptables-save`: `[-c] [-t TABLE]`. */
export function askIptablesSave(words: readonly string[]): Question | Misunderstanding {
  const read = readWords(words, ['-c', '--counters'], ['-t', '--table']);
  if ('problem' in read) return misunderstood(`iptables-save: ${read.problem}`, 'it takes -c and -t TABLE');
  const table = read.values.get('-t') ?? read.values.get('--table');
  if (table !== undefined && !BUILT_IN.has(table)) return noTable('iptables-save', table);
  const withCounters = read.flags.size > 0;
  // Asking for one table makes it.
  const rows = ({ namespace }: StackSnapshot): readonly IptablesChainRow[] =>
    table === undefined ? namespace.iptables : chainsOf(namespace.iptables, table);
  return {
    command: `iptables-save${withCounters ? ' -c' : ''}${table === undefined ? '' : ` -t ${table}`}`,
    of: 'linux',
    key: 'iptables',
    text: (snapshot) => showIptablesSave(rows(snapshot), withCounters),
    rows,
  };
}

interface ListFlags {
  table: string;
  chain: string | undefined;
  verb: 'L' | 'S' | undefined;
  verbose: boolean;
  numeric: boolean;
  lineNumbers: boolean;
  exact: boolean;
}

/** Reads what follows `iptables`: `[-t TABLE] -L [CHAIN] -n [-v] [-x] [--line-numbers]`, `[-t TABLE] -S [CHAIN]`. */
export function askIptables(words: readonly string[]): Question | Misunderstanding {
  const flags = readListFlags(words);
  if ('problem' in flags) return flags;
  const { table, chain, verb, verbose, numeric, lineNumbers, exact } = flags;
  if (!BUILT_IN.has(table)) return noTable('iptables', table);
  if (verb === undefined) return misunderstood('iptables shows a table with -L or -S', 'write "iptables -L -v -n"');
  if (verb === 'L' && !numeric) return misunderstood('iptables -L asks for names', 'write -n as well: there is no DNS');
  if (verb === 'S' && verbose) return misunderstood('iptables -S -v is not made', 'write iptables-save -c');
  const rows = ({ namespace }: StackSnapshot): readonly IptablesChainRow[] =>
    chainsOf(namespace.iptables, table).filter((row) => chain === undefined || row.chain === chain);
  const options = `${verbose ? ' -v' : ''}${numeric ? ' -n' : ''}${exact ? ' -x' : ''}${lineNumbers ? ' --line-numbers' : ''}`;
  return {
    command: `iptables -t ${table} -${verb}${chain === undefined ? '' : ` ${chain}`}${options}`,
    of: 'linux',
    key: 'iptables',
    refusal: (snapshot) => (rows(snapshot).length === 0 ? 'iptables: No chain/target/match by that name.' : undefined),
    text: (snapshot) =>
      verb === 'S'
        ? showIptablesRules(rows(snapshot))
        : showIptablesTable(rows(snapshot), { verbose, lineNumbers, exact }),
    rows,
  };
}

function readListFlags(words: readonly string[]): ListFlags | Misunderstanding {
  const read: ListFlags = {
    ...{ table: 'filter', chain: undefined, verb: undefined },
    ...{ verbose: false, numeric: false, lineNumbers: false, exact: false },
  };
  for (let at = 0; at < words.length; at++) {
    const word = LONG_OPTIONS.get(words[at] ?? '') ?? words[at] ?? '';
    if (word === '-t') read.table = words[++at] ?? '';
    else if (word === '--line-numbers') read.lineNumbers = true;
    else if (!word.startsWith('-') && read.verb !== undefined && read.chain === undefined) read.chain = word;
    else {
      const own = letters(word, 'LSvnx');
      if (own === undefined) {
        return misunderstood(
          `iptables: "${word}" is not understood`,
          'a table is shown by -L or -S [CHAIN], with -t TABLE, -v, -n, -x, --line-numbers',
        );
      }
      for (const letter of own) {
        if (letter === 'L' || letter === 'S') read.verb = letter;
        else if (letter === 'v') read.verbose = true;
        else if (letter === 'n') read.numeric = true;
        else read.exact = true;
      }
    }
  }
  return read;
}

const LONG_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['--list', '-L'],
  ['--list-rules', '-S'],
  ['--table', '-t'],
  ['--verbose', '-v'],
  ['--numeric', '-n'],
  ['--exact', '-x'],
  ['--line-number', '--line-numbers'],
]);

/** Those of a table that nobody uses accept everything. */
function chainsOf(rows: readonly IptablesChainRow[], table: string): readonly IptablesChainRow[] {
  const own = rows.filter((row) => row.table === table);
  if (own.length > 0) return own;
  return (BUILT_IN.get(table) ?? []).map((chain) => ({ table, chain, policy: 'ACCEPT', pkts: 0, bytes: 0, rules: [] }));
}

/** Reads what follows `conntrack`: `-L [-p PROTOCOL]`. */
export function askConntrack(words: readonly string[]): Question | Misunderstanding {
  const [first = '', ...rest] = words;
  if (first !== '-L' && first !== '--dump')
    return misunderstood('conntrack shows its table with -L', 'write "conntrack -L"');
  const read = readWords(rest, [], ['-p', '--proto', '-o', '--output']);
  if ('problem' in read) return misunderstood(`conntrack -L: ${read.problem}`, 'it takes -p PROTOCOL and -o extended');
  const output = read.values.get('-o') ?? read.values.get('--output');
  if (output !== undefined && output !== 'extended') return misunderstood(`conntrack -L -o ${output} is not made`);
  const protocol = read.values.get('-p') ?? read.values.get('--proto');
  const rows = ({ namespace }: StackSnapshot) =>
    namespace.conntrack.filter(
      (row) => protocol === undefined || row.protocol === protocol || String(row.protonum) === protocol,
    );
  return {
    command: `conntrack -L${protocol === undefined ? '' : ` -p ${protocol}`}${output === undefined ? '' : ' -o extended'}`,
    of: 'linux',
    key: 'conntrack',
    text: (snapshot) =>
      showConntrack({ ...snapshot.namespace, conntrack: rows(snapshot) }, output === undefined ? '' : 'ipv4     2 '),
    rows,
  };
}

interface ReadWords {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

function readWords(
  words: readonly string[],
  alone: readonly string[],
  withValue: readonly string[],
): ReadWords | { readonly problem: string } {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const value = words[at + 1];
    if (alone.includes(word)) flags.add(word);
    else if (!withValue.includes(word)) return { problem: `"${word}" is not understood` };
    else if (value === undefined) return { problem: `${word} takes a value` };
    else {
      values.set(word, value);
      at++;
    }
  }
  return { flags, values };
}

function noTable(command: string, table: string): Misunderstanding {
  return misunderstood(`${command}: there is no table "${table}"`, `there are ${[...BUILT_IN.keys()].join(', ')}`);
}
