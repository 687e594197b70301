import { nearest } from '../../core/nearest.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { TABLE_NAMES, type TableName } from '../table-names.ts';
import { type Style, showTable, tableRows } from '../table-of.ts';
import { askBridge } from './ask-bridge.ts';
import { askDisplay } from './ask-display.ts';
import { askDocker } from './ask-docker.ts';
import { askNstat, askRoute, askSs, askSysctl } from './ask-host.ts';
import { askIp } from './ask-ip.ts';
import { askConntrack, askIptables, askIptablesSave } from './ask-netfilter.ts';
import { isMisunderstood, type Misunderstanding, misunderstood, type Question } from './question.ts';

const COMMANDS: ReadonlyMap<string, (words: readonly string[]) => Question | Misunderstanding> = new Map([
  ['ip', askIp],
  ['bridge', askBridge],
  ['route', askRoute],
  ['ss', askSs],
  ['nstat', askNstat],
  ['sysctl', askSysctl],
  ['iptables', askIptables],
  ['iptables-save', askIptablesSave],
  ['conntrack', askConntrack],
  ['docker', askDocker],
  ['display', askDisplay],
]);

/**
 * What is asked for: a short name (`route`, `nat-session`), which every stack answers in its own format unless `style`
 * says otherwise, or a command as it is typed on the machine (`ip -j route`, `display arp`).
 */
export function readQuestion(what: string, style?: Style): Question | Misunderstanding {
  const words = what.trim().split(/\s+/);
  if (words[0] === 'sudo') words.shift();
  const line = words.join(' ');
  // `route-n` spares the quotes of `route -n`.
  const short = TABLE_NAMES.find((one) => one === line || one.replace(' -', '-').replace(' ', '-') === line);
  if (short !== undefined) return shortQuestion(short, style);
  const [first = '', ...rest] = words;
  const isDisplay = first.length >= 3 && 'display'.startsWith(first);
  const ask = COMMANDS.get(isDisplay ? 'display' : first);
  if (ask !== undefined) return ask(rest);
  return unknown(line);
}

function shortQuestion(table: TableName, style: Style | undefined): Question {
  return {
    command: table,
    of: 'any',
    key: table,
    text: (snapshot) => showTable(snapshot, table, style),
    rows: (snapshot) => tableRows(snapshot, table, style),
  };
}

function unknown(line: string): Misunderstanding {
  const [first = '', ...rest] = line.split(' ');
  const tool = nearest(first, COMMANDS.keys());
  const close = rest.length === 0 ? nearest(line, [...TABLE_NAMES, ...COMMANDS.keys()]) : undefined;
  const guess = close ?? (tool === undefined ? undefined : [tool, ...rest].join(' '));
  const all = `there are ${TABLE_NAMES.join(', ')}, and commands of ${[...COMMANDS.keys()].join(', ')}`;
  return misunderstood(`there is no table "${line}"`, guess === undefined ? all : `did you mean "${guess}"?`);
}

/** A table that a stack has, with the short name that means it, and how many rows are in it. */
export interface TableEntry {
  readonly command: string;
  readonly name: string;
  readonly rows: number;
}

/** What there is to see of a stack: commands, and how many rows each would show now. */
export function tablesOfStack(snapshot: StackSnapshot): TableEntry[] {
  const { comware, device } = snapshot;
  const asked = [
    ...(comware === undefined ? LINUX_COMMANDS : COMWARE_COMMANDS),
    ...(device === undefined ? [] : DOCKER_COMMANDS),
  ];
  return asked.flatMap(([command, name]) => {
    const question = readQuestion(command);
    return isMisunderstood(question) ? [] : { command, name, rows: countOf(question.rows(snapshot)) };
  });
}

function countOf(rows: unknown): number {
  if (Array.isArray(rows)) return rows.length;
  return typeof rows === 'object' && rows !== null
    ? Object.values(rows).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 1), 0)
    : 0;
}

const LINUX_COMMANDS: readonly (readonly [string, string])[] = [
  ['ip addr', 'addr'],
  ['ip -s link', 'link'],
  ['ip route', 'route'],
  ['ip route show table all', 'route-all'],
  ['route -n', 'route-n'],
  ['ip rule', 'rule'],
  ['ip neigh', 'neigh'],
  ['bridge link', 'bridge-link'],
  ['bridge fdb', 'fdb'],
  ['iptables-save', 'iptables'],
  ['conntrack -L', 'conntrack'],
  ['ss -tunap', 'socket'],
  ['nstat', 'counters'],
  ['sysctl -a', 'sysctl'],
];

const COMWARE_COMMANDS: readonly (readonly [string, string])[] = [
  ['display ip interface brief', 'addr'],
  ['display interface', 'link'],
  ['display ip routing-table', 'route'],
  ['display fib', 'fib'],
  ['display arp', 'neigh'],
  ['display nat all', 'nat'],
  ['display nat session verbose', 'nat-session'],
  ['display acl all', 'acl'],
  ['display current-configuration', 'configuration'],
];

const DOCKER_COMMANDS: readonly (readonly [string, string])[] = [
  ['docker ps -a', 'docker'],
  ['docker network ls', 'docker-network'],
  ['docker images', 'docker-image'],
];
