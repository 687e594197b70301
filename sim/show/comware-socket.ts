import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

const SOCKETS: readonly Column[] = [
  { header: 'Proto' },
  { header: 'Local Addr:port', width: 21 },
  { header: 'Foreign Addr:port', width: 21 },
  { header: 'Stack' },
  { header: 'Application' },
];

/** Sockets of Comware's applications, in the manner of `display udp`, with the stack that has each. */
export function showComwareSockets(snapshot: ComwareSnapshot): string {
  const rows = snapshot.sockets.map((row) => [
    row.protocol,
    `${row.local}:${row.port}`,
    `${row.peer}:${row.peerPort}`,
    row.stack,
    row.application,
  ]);
  return renderTable(SOCKETS, rows);
}

const SESSIONS: readonly Column[] = [
  { header: 'Proto' },
  { header: 'Local Addr:port', width: 21 },
  { header: 'Remote Addr:port', width: 21 },
  { header: 'Owner' },
  { header: 'State' },
  { header: 'TTL', align: 'right' },
];

/** Conversations of the kernel's stack and of the host, whose answers go back there. TTL is in seconds; for ICMP the port is the identifier. */
export function showComwareSessions(snapshot: ComwareSnapshot): string {
  const rows = snapshot.sessions.map((row) => [
    row.protocol,
    `${row.local}:${row.localPort}`,
    `${row.remote}:${row.remotePort}`,
    row.owner,
    row.state,
    `${row.ttl}s`,
  ]);
  return renderTable(SESSIONS, rows);
}
