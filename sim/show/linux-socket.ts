import type { NamespaceSnapshot } from '../kernel/snapshot.ts';
import type { SocketRow } from '../kernel/socket-snapshot.ts';

/** What `ss` is asked for: which kinds, in which states, and whether with their programs and a line of headers. */
export interface SocketFilter {
  readonly netids: readonly SocketRow['netid'][];
  /** `-l`, `-a`, or neither of them. */
  readonly states: 'listening' | 'all' | 'connected';
  /** `-p`. */
  readonly processes: boolean;
  /** Off for `-H`. */
  readonly header: boolean;
}

const EVERYTHING: SocketFilter = { netids: ['icmp', 'udp', 'tcp'], states: 'all', processes: true, header: true };

/**
 * `ss` as iproute2 prints it into a file: columns as wide as their widest cell. `ss -tunap` with the sockets of ping(1)
 * beside the others unless asked otherwise. Queues of UDP are empty, since programs of the model read at once; a program
 * has a name, but no number and no descriptors. Models misc/ss.c render().
 */
export function showSockets(snapshot: NamespaceSnapshot, filter: SocketFilter = EVERYTHING): string {
  const rows = socketsAsked(snapshot, filter).map((row) => cells(row, filter));
  const lines = filter.header ? [HEADER, ...rows] : rows;
  const kinds = filter === EVERYTHING ? new Set(snapshot.socket.map((row) => row.netid)).size : filter.netids.length;
  const hidden = kinds > 1 ? 0 : 1;
  const widths = HEADER.map((_, column) =>
    lines.reduce((most, line) => Math.max(most, (line[column] ?? '').length), 0),
  );
  return lines
    .map((line) => {
      const parts = line.slice(hidden).map((cell, index) => {
        const column = index + hidden;
        const width = widths[column] ?? 0;
        const blank = index > 0 && IS_APART[column] === true ? ' ' : '';
        return blank + (IS_RIGHT[column] === true ? cell.padStart(width) : cell.padEnd(width));
      });
      return `${parts.join('')}\n`;
    })
    .join('');
}

/** The rows of `ss`, UDP before TCP. */
export function socketsAsked({ socket }: NamespaceSnapshot, { netids, states }: SocketFilter): readonly SocketRow[] {
  const isIn = ({ state }: SocketRow): boolean => {
    if (states === 'all') return true;
    const isListening = state === 'LISTEN' || state === 'UNCONN';
    // SS_CONN of misc/ss.c.
    return states === 'listening' ? isListening : !isListening && state !== 'TIME-WAIT' && state !== 'SYN-RECV';
  };
  return ORDER.flatMap((netid) => socket.filter((row) => row.netid === netid && netids.includes(netid) && isIn(row)));
}

const ORDER: readonly SocketRow['netid'][] = ['udp', 'icmp', 'tcp'];

const HEADER: readonly string[] = [
  ...['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:', 'Port', 'Peer Address:', 'Port', 'Process'],
];
/** Which columns a blank stands before, and which stand to the right. */
const IS_APART: readonly boolean[] = [false, true, true, true, true, false, true, false, false];
const IS_RIGHT: readonly boolean[] = [false, false, false, false, true, false, true, false, false];

function cells(row: SocketRow, { processes }: SocketFilter): string[] {
  const peerPort = row.peerPort === 0 ? '*' : String(row.peerPort);
  return [
    ...[row.netid, row.state, String(row.recvq ?? 0).padEnd(6), String(row.sendq ?? 0).padEnd(6)],
    ...[`${row.local}:`, String(row.port), `${row.peer}:`, peerPort],
    processes && row.process !== '' ? ` users:(("${row.process}"))` : '',
  ];
}
