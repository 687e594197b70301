import type { ComwareArpRow, ComwareRouteRow } from '../comware/snapshot-rows.ts';
import type { ConntrackRow } from '../kernel/conntrack-snapshot.ts';
import type { NeighRow, RouteRow, RuleRow } from '../kernel/snapshot.ts';
import { LabError } from './lab-error.ts';
import { LabStack } from './lab-stack.ts';
import { type MatchResult, verdictOn } from './match-result.ts';
import { isPartOf, type Partly } from './part-of.ts';
import { GRAMMARS, type LineKind, lineSays } from './table-line.ts';

/* Matchers of tables: a line in the words of the tool that prints the table, or a part of a row. */

/** `'default via 10.0.0.1 dev eth0'` or `{ dst: 'default', gateway: '10.0.0.1' }`; what is not said may be anything. */
export type WantedRoute = string | Partly<RouteRow> | Partly<ComwareRouteRow>;
/** `'10.0.0.1 dev eth0 REACHABLE'` or `{ dst: '10.0.0.1', state: ['REACHABLE'] }`. */
export type WantedNeighbour = string | Partly<NeighRow> | Partly<ComwareArpRow>;
/** `'from 10.0.0.0/24 lookup 100'`, with its priority or without, or `{ priority: 100 }`. */
export type WantedRule = string | Partly<RuleRow>;
/** Words of `conntrack -L` in their order: `'udp src=10.0.0.1 dport=53 [UNREPLIED]'`, or a part of a row. */
export type WantedConntrack = string | Partly<ConntrackRow>;

/** In the main table, or in the one that `table` names. */
export function toHaveRoute(received: unknown, wanted: WantedRoute): MatchResult {
  return match('toHaveRoute', received, wanted, 'route');
}

export function toHaveNeighbour(received: unknown, wanted: WantedNeighbour): MatchResult {
  return match('toHaveNeighbour', received, wanted, 'neigh');
}

export function toHaveRule(received: unknown, wanted: WantedRule): MatchResult {
  return match('toHaveRule', received, wanted, 'rule');
}

export function toHaveConntrack(received: unknown, wanted: WantedConntrack): MatchResult {
  return match('toHaveConntrack', received, wanted, 'conntrack');
}

function match(matcher: string, received: unknown, wanted: string | object, kind: LineKind): MatchResult {
  if (!(received instanceof LabStack))
    throw new LabError(`${matcher}: expected lab.stack(NAME), found ${typeof received}`);
  const { noun } = GRAMMARS[kind];
  const namesTable = typeof wanted === 'string' ? /\stable\s/.test(wanted) : 'table' in wanted;
  const isAll = kind === 'route' && namesTable;
  const table = isAll ? 'route all' : kind;
  const printed = received.table(table);
  const pass =
    typeof wanted === 'string'
      ? lineSays(kind, isComware(received, kind), printed, wanted, matcher)
      : rowsOf(received, table).some((row) => isPartOf(wanted, row));
  const claim = `to have the ${noun} ${typeof wanted === 'string' ? wanted : JSON.stringify(wanted)}`;
  return verdictOn(received.name, claim, pass, () => (printed === '' ? `  it has no ${noun}s` : indented(printed)));
}

/** Rules and connections are the kernel's, on a device too. */
function isComware(stack: LabStack, kind: LineKind): boolean {
  return (kind === 'route' || kind === 'neigh') && stack.snapshot().comware !== undefined;
}

function rowsOf(stack: LabStack, table: string): readonly unknown[] {
  const rows = stack.rows(table);
  return Array.isArray(rows) ? rows : [];
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
