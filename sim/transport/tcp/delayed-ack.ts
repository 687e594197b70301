import { cancel } from '../../core/events.ts';
import { later, ms, ns, type SimTime } from '../../core/time.ts';
import { ACK_TIMEOUT, type Connection } from './connection.ts';
import { sendAck } from './output.ts';
import { freshWindow, growWindow, largestTold, shareBuffer } from './receive-window.ts';
import { distance } from './sequence.ts';

/** TCP_MAX_QUICKACKS, TCP_DELACK_MAX. */
const MOST_QUICK_ACKS = 16;
const LONGEST_DELAY = ms(200);

/** The next segments are acknowledged one by one (tcp_incr_quickack). */
function creditQuickAcks(connection: Connection): void {
  const fitting = Math.floor(connection.rcvWnd / (2 * connection.receivedMss)) || 2;
  connection.quickAcks = Math.max(connection.quickAcks, Math.min(fitting, MOST_QUICK_ACKS));
}

/** Something is wrong with the order of things: acknowledge at once for a while (tcp_enter_quickack_mode). */
export function enterQuickAck(connection: Connection): void {
  creditQuickAcks(connection);
  connection.pingPong = false;
  connection.ackDelay = ACK_TIMEOUT;
}

/** Learns from the pace of arriving data how long an acknowledgement may wait. Models tcp_event_data_recv(). */
export function noteDataReceived(connection: Connection, length: number, psh: boolean): void {
  connection.ackScheduled = true;
  measureSegment(connection, length, psh);
  const { now } = connection;
  const gap = now - connection.lastDataAt;
  if (connection.ackDelay === 0) {
    creditQuickAcks(connection);
    connection.ackDelay = ACK_TIMEOUT;
  } else if (gap <= ACK_TIMEOUT / 2) {
    connection.ackDelay = ns(connection.ackDelay / 2 + ACK_TIMEOUT / 2);
  } else if (gap < connection.ackDelay) {
    connection.ackDelay = ns(Math.min(connection.ackDelay / 2 + gap, connection.roundTrip.timeout));
  } else if (gap > connection.roundTrip.timeout) {
    creditQuickAcks(connection);
  }
  connection.lastDataAt = now;
  growWindow(connection, length);
}

/** The peer's segment size, and the end of its writes. Models tcp_measure_rcv_mss(). */
function measureSegment(connection: Connection, length: number, psh: boolean): void {
  if (length >= connection.receivedMss) {
    if (length !== connection.receivedMss) shareBuffer(connection, length);
    connection.receivedMss = Math.min(length, connection.advertisedMss);
    if (!psh) return;
  }
  connection.ackPushed = Math.min(connection.ackPushed + 1, 2);
}

/** Acknowledges now or later what just came in. Models __tcp_ack_snd_check(). Not modelled: compressed ACKs. */
export function checkAck(connection: Connection): void {
  if (!connection.ackScheduled) return;
  const waiting = distance(connection.rcvNxt, connection.rcvWup);
  const isMuch = waiting > connection.receivedMss && freshWindow(connection) >= connection.rcvWnd;
  const isQuick = connection.quickAcks > 0 && !connection.pingPong;
  if (isMuch || isQuick || connection.received.hasGaps) sendAck(connection);
  else delayAck(connection);
}

/** Models tcp_send_delayed_ack(). */
function delayAck(connection: Connection): void {
  const { now, roundTrip } = connection;
  let delay = connection.ackDelay || ACK_TIMEOUT;
  if (delay > ACK_TIMEOUT) {
    const most = connection.pingPong || connection.ackPushed > 0 ? LONGEST_DELAY : ms(500);
    const byRoundTrip = roundTrip.smoothed > 0 ? Math.max(roundTrip.smoothed, ACK_TIMEOUT) : most;
    delay = ns(Math.min(delay, most, byRoundTrip));
  }
  const due = later(now, delay);
  const { ackTimer } = connection;
  if (ackTimer !== undefined && !ackTimer.cancelled) {
    if (ackTimer.at <= later(now, ns(delay / 4))) {
      sendAck(connection);
      return;
    }
    if (ackTimer.at <= due) return;
    cancel(ackTimer);
  }
  connection.ackTimer = connection.stack.clock.after(delay, fired, connection);
}

function fired(connection: Connection): void {
  connection.stack.ackTimerFired(connection);
}

/** The delay is over. Models tcp_delack_timer_handler(). */
export function ackTimerFired(connection: Connection): void {
  connection.ackTimer = undefined;
  if (connection.state === 'CLOSE' || !connection.ackScheduled) return;
  if (connection.pingPong) {
    connection.pingPong = false;
    connection.ackDelay = ACK_TIMEOUT;
  } else {
    connection.ackDelay = ns(Math.min(2 * connection.ackDelay, connection.roundTrip.timeout)) as SimTime;
  }
  connection.stack.counters.TcpExtDelayedACKs++;
  sendAck(connection);
}

/**
 * The program has read `count` bytes: acknowledge what waited for that, or tell that there is room again. Models
 * __tcp_cleanup_rbuf().
 */
export function programHasRead(connection: Connection, count: number): void {
  if (!connection.isSynchronized) return;
  if (connection.ackScheduled) {
    const waiting = distance(connection.rcvNxt, connection.rcvWup);
    const isPushed = connection.ackPushed > 1 || (connection.ackPushed > 0 && !connection.pingPong);
    if (waiting > connection.receivedMss || (count > 0 && isPushed && connection.received.unread === 0)) {
      sendAck(connection);
      return;
    }
  }
  if (count === 0 || connection.finReceived) return;
  const current = connection.receiveWindow;
  if (2 * current > connection.rcvSpaceLimit) return;
  // What the field cannot tell is no news: Linux 6.18 does not repeat 65535 with every read.
  const fresh = Math.min(freshWindow(connection), largestTold(connection));
  if (fresh > 0 && fresh >= 2 * current) sendAck(connection);
}
