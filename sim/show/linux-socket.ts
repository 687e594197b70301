import type { NamespaceSnapshot } from '../kernel/snapshot.ts';
import type { SocketRow } from '../kernel/socket-snapshot.ts';
import { type Column, renderTable } from './table.ts';

/**
 * `ss -tunap`, with the sockets of ping(1) beside those of UDP and TCP: the column `Netid` is there when several kinds
 * are. Queues of UDP are empty, since programs of the model read at once.
 */
export function showSockets(snapshot: NamespaceSnapshot): string {
  const rows = snapshot.socket;
  const withNetid = new Set(rows.map((row) => row.netid)).size > 1;
  const columns = withNetid ? [{ header: 'Netid' }, ...COLUMNS] : COLUMNS;
  return renderTable(
    columns,
    rows.map((row) => (withNetid ? [row.netid, ...cells(row)] : cells(row))),
  );
}

const COLUMNS: readonly Column[] = [
  { header: 'State', width: 6 },
  { header: 'Recv-Q' },
  { header: 'Send-Q' },
  { header: 'Local Address', align: 'right', gap: ':' },
  { header: 'Port' },
  { header: 'Peer Address', align: 'right', gap: ':' },
  { header: 'Port' },
  { header: 'Process' },
];

function cells(row: SocketRow): string[] {
  const peerPort = row.peerPort === 0 ? '*' : String(row.peerPort);
  const process = row.process === '' ? '' : `users:(("${row.process}"))`;
  return [
    row.state,
    String(row.recvq ?? 0),
    String(row.sendq ?? 0),
    row.local,
    String(row.port),
    row.peer,
    peerPort,
    process,
  ];
}
