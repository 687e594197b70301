import { cancel } from '../../core/events.ts';
import type { Connection } from './connection.ts';
import { sendReset } from './output.ts';
import { pushPending } from './push.ts';
import { stopTimer } from './retransmit-timer.ts';
import type { TcpError } from './state.ts';

/** The connection is over and leaves the table. Models net/ipv4/tcp.c tcp_done(). */
export function done(connection: Connection): void {
  const { state, stack } = connection;
  if (state === 'SYN_SENT' || state === 'SYN_RECV') stack.counters.TcpAttemptFails++;
  leave(connection);
}

function leave(connection: Connection): void {
  if (connection.state === 'CLOSE') return;
  connection.stopTimers();
  connection.state = 'CLOSE';
  connection.stack.forget(connection);
  connection.user.finished();
}

/** A connection that nobody has accepted is given up without a word (tcp_req_err). */
export function dropRequest(connection: Connection): void {
  connection.stack.counters.TcpExtListenDrops++;
  leave(connection);
}

/** The same by its timer, which counts nothing (inet_csk_reqsk_queue_drop_and_put). */
export function forgetRequest(connection: Connection): void {
  leave(connection);
}

/** It ended before its time: the program is told why. Models tcp_reset() and tcp_write_err(). */
export function fail(connection: Connection, error: TcpError): void {
  const { state } = connection;
  if (state === 'ESTABLISHED' || state === 'CLOSE_WAIT') connection.stack.counters.TcpEstabResets++;
  if (!connection.orphan) connection.user.failed(error);
  done(connection);
}

/** A timer has given up. */
export function timedOut(connection: Connection): void {
  const none = { type: 0, code: 0, offender: 0, packet: 0 } as const;
  connection.stack.counters.TcpExtTCPAbortOnTimeout++;
  fail(connection, connection.softError ?? { errno: 'ETIMEDOUT', ...none });
}

/** The program writes no more: FIN after what it wrote (shutdown(2) with SHUT_WR). Models tcp_shutdown(). */
export function shutdown(connection: Connection): void {
  if (connection.finQueued) return;
  const { state } = connection;
  if (state === 'ESTABLISHED' || state === 'SYN_RECV') queueFin(connection, 'FIN_WAIT1');
  else if (state === 'CLOSE_WAIT') queueFin(connection, 'LAST_ACK');
  else if (state === 'SYN_SENT') connection.finQueued = true;
}

function queueFin(connection: Connection, state: 'FIN_WAIT1' | 'LAST_ACK'): void {
  connection.finQueued = true;
  connection.state = state;
  pushPending(connection);
}

/**
 * The program gives the socket up: FIN after what it wrote, or RST when it leaves data unread (RFC 2525 2.17). Models
 * __tcp_close(). Not modelled: a time limit (SO_LINGER with one).
 */
export function close(connection: Connection): void {
  if (connection.orphan) return;
  connection.orphan = true;
  const { unread } = connection.received;
  connection.received.clear();
  end(connection, unread);
  // Models tcp_check_oom().
  if (!isOver(connection) && !connection.stack.mayBeOrphan(connection)) {
    connection.stack.counters.TcpExtTCPAbortOnMemory++;
    disconnect(connection);
  }
}

/** Asked anew after calls that may have ended it. */
function isOver(connection: Connection): boolean {
  return connection.state === 'CLOSE';
}

function end(connection: Connection, unread: number): void {
  const { state } = connection;
  if (state === 'CLOSE' || state === 'SYN_SENT') leave(connection);
  else if (unread > 0) {
    connection.stack.counters.TcpExtTCPAbortOnClose++;
    disconnect(connection);
  } else if (state === 'FIN_WAIT2') {
    connection.stack.leaveTimeWait(connection, 'FIN_WAIT2', connection.profile.finTimeout);
  } else shutdown(connection);
}

/** The program wants it to end with RST (SO_LINGER with a time of 0). */
export function abort(connection: Connection): void {
  if (connection.state !== 'CLOSE') connection.stack.counters.TcpExtTCPAbortOnData++;
  disconnect(connection);
}

/** RST at once. Models tcp_disconnect(), which counts no attempt as failed. */
function disconnect(connection: Connection): void {
  connection.orphan = true;
  connection.received.clear();
  const { state } = connection;
  if (state === 'ESTABLISHED' || state === 'CLOSE_WAIT') connection.stack.counters.TcpEstabResets++;
  if (state !== 'CLOSE' && state !== 'SYN_SENT') sendReset(connection);
  leave(connection);
}

/** Both directions are closed: a record stays behind (tcp_time_wait). */
export function enterTimeWait(connection: Connection): void {
  stopTimer(connection);
  cancel(connection.ackTimer);
  connection.stack.leaveTimeWait(connection, 'TIME_WAIT', connection.profile.timeWait);
}
