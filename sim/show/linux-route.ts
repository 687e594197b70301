import type { NamespaceSnapshot, RouteRow } from '../kernel/snapshot.ts';
import { formatIpv4, mask, parsePrefix } from '../wire/address.ts';

/**
 * `ip route show table TABLE` as iproute2 prints it, but for the blank it leaves at the end of a line. `all` names the
 * table in each line that is not of main.
 */
export function showIpRoute(snapshot: NamespaceSnapshot, table = 'main'): string {
  const rows = snapshot.route.filter((row) => table === 'all' || (row.table ?? 'main') === table);
  return rows.map((row) => `${routeLine(row, table === 'all')}\n`).join('');
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
  const rows = snapshot.route.filter(
    (row) => row.table === undefined && row.type !== 'broadcast' && row.type !== 'multicast',
  );
  const header =
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n';
  return header + rows.map((row) => `${legacyLine(row)}\n`).join('');
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
