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
    .map(([table, own]) => `# iptables -t ${table} -L -v -n --line-numbers\n${own.map(chainText).join('\n')}`)
    .join('\n');
}

function tablesOf(chains: readonly IptablesChainRow[]): [string, IptablesChainRow[]][] {
  const tables = new Map<string, IptablesChainRow[]>();
  for (const row of chains) {
    const own = tables.get(row.table);
    if (own === undefined) tables.set(row.table, [row]);
    else own.push(row);
  }
  return [...tables];
}

const HEADER = 'num   pkts bytes target     prot opt in     out     source               destination         \n';

function chainText({ chain, policy, pkts, bytes, references, rules }: IptablesChainRow): string {
  const state =
    policy === undefined
      ? `${references} references`
      : `policy ${policy} ${shortNumber(pkts).trim()} packets, ${shortNumber(bytes).trim()} bytes`;
  return `Chain ${chain} (${state})\n${HEADER}${rules.map(ruleLine).join('')}`;
}

/** Models print_rule_details() and print_ipv4_addresses() of iptables/xshared.c: `!` stands where a blank would. */
function ruleLine(row: IptablesRuleRow): string {
  const left = `${String(row.num).padEnd(4)} ${shortNumber(row.pkts)} ${shortNumber(row.bytes)} `;
  const addresses = `${inverted(row.source).padEnd(20)} ${inverted(row.destination).padEnd(20)} `;
  const devices = ` ${row.in.padEnd(6)} ${row.out.padEnd(6)} `;
  return `${left}${row.target.padEnd(9)} ${inverted(row.prot).padEnd(5)} ${row.opt} ${devices}${addresses}${row.options}\n`;
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
