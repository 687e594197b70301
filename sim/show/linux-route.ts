import type { NamespaceSnapshot, RouteRow } from '../kernel/snapshot.ts';
import { formatIpv4, mask, parsePrefix } from '../wire/address.ts';

/** What `ip route show` leaves out: rows that differ, and in each row the words that were asked for. */
export interface RouteFilter {
  /** `all`, or one of them; main unless given. */
  readonly table?: string;
  readonly dev?: string;
  readonly proto?: string;
  readonly scope?: string;
  readonly type?: string;
}

/** The rows of `ip -j route show`. */
export function ipRouteRows({ route }: NamespaceSnapshot, filter: RouteFilter = {}): RouteRow[] {
  const { table = 'main', dev, proto, scope, type } = filter;
  const isAsked = (row: RouteRow): boolean =>
    (table === 'all' || (row.table ?? 'main') === table) &&
    (dev === undefined || row.dev === dev) &&
    (proto === undefined || (row.protocol ?? 'boot') === proto) &&
    (scope === undefined || (row.scope ?? 'global') === scope) &&
    (type === undefined || (row.type ?? 'unicast') === type);
  // What was asked for is not told again.
  const left = Object.entries({ table: table === 'all' ? undefined : table, dev, protocol: proto, scope })
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
  const rows = route.filter(isAsked).map((row) => without(row, left));
  return table === 'all' ? rows.sort((a, b) => bucketOf(a) - bucketOf(b)) : rows;
}

function without(row: RouteRow, keys: readonly string[]): RouteRow {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key))) as unknown as RouteRow;
}

const TABLE_IDS: ReadonlyMap<string, number> = new Map([
  ['default', 253],
  ['main', 254],
  ['local', 255],
]);

/** The chain of the kernel's hash that a table is in (net/ipv4/fib_frontend.c fib_table_hash). */
function bucketOf({ table = 'main' }: RouteRow): number {
  return (TABLE_IDS.get(table) ?? Number(table)) & 0xff;
}

/** `ip route show table TABLE` as iproute2 prints it. `all` names the table in each line that is not of main. */
export function showIpRoute(snapshot: NamespaceSnapshot, filter: RouteFilter | string = {}): string {
  const rows = ipRouteRows(snapshot, typeof filter === 'string' ? { table: filter } : filter);
  return rows.map((row) => `${routeLine(row, true)} \n`).join('');
}
/** One route as `ip route` prints it: words in the order of iproute2's print_route(). */
export function routeLine(row: RouteRow, withTable = false): string {
  const words = row.type === undefined ? [row.dst] : [row.type, row.dst];
  const add = (keyword: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(keyword, String(value));
  };
  add('via', row.gateway);
  add('dev', row.dev);
  if (withTable) add('table', row.table);
  add('proto', row.protocol);
  add('scope', row.scope);
  add('src', row.prefsrc);
  add('metric', row.metric);
  return [...words, ...row.flags].join(' ');
}

/** `route -n` as net-tools prints /proc/net/route, which holds table main without broadcast and multicast. */
export function showRouteN(snapshot: NamespaceSnapshot): string {
  const header =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n';
  return (
    header +
    routeNRows(snapshot)
      .map((row) => `${legacyLine(row)}\n`)
      .join('')
  );
}

/** The rows that `route -n` is made of. */
export function routeNRows({ route }: NamespaceSnapshot): RouteRow[] {
  return route.filter((row) => row.table === undefined && row.type !== 'broadcast' && row.type !== 'multicast');
}

function legacyLine(row: RouteRow): string {
  const prefix = parsePrefix(row.dst) ?? { network: 0, length: 0 };
  const genmask = mask(prefix.length);
  const rejects = row.type === 'unreachable' || row.type === 'prohibit';
  const host = prefix.length === 32 ? 'H' : '';
  const flags = rejects ? `!${host}` : `U${row.gateway === undefined ? '' : 'G'}${host}`;
  const gateway = rejects ? '-' : (row.gateway ?? '0.0.0.0');
  return [
    formatIpv4(prefix.network).padEnd(15),
    gateway.padEnd(15),
    formatIpv4(genmask).padEnd(15),
    flags.padEnd(5),
    String(row.metric ?? 0).padEnd(6),
    (rejects ? '-' : '0').padEnd(2),
    '0'.padStart(7),
    rejects ? '-' : (row.dev ?? '*'),
  ].join(' ');
}
