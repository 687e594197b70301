import type { ComwareInterfaceRow, ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

const LEGEND = '*down: administratively down\n(s): spoofing  (l): loopback\n';

const COLUMNS: readonly Column[] = [
  { header: 'Interface', width: 19 },
  { header: 'Physical' },
  { header: 'Protocol' },
  { header: 'IP address/Mask', width: 18 },
  { header: 'VPN instance' },
  { header: 'Description' },
];

/** `display ip interface brief` of release 91xx. */
export function showComwareInterfaces(snapshot: ComwareSnapshot): string {
  return LEGEND + renderTable(COLUMNS, snapshot.interfaces.map(cells));
}

function cells(row: ComwareInterfaceRow): string[] {
  return [row.shortName, row.physical, row.protocol, row.address === '' ? '--' : row.address, '--', '--'];
}
