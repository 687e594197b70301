import { Chain } from '../kernel/forwarding/xtables/chain.ts';
import type { TableRefusal } from '../kernel/forwarding/xtables/check.ts';
import type { Table } from '../kernel/forwarding/xtables/table.ts';
import { TABLES, type TableName } from '../kernel/forwarding/xtables/table.ts';
import type { Net } from '../kernel/net.ts';
import { changeTable } from '../kernel/xtables-control.ts';
import { applyToTable, refusalText } from './apply.ts';
import { isPolicy, parseIptables } from './command.ts';
import { splitWords } from './words.ts';

/** What is wrong with a file of iptables-save, and in which line, from 1. */
export interface RestoreFault {
  readonly message: string;
  readonly line: number;
}

/** The lines of one table, from `*TABLE` to COMMIT. */
interface Section {
  readonly table: TableName;
  readonly lines: { readonly text: string; readonly number: number }[];
  /** The line of its COMMIT. */
  commit: number;
}

/**
 * Loads what iptables-save wrote: each table as a whole, in place of what it held; a table that is at fault stays as it
 * was, and ends the loading. Models iptables/iptables-restore.c ip46tables_restore_main().
 */
export function restoreIptables(net: Net, text: string): RestoreFault | undefined {
  const sections = splitSections(text);
  if ('message' in sections) return sections;
  for (const section of sections) {
    const fault = restoreTable(net, section);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function splitSections(text: string): Section[] | RestoreFault {
  const sections: Section[] = [];
  let open: Section | undefined;
  const lines = text.split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd();
    const number = index + 1;
    if (line === '' || line.startsWith('#')) continue;
    if (line === 'COMMIT' && open !== undefined) {
      open.commit = number;
      sections.push(open);
      open = undefined;
    } else if (line.startsWith('*') && open === undefined) {
      const table = TABLES.find((name) => name === line.slice(1).trim());
      if (table === undefined) return { message: `unable to initialize table '${line.slice(1)}'`, line: number };
      open = { table, lines: [], commit: 0 };
    } else if (open === undefined) {
      return { message: `"${line}" stands outside a table: begin with a line such as *filter`, line: number };
    } else open.lines.push({ text: line, number });
  }
  return open === undefined ? sections : { message: `COMMIT expected at line ${lines.length}`, line: lines.length };
}

function restoreTable(net: Net, { table: name, lines, commit }: Section): RestoreFault | undefined {
  let at = commit;
  let complaint = '';
  const refused = changeTable(net, name, (table) => {
    table.clear();
    for (const { text, number } of lines) {
      const fault = text.startsWith(':') ? readChain(table, text) : readRule(table, text);
      if (fault === undefined) continue;
      at = number;
      if (typeof fault === 'string') complaint = fault;
      return typeof fault === 'string' ? { message: fault, log: '' } : fault;
    }
    return undefined;
  });
  if (refused === undefined) return undefined;
  return { message: complaint === '' ? refusalText(refused) : complaint, line: at };
}

/** `:CHAIN POLICY [packets:bytes]`; counters may be left out. */
function readChain(table: Table, text: string): string | undefined {
  const [name = '', policy, counters, ...rest] = text.slice(1).trim().split(/\s+/);
  if (policy === undefined || rest.length > 0) return `"${text}": write :CHAIN POLICY [packets:bytes]`;
  const counts = counters === undefined ? ([0, 0] as const) : readCounters(counters);
  if (counts === undefined) return `invalid counters "${counters}": write [packets:bytes]`;
  const found = table.chain(name);
  if (found?.policy === undefined) {
    if (found !== undefined) return `error creating chain '${name}':File exists`;
    if (policy !== '-') return `Can't set policy \`${policy}' on \`${name}': Bad built-in chain name`;
    const made = parseIptables(['-N', name], table.name);
    if (typeof made === 'string') return made;
    table.put(new Chain(name, undefined));
    return undefined;
  }
  if (policy === '-') return undefined;
  if (!isPolicy(policy)) return `Can't set policy \`${policy}' on \`${name}': Bad policy name`;
  found.policy = policy;
  found.countsPolicy = true;
  [found.packets, found.bytes] = counts;
  return undefined;
}

/** A rule or any other command, with the counters of the rule in front if there are any. */
function readRule(table: Table, text: string): TableRefusal | string | undefined {
  const [, counters, rest = text] = /^(\[[^\]]*\])\s*(.*)$/.exec(text) ?? [];
  const counts = counters === undefined ? undefined : readCounters(counters);
  if (counters !== undefined && counts === undefined) return `invalid counters "${counters}": write [packets:bytes]`;
  const words = splitWords(rest, 'file');
  if (words === undefined) return 'a quote is not closed';
  const parsed = parseIptables(words, table.name);
  if (typeof parsed === 'string') return parsed;
  return applyToTable(table, counts === undefined ? parsed : { ...parsed, counters: counts });
}

function readCounters(text: string): readonly [number, number] | undefined {
  const [, packets, bytes] = /^\[(\d{1,15}):(\d{1,15})\]$/.exec(text) ?? [];
  return packets === undefined || bytes === undefined ? undefined : [Number(packets), Number(bytes)];
}
