import type { ComwareSnapshot } from '../comware/snapshot-rows.ts';
import { type Column, renderTable } from './table.ts';

const STATE: Column = { header: 'State', width: 12 };

const SOCKETS: readonly Column[] = [
  { header: 'Proto' },
  { header: 'Local Addr:port', width: 21 },
  { header: 'Foreign Addr:port', width: 21 },
  { header: 'Stack' },
  { header: 'Application' },
];

/**
 * Sockets of Comware's applications, in the manner of `display udp` and `display tcp`, with the stack that has each. The
 * column `State` is there when one of them has a state.
 */
export function showComwareSockets(snapshot: ComwareSnapshot): string {
  const hasState = snapshot.sockets.some((row) => row.state !== undefined);
  const rows = snapshot.sockets.map((row) => [
    row.protocol,
    `${row.local}:${row.port}`,
    `${row.peer}:${row.peerPort}`,
    ...(hasState ? [row.state ?? '-'] : []),
    row.stack,
    row.application,
  ]);
  return renderTable(hasState ? [...SOCKETS.slice(0, 3), STATE, ...SOCKETS.slice(3)] : SOCKETS, rows);
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
