import type { JsonRow, NodeRecord } from '../record.ts';
import { inside } from './namespaces.ts';
import { run } from './process.ts';

/** What no line of any of the tables is. */
const END = '=== end of a table ===';

/**
 * Each reads one table. None of it begins to track connections or makes tables of the filter: a listing asks for what is
 * there. A tool that is missing leaves its table empty.
 */
const READERS = {
  neighbours: 'ip -j -s neigh show',
  conntrack: 'conntrack -L -o extended 2>/dev/null',
  iptables: 'iptables-save -c 2>/dev/null',
  fdb: 'bridge -j fdb show',
  lists: "ip -j -batch - <<< $'addr show\\nroute show table all\\nrule show'",
} as const;

type Table = keyof typeof READERS;

/** What timers change, before what only commands do. */
const AGEING: readonly Table[] = ['neighbours', 'conntrack', 'iptables'];
const LASTING: readonly Table[] = ['fdb', 'lists'];

/** A node, the name of its namespace, and whether it has rules of the packet filter. */
export interface NamedNode {
  readonly node: string;
  readonly name: string;
  readonly isFiltered: boolean;
}

/** The tables of nodes as they are now, but for counters and what rules dropped; `aged` is called once what ages is read. */
export async function readTables(
  nodes: readonly NamedNode[],
  aged: () => void,
): Promise<Omit<NodeRecord, 'counters' | 'droppingRules'>[]> {
  // Those that nothing tracks have nothing there that ages but their neighbours.
  const filtered = nodes.filter(({ isFiltered }) => isFiltered);
  const rest = nodes.filter(({ isFiltered }) => !isFiltered);
  const texts = new Map<string, string>();
  await read([...of(nodes, ['neighbours']), ...of(filtered, ['conntrack', 'iptables'])], texts);
  aged();
  await read([...of(rest, AGEING.slice(1)), ...of(nodes, LASTING)], texts);
  return nodes.map(({ node, name }) => tablesOf(node, (table) => texts.get(keyOf(name, table)) ?? ''));
}

interface Reading {
  readonly name: string;
  readonly table: Table;
}

const of = (nodes: readonly NamedNode[], tables: readonly Table[]): Reading[] =>
  nodes.flatMap(({ name }) => tables.map((table) => ({ name, table })));

const keyOf = (name: string, table: Table): string => `${name} ${table}`;

/** In one shell, one after the other: many processes at once would wait for one another. */
async function read(readings: readonly Reading[], texts: Map<string, string>): Promise<void> {
  const script = readings.map(({ name, table }) => `${inside(name).join(' ')} ${READERS[table]}; echo; echo '${END}'`);
  const { output, complaint } = await run(['bash', '-s'], { stdin: script.join('\n') });
  const parts = output.split(`${END}\n`);
  if (parts.length !== readings.length + 1) throw new Error(`cannot read the tables: ${complaint}`);
  for (const [index, { name, table }] of readings.entries()) texts.set(keyOf(name, table), parts[index] ?? '');
}

function tablesOf(node: string, text: (table: Table) => string): Omit<NodeRecord, 'counters' | 'droppingRules'> {
  const [addresses = '', routes = '', rules = ''] = text('lists')
    .trim()
    .split(/\n(?=\[)/);
  return {
    node,
    addresses: rowsOf(addresses),
    routes: rowsOf(routes),
    rules: rowsOf(rules),
    neighbours: rowsOf(text('neighbours')),
    fdb: rowsOf(text('fdb')),
    conntrack: linesOf(text('conntrack')),
    iptables: linesOf(text('iptables'))
      .filter((line) => !line.startsWith('#'))
      .map((line) => `${line}\n`)
      .join(''),
  };
}

function rowsOf(text: string): JsonRow[] {
  return text.trim() === '' ? [] : (JSON.parse(text) as JsonRow[]);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
