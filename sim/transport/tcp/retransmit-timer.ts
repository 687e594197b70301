import { cancel } from '../../core/events.ts';
import { ms, ns, type SimTime } from '../../core/time.ts';
import type { Connection } from './connection.ts';

/**
 * Starts the timer that the state of the queue asks for, unless the right one runs: retransmission while something is
 * in flight, a probe of the tail before it, a probe of the window when only the peer's window holds data back.
 */
export function armTimer(connection: Connection): void {
  if (connection.state === 'CLOSE') return;
  const { timerKind } = connection;
  if (connection.sent.packetsOut > 0) {
    if (timerKind === 'retransmit' || timerKind === 'reorder') return;
    if (mayProbeTail(connection)) start(connection, 'probe tail', tailDelay(connection));
    else startRetransmit(connection, connection.roundTrip.backedOff(connection.backoff));
    return;
  }
  const hasFin = connection.finQueued && !connection.finSent;
  if (connection.isSynchronized && (connection.unsent > 0 || hasFin)) {
    if (timerKind !== 'probe window') startWindowProbe(connection);
    return;
  }
  stopTimer(connection);
}

/** Starts it anew: something was acknowledged, or was sent again (tcp_rearm_rto). */
export function rearmTimer(connection: Connection): void {
  stopTimer(connection);
  armTimer(connection);
}

export function stopTimer(connection: Connection): void {
  cancel(connection.timer);
  connection.timer = undefined;
  connection.timerKind = 'none';
}

/** The next probe of a closed window (tcp_probe0_when): as a retransmission would be backed off. */
export function startWindowProbe(connection: Connection): void {
  start(connection, 'probe window', connection.roundTrip.backedOff(connection.backoff));
}

/** TCP_TIMEOUT_MIN_US and what a timer of 4 ms ticks adds. */
const REORDER_SLACK = ms(4);

/** What has been overtaken may still come (ICSK_TIME_REO_TIMEOUT). */
export function startReorder(connection: Connection, delay: SimTime): void {
  start(connection, 'reorder', ns(delay + REORDER_SLACK));
}

/**
 * A tick of the kernel's timers (HZ 250), by which a SYN-ACK comes before the peer's own repetition of the SYN that it
 * answers: both are due in one tick, and that of the request runs first (reqsk_timer_handler, TIMER_PINNED).
 */
const TICK = ms(4);

/** The timer of retransmission, whatever else might be tried first. */
export function startRetransmit(connection: Connection, delay: SimTime): void {
  const isRequest = connection.state === 'SYN_RECV' && connection.isPassive;
  start(connection, 'retransmit', isRequest ? ns(delay - TICK) : delay);
}

/** Models the conditions of tcp_schedule_loss_probe(): nothing is known to be missing, and no probe is out. */
function mayProbeTail(connection: Connection): boolean {
  return (
    connection.profile.tailProbe &&
    connection.usesSack &&
    connection.isSynchronized &&
    connection.phase === 'open' &&
    connection.backoff === 0 &&
    connection.sent.sackedOut === 0 &&
    connection.sent.lostOut === 0 &&
    connection.tailProbe === undefined
  );
}

/**
 * Twice the round trip and a little, but not later than the retransmission would be, unless that is overdue already: an
 * acknowledgement that has just come tells that the path is slow, not that the tail is lost. Models tcp_schedule_loss_probe().
 */
function tailDelay(connection: Connection): SimTime {
  const { roundTrip, sent, now } = connection;
  const delay = roundTrip.probeTimeout(sent.packetsOut);
  const left = (sent.first?.sentAt ?? now) + roundTrip.timeout - now;
  return left > 0 ? ns(Math.min(delay, left)) : delay;
}

function start(connection: Connection, kind: Connection['timerKind'], delay: SimTime): void {
  cancel(connection.timer);
  connection.timerKind = kind;
  connection.timer = connection.stack.clock.after(delay, fired, connection);
}

function fired(connection: Connection): void {
  connection.stack.retransmitTimerFired(connection);
}
