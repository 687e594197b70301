import type { ComwareRouteRow, ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

/** One entry of `display fib`. */
export interface ComwareFibRow {
  readonly destination: string;
  readonly nextHop: string;
  readonly flag: string;
  readonly interface: string;
}

const LEGEND = `Flag:
  U:Useable   G:Gateway   H:Host   B:Blackhole   D:Dynamic   S:Static
  R:Relay     F:FRR

`;

const COLUMNS: readonly Column[] = [
  { header: 'Destination/Mask', width: 18 },
  { header: 'Nexthop', width: 15 },
  { header: 'Flag', width: 8 },
  { header: 'OutInterface/Token', width: 24 },
  { header: 'Label' },
];

/** `display fib` of release 91xx. */
export function showComwareFib(snapshot: ComwareSnapshot): string {
  const rows = comwareFibRows(snapshot);
  const destinations = new Set(rows.map((row) => row.destination)).size;
  const cells = rows.map((row) => [row.destination, row.nextHop, row.flag, row.interface, 'Null']);
  const counts = `Destination count: ${destinations} FIB entry count: ${rows.length}\n\n`;
  return counts + LEGEND + renderTable(COLUMNS, cells);
}

/** What packets meet: the routes, and a host entry for each neighbour whose MAC is known, by destination. */
export function comwareFibRows({ routes, arp }: ComwareSnapshot): ComwareFibRow[] {
  const own = routes.map(
    (row): ComwareFibRow => ({
      destination: row.destination,
      nextHop: row.nextHop,
      flag: flagsOf(row),
      interface: row.interface,
    }),
  );
  const taken = new Set(own.map((row) => row.destination));
  const neighbours = arp
    .filter((row) => row.type !== 'I' && !taken.has(`${row.address}/32`))
    .map((row) => ({ destination: `${row.address}/32`, nextHop: row.address, flag: 'UH', interface: row.interface }));
  return [...own, ...neighbours].sort((a, b) => orderOf(a.destination) - orderOf(b.destination));
}

function flagsOf(row: ComwareRouteRow): string {
  return [
    'U',
    ...(row.protocol === 'Static' ? ['S'] : []),
    ...(row.protocol === 'Static' && !row.discards ? ['G'] : []),
    ...(row.discards ? ['B'] : []),
    ...(row.destination.endsWith('/32') ? ['H'] : []),
    ...(row.realNextHop === row.nextHop ? [] : ['R']),
  ].join('');
}

/** By address, and the shorter prefix of an address first. */
function orderOf(destination: string): number {
  const [address = '', length = ''] = destination.split('/');
  return address.split('.').reduce((value, byte) => value * 256 + Number(byte), 0) * 64 + Number(length);
}
