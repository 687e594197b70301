import type { IptablesChainRow, IptablesRuleRow } from '../kernel/iptables-snapshot.ts';

/**
 * What `iptables-save` prints, without its comments, which hold the date; with `-c` each rule has its counters in front.
 */
export function showIptablesSave(chains: readonly IptablesChainRow[], withCounters = false): string {
  return tablesOf(chains)
    .map(([table, own]) => {
      const heads = own.map(({ chain, policy, pkts, bytes }) => `:${chain} ${policy ?? '-'} [${pkts}:${bytes}]\n`);
      const rules = own.flatMap(({ chain, rules: rows }) =>
        rows.map((row) => {
          const counters = withCounters ? `[${row.pkts}:${row.bytes}] ` : '';
          return `${counters}-A ${chain}${row.rule === '' ? '' : ` ${row.rule}`}\n`;
        }),
      );
      return `*${table}\n${heads.join('')}${rules.join('')}COMMIT\n`;
    })
    .join('');
}

/** What `iptables -t TABLE -L -v -n --line-numbers` prints, table by table, each under its command. */
export function showIptablesList(chains: readonly IptablesChainRow[]): string {
  return tablesOf(chains)
    .map(([table, own]) => {
      const command = `iptables -t ${table} -L -v -n --line-numbers`;
      return `# ${command}\n${showIptablesTable(own, { verbose: true, lineNumbers: true })}`;
    })
    .join('\n');
}

/** How `iptables -L -n` lists: `-v`, `--line-numbers`, `-x`. */
export interface ListOptions {
  readonly verbose?: boolean;
  readonly lineNumbers?: boolean;
  readonly exact?: boolean;
}

/** `iptables -L -n` of the chains of a table. Models print_header() and print_rule_details() of iptables/xshared.c. */
export function showIptablesTable(chains: readonly IptablesChainRow[], options: ListOptions): string {
  return chains.map((chain) => chainText(chain, options)).join('\n');
}

/** `iptables -S` of the chains of a table. */
export function showIptablesRules(chains: readonly IptablesChainRow[]): string {
  const heads = chains.map(({ chain, policy }) => (policy === undefined ? `-N ${chain}\n` : `-P ${chain} ${policy}\n`));
  const rules = chains.flatMap(({ chain, rules: rows }) =>
    rows.map(({ rule }) => `-A ${chain}${rule === '' ? '' : ` ${rule}`}\n`),
  );
  return [...heads, ...rules].join('');
}

/** The chains of each table in use. */
function tablesOf(chains: readonly IptablesChainRow[]): [string, IptablesChainRow[]][] {
  const tables = new Map<string, IptablesChainRow[]>();
  for (const row of chains) {
    const own = tables.get(row.table);
    if (own === undefined) tables.set(row.table, [row]);
    else own.push(row);
  }
  return [...tables];
}

function chainText({ chain, policy, pkts, bytes, references, rules }: IptablesChainRow, options: ListOptions): string {
  const { verbose = false, lineNumbers = false, exact = false } = options;
  const number = (value: number): string => (exact ? String(value) : shortNumber(value).trim());
  const counts = verbose ? ` ${number(pkts)} packets, ${number(bytes)} bytes` : '';
  const state = policy === undefined ? `${references} references` : `policy ${policy}${counts}`;
  const width = exact ? 8 : 5;
  const counters = `${'pkts'.padStart(width)} ${'bytes'.padStart(exact ? 10 : width)} `;
  const head = [
    ...(lineNumbers ? ['num  '] : []),
    ...(verbose ? [counters] : []),
    'target     prot opt ',
    ...(verbose ? ['in     out     '] : []),
    'source               destination         \n',
  ].join('');
  return `Chain ${chain} (${state})\n${head}${rules.map((row) => ruleLine(row, options)).join('')}`;
}

/** `!` stands where a blank would. */
function ruleLine(row: IptablesRuleRow, { verbose = false, lineNumbers = false, exact = false }: ListOptions): string {
  const number = (value: number, width: number): string => (exact ? String(value).padStart(width) : shortNumber(value));
  return [
    ...(lineNumbers ? [`${String(row.num).padEnd(4)} `] : []),
    ...(verbose ? [`${number(row.pkts, 8)} ${number(row.bytes, 8)} `] : []),
    `${row.target.padEnd(9)} ${inverted(row.prot).padEnd(5)} ${row.opt} `,
    ...(verbose ? [` ${row.in.padEnd(6)} ${row.out.padEnd(6)} `] : []),
    `${inverted(row.source).padEnd(20)} ${inverted(row.destination).padEnd(20)} ${row.options}\n`,
  ].join('');
}

const inverted = (text: string): string => (text.startsWith('!') ? text : ` ${text}`);

/** Five places; from 100000 on in thousands (K), millions (M) and so on, as xtables_print_num() does. */
function shortNumber(value: number): string {
  if (value <= 99_999) return String(value).padStart(5);
  let rest = Math.round(value / 1000);
  for (const unit of ['K', 'M', 'G']) {
    if (rest <= 9999) return `${rest}${unit}`.padStart(5);
    rest = Math.round(rest / 1000);
  }
  return `${rest}T`.padStart(5);
}
