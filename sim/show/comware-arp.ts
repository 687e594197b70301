import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

const LEGEND = '  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n';

const COLUMNS: readonly Column[] = [
  { header: 'IP address', width: 15 },
  { header: 'MAC address', width: 14 },
  { header: 'VLAN/VSI name', width: 13 },
  { header: 'Interface', width: 24 },
  { header: 'Aging', width: 5 },
  { header: 'Type' },
];

/** `display arp` of release 91xx; ageing in seconds. */
export function showComwareArp(snapshot: ComwareSnapshot): string {
  const rows = snapshot.arp.map((row) => [
    row.address,
    row.mac === '' ? '--' : row.mac,
    row.vlan,
    row.interface,
    row.aging,
    row.type,
  ]);
  return LEGEND + renderTable(COLUMNS, rows);
}
