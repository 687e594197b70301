import type { JsonRow, NodeRecord } from '../record.ts';
import { inside } from './namespaces.ts';
import { run } from './process.ts';

/** What no line of any of the tables is. */
const END = '=== end of a table ===';

/**
 * What is read, in the order in which it ages. None of it begins to track connections or makes tables of the filter: a
 * listing asks for what is there. A tool that is missing leaves its table empty.
 */
const SCRIPT = [
  'ip -j -s neigh show',
  'conntrack -L -o extended 2>/dev/null',
  'bridge -j fdb show',
  'printf "addr show\\nroute show table all\\nrule show\\n" | ip -j -batch -',
  'iptables-save -c 2>/dev/null',
]
  .map((line) => `${line}; echo; echo '${END}'`)
  .join('\n');

/** The tables of the namespace of a node, as they are now; its counters are read by the peer, all at once. */
export async function readTables(node: string, namespace: string): Promise<Omit<NodeRecord, 'counters'>> {
  const { output, complaint } = await run([...inside(namespace), 'bash', '-s'], { stdin: SCRIPT });
  const parts = output.split(`${END}\n`);
  if (parts.length !== 6) throw new Error(`cannot read the tables of ${node}: ${complaint}`);
  const [neighbours = '', conntrack = '', fdb = '', lists = '', iptables = ''] = parts;
  const [addresses = '', routes = '', rules = ''] = lists.trim().split(/\n(?=\[)/);
  return {
    node,
    addresses: rowsOf(addresses),
    routes: rowsOf(routes),
    rules: rowsOf(rules),
    neighbours: rowsOf(neighbours),
    fdb: rowsOf(fdb),
    conntrack: linesOf(conntrack),
    iptables: linesOf(iptables)
      .filter((line) => !line.startsWith('#'))
      .map((line) => `${line}\n`)
      .join(''),
    droppingRules: [],
  };
}

function rowsOf(text: string): JsonRow[] {
  return text.trim() === '' ? [] : (JSON.parse(text) as JsonRow[]);
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
