import { TCP_SYN } from '../../wire/tcp.ts';
import { reorderTimerFired } from './acknowledge.ts';
import { forgetRequest, timedOut } from './closing.ts';
import type { Connection } from './connection.ts';
import { enqueue, nextSegment, sendProbe, transmit } from './output.ts';
import { pushPending } from './push.ts';
import { armTimer, startRetransmit, startWindowProbe, stopTimer } from './retransmit-timer.ts';
import { after, distance, plus } from './sequence.ts';

/** TCP_RTO_MIN, TCP_RTO_MAX, in nanoseconds: what tcp_retries2 is reckoned with. */
const RTO_MIN = 200e6;
const RTO_MAX = 120e9;
/** Doublings of the interval between probes of a closed window, at most. */
const MOST_BACKOFF = 15;

/** The timer of the send queue ran out. Models net/ipv4/tcp_timer.c tcp_write_timer_handler(). */
export function retransmitTimerFired(connection: Connection): void {
  const kind = connection.timerKind;
  stopTimer(connection);
  if (connection.state === 'CLOSE') return;
  if (kind === 'probe tail') probeTail(connection);
  else if (kind === 'probe window') probeWindow(connection);
  else if (kind === 'retransmit') retransmit(connection);
  else if (kind === 'reorder') {
    reorderTimerFired(connection);
    pushPending(connection);
  }
}

/** Models tcp_retransmit_timer(). */
function retransmit(connection: Connection): void {
  const { sent, stack } = connection;
  const head = sent.first;
  if (head === undefined) {
    armTimer(connection);
    return;
  }
  stack.counters.TcpExtTCPTimeouts++;
  if (hasGivenUp(connection)) {
    timedOut(connection);
    return;
  }
  connection.retransmittingSince ??= connection.now;
  if (connection.isSynchronized) enterLoss(connection);
  const isSyn = (head.flags & TCP_SYN) !== 0;
  const sentAgain = isSyn ? transmit(connection, head) : undefined;
  // A SYN-ACK that cannot be sent again ends the attempt (reqsk_timer_handler).
  if (connection.state === 'SYN_RECV' && connection.isPassive && sentAgain !== undefined && 'errno' in sentAgain) {
    forgetRequest(connection);
    return;
  }
  connection.retransmits++;
  const isLinear = connection.state === 'SYN_SENT' && connection.retransmits <= connection.profile.synLinearRetries;
  if (!isLinear) connection.backoff++;
  if (!isSyn) pushPending(connection);
  startRetransmit(connection, connection.roundTrip.backedOff(connection.backoff));
}

/** Models tcp_write_timeout(). */
function hasGivenUp(connection: Connection): boolean {
  const { profile, retransmits, state, now } = connection;
  if (state === 'SYN_SENT') {
    const isLate = now - connection.openedAt >= profile.connectTimeout;
    return isLate || retransmits >= profile.synRetries + profile.synLinearRetries;
  }
  if (state === 'SYN_RECV') return retransmits >= profile.synAckRetries;
  const since = connection.retransmittingSince ?? now;
  return now - since >= longestTime(connection.orphan ? profile.orphanRetries : profile.retries);
}

/** How long `retries` doublings from the shortest timeout take. Models tcp_model_timeout(). */
function longestTime(retries: number): number {
  const doublings = Math.floor(Math.log2(RTO_MAX / RTO_MIN));
  if (retries <= doublings) return (2 ** (retries + 1) - 1) * RTO_MIN;
  return (2 ** (doublings + 1) - 1) * RTO_MIN + (retries - doublings) * RTO_MAX;
}

/** Everything in flight is taken for lost, and sending begins anew with one segment. Models tcp_enter_loss(). */
function enterLoss(connection: Connection): void {
  const { sent } = connection;
  const isNewLoss = connection.phase === 'open' || connection.retransmits === 0;
  if (isNewLoss) {
    connection.threshold = connection.congestion.reduced(connection.window);
    connection.congestion.reset();
  }
  // The peer may throw away what it reported; the head being reported and not acknowledged tells that it did.
  if (!connection.usesSack || sent.first?.sacked) sent.forgetSacks();
  sent.markAllLost();
  connection.phase = 'loss';
  connection.highSequence = connection.sndNxt;
  connection.window = sent.inFlight + 1;
  connection.windowCredit = 0;
  connection.tailProbe = undefined;
}

/** Sends something new, or the last segment again, so that SACK tells what is missing. Models tcp_send_loss_probe(). */
function probeTail(connection: Connection): void {
  const { sent, stack } = connection;
  const last = sent.last;
  if (last === undefined) {
    armTimer(connection);
    return;
  }
  const fresh = nextSegment(connection);
  const fits = fresh !== undefined && !after(fresh.end, plus(connection.sndUna, connection.sndWnd));
  if (fits) enqueue(connection, fresh);
  transmit(connection, fits ? fresh : last);
  stack.counters.TcpExtTCPLossProbes++;
  connection.tailProbe = connection.sndNxt;
  startRetransmit(connection, connection.roundTrip.timeout);
}

/** The peer's window is closed: ask whether it still is. Models tcp_probe_timer(), tcp_send_probe0(). */
function probeWindow(connection: Connection): void {
  const { profile, orphan } = connection;
  if (connection.probes >= (orphan ? profile.orphanRetries : profile.retries)) {
    timedOut(connection);
    return;
  }
  // What fits goes, a piece of a segment if need be (tcp_write_wakeup).
  const room = distance(plus(connection.sndUna, connection.sndWnd), connection.sndNxt);
  const piece = room > 0 ? nextSegment(connection, Math.min(room, connection.mss)) : undefined;
  if (piece !== undefined && !after(piece.end, plus(connection.sndUna, connection.sndWnd))) {
    enqueue(connection, piece);
    transmit(connection, piece);
    connection.probes = 0;
    connection.backoff = 0;
    armTimer(connection);
    return;
  }
  connection.probes++;
  connection.backoff = Math.min(connection.backoff + 1, MOST_BACKOFF);
  sendProbe(connection);
  startWindowProbe(connection);
}
