import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { header: 'Destination/Mask', width: 18 },
  { header: 'Proto', width: 7 },
  { header: 'Pre', width: 3 },
  { header: 'Cost', width: 11 },
  { header: 'NextHop', width: 15 },
  { header: 'Interface' },
];

/**
 * `display ip routing-table` of release 91xx: further next hops of a destination stand on lines without it. Destinations
 * counts prefixes, Routes lines.
 */
export function showComwareRoutes(snapshot: ComwareSnapshot): string {
  const { routes } = snapshot;
  const destinations = new Set(routes.map((row) => row.destination)).size;
  const rows = routes.map((row, index) =>
    routes[index - 1]?.destination === row.destination
      ? ['', '', '', '', row.nextHop, row.interface]
      : [row.destination, row.protocol, String(row.preference), String(row.cost), row.nextHop, row.interface],
  );
  const counts = `Destinations : ${String(destinations).padEnd(8)} Routes : ${routes.length}`;
  return `${counts}\n\n${renderTable(COLUMNS, rows)}`;
}
