import type { Connection } from '../transport/tcp/connection.ts';
import type { TcpListener } from '../transport/tcp/listener.ts';
import type { TcpState } from '../transport/tcp/state.ts';
import type { TimeWait } from '../transport/tcp/time-wait.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { Net } from './net.ts';

/** One socket, as `ss -tunap` tells it. */
export interface SocketRow {
  readonly netid: 'udp' | 'icmp' | 'tcp';
  /** As ss(8) spells it: `UNCONN`, `LISTEN`, `ESTAB`, `FIN-WAIT-1`, ... */
  readonly state: string;
  /** `0.0.0.0` for the wildcard. */
  readonly local: string;
  /** Port, or ICMP identifier. */
  readonly port: number;
  /** `0.0.0.0` and 0 when not connected. */
  readonly peer: string;
  readonly peerPort: number;
  /** '' when no program has it any more. */
  readonly process: string;
  /** Bytes received and not read, or connections that wait to be accepted; absent for UDP, which queues nothing. */
  readonly recvq?: number;
  /** Bytes not acknowledged, or the most connections that may wait; absent for UDP. */
  readonly sendq?: number;
}

/** The sockets of a namespace, by protocol and port. */
export function socketRows(net: Net): SocketRow[] {
  const udp = net.parts.udp.list().map(
    (socket): SocketRow => ({
      netid: 'udp',
      state: socket.remotePort === 0 ? 'UNCONN' : 'ESTAB',
      local: formatIpv4(socket.localAddress),
      port: socket.localPort,
      peer: formatIpv4(socket.remoteAddress),
      peerPort: socket.remotePort,
      process: socket.owner.name,
    }),
  );
  const icmp = net.parts.ping.list().map(
    (socket): SocketRow => ({
      netid: 'icmp',
      state: 'UNCONN',
      local: formatIpv4(socket.localAddress),
      port: socket.identifier,
      peer: '0.0.0.0',
      peerPort: 0,
      process: socket.owner.name,
    }),
  );
  const { tcp } = net.parts;
  return [
    ...udp,
    ...icmp,
    ...tcp.listeners().map(listenerRow),
    ...tcp.connections().map(connectionRow),
    ...tcp.records().map(recordRow),
  ];
}

function listenerRow(listener: TcpListener): SocketRow {
  return {
    netid: 'tcp',
    state: 'LISTEN',
    local: formatIpv4(listener.localAddress),
    port: listener.localPort,
    peer: '0.0.0.0',
    peerPort: 0,
    process: listener.owner.name,
    recvq: listener.waiting.size,
    sendq: listener.backlog,
  };
}

function connectionRow(connection: Connection): SocketRow {
  return {
    netid: 'tcp',
    state: stateText(connection.state),
    ...endsOf(connection),
    process: connection.orphan ? '' : connection.owner.name,
    recvq: connection.received.unread,
    sendq: connection.buffer.length,
  };
}

function recordRow(record: TimeWait): SocketRow {
  return { netid: 'tcp', state: stateText(record.state), ...endsOf(record), process: '', recvq: 0, sendq: 0 };
}

function endsOf(one: Connection | TimeWait): Pick<SocketRow, 'local' | 'port' | 'peer' | 'peerPort'> {
  return {
    local: formatIpv4(one.localAddress),
    port: one.localPort,
    peer: formatIpv4(one.remoteAddress),
    peerPort: one.remotePort,
  };
}

/** ss(8) writes its states with dashes, and `ESTAB`, `UNCONN` for two of them. */
const STATES: Readonly<Record<TcpState, string>> = {
  CLOSE: 'UNCONN',
  LISTEN: 'LISTEN',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  ESTABLISHED: 'ESTAB',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  CLOSE_WAIT: 'CLOSE-WAIT',
  LAST_ACK: 'LAST-ACK',
  CLOSING: 'CLOSING',
  TIME_WAIT: 'TIME-WAIT',
};

function stateText(state: TcpState): string {
  return STATES[state];
}
