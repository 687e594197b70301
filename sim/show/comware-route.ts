import type { ComwareRouteRow, ComwareSnapshot } from '../comware/snapshot-rows.ts';
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
export function showComwareRoutes({ routes }: ComwareSnapshot): string {
  const rows = routes.map((row, index) =>
    routes[index - 1]?.destination === row.destination
      ? ['', '', '', '', row.nextHop, row.interface]
      : [row.destination, row.protocol, String(row.preference), String(row.cost), row.nextHop, row.interface],
  );
  return `${counts(routes)}${renderTable(COLUMNS, rows)}`;
}

function counts(routes: readonly ComwareRouteRow[]): string {
  const destinations = new Set(routes.map((row) => row.destination)).size;
  return `Destinations : ${String(destinations).padEnd(8)} Routes : ${routes.length}\n\n`;
}

/** `display ip routing-table verbose` of release 91xx. Ids of next hops (NibID) count them in the order of the table. */
export function showComwareRoutesVerbose({ routes }: ComwareSnapshot): string {
  const nextHops = [...new Set(routes.map(nibKey))];
  const texts = routes.map((row) => verboseText(row, nextHops.indexOf(nibKey(row))));
  return counts(routes) + texts.join('\n');
}

const nibKey = (row: ComwareRouteRow): string => `${row.nextHop} ${row.realNextHop} ${row.interfaceName}`;

function verboseText(row: ComwareRouteRow, nib: number): string {
  const isStatic = row.protocol === 'Static';
  // Own addresses and what is thrown away are nobody else's business.
  const isTold = isStatic || !(row.interfaceName === 'InLoopBack0' || row.interfaceName === 'NULL0');
  const pairs: readonly (readonly [string, string, string, string])[] = [
    ['Protocol', row.protocol, 'Process ID', '0'],
    ['SubProtID', '0x0', 'Age', ageText(row.age)],
    ['Cost', String(row.cost), 'Preference', String(row.preference)],
    ['IpPre', 'N/A', 'QosLocalID', 'N/A'],
    ['Tag', '0', 'State', isTold ? 'Active Adv' : 'Active NoAdv'],
    ['OrigTblID', '0x0', 'OrigVrf', 'default-vrf'],
    ['TableID', '0x2', 'OrigAs', '0'],
    ['NibID', `0x${(0x10000000 + nib).toString(16)}`, 'LastAs', '0'],
    ['AttrID', '0xffffffff', 'Neighbor', '0.0.0.0'],
    ['Flags', isStatic ? '0x1008c' : '0x1000c', 'OrigNextHop', row.nextHop],
    ['Label', 'NULL', 'RealNextHop', row.realNextHop],
    ['BkLabel', 'NULL', 'BkNextHop', 'N/A'],
    ['Tunnel ID', 'Invalid', 'Interface', row.interfaceName],
    ['BkTunnel ID', 'Invalid', 'BkInterface', 'N/A'],
    ['FtnIndex', '0x0', 'TrafficIndex', 'N/A'],
  ];
  const lines = pairs.map(([left, value, right, other]) => {
    const start = `${left.padStart(11)}: ${value}`;
    // The keys of the right half end in one column.
    return `${start}${right.padStart(RIGHT_KEYS_END - start.length)}: ${other}\n`;
  });
  return `Destination: ${row.destination}\n${lines.join('')}${'Connector'.padStart(11)}: N/A\n`;
}

const RIGHT_KEYS_END = 39;

/** `04h20m37s`, with the days in front where there are any. */
function ageText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const time = `${two(Math.floor(seconds / 3600) % 24)}h${two(Math.floor(seconds / 60) % 60)}m${two(seconds % 60)}s`;
  return days === 0 ? time : `${days}d${time}`;
}
