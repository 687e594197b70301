import { TCP_FIN } from '../../wire/tcp.ts';
import type { SendResult } from '../socket.ts';
import type { Connection } from './connection.ts';
import { cutAt, enqueue, nextBuffer, syncMss, transmitUnit } from './output.ts';
import { armTimer } from './retransmit-timer.ts';
import type { SentSegment } from './sent-queue.ts';
import { after, distance, plus } from './sequence.ts';

/* When what is written leaves, and how much of it at once (net/ipv4/tcp_output.c tcp_write_xmit()). */

/** Sends again what is lost, then what is new, as far as the windows go. Models tcp_xmit_recovery(), tcp_write_xmit(). */
export function pushPending(connection: Connection): void {
  if (!connection.isSynchronized) return;
  restartAfterIdle(connection);
  let isLimited = false;
  for (;;) {
    const lost = connection.sent.nextLost();
    const next = lost ?? nextBuffer(connection);
    if (next === undefined) break;
    // Not even the last FIN may leave beyond the window.
    if (connection.sent.inFlight >= connection.window) {
      isLimited = true;
      break;
    }
    if (lost !== undefined) {
      const quota = connection.profile.segmentationOffload ? connection.window - connection.sent.inFlight : 1;
      const again = connection.sent.takeLost(connection.mss, quota);
      connection.recovery.sent += again.length;
      if (!sendAll(connection, again, () => transmitUnit(connection, again))) break;
      continue;
    }
    const unit = leaving(connection, next);
    if (unit.length === 0) break;
    for (const segment of unit) enqueue(connection, segment);
    connection.recovery.sent += unit.length;
    if (!sendAll(connection, unit, () => transmitUnit(connection, unit))) break;
  }
  validateWindow(connection, isLimited);
  armTimer(connection);
}

/** False when IP refused it: the timer tries again. A path that turned out smaller is no refusal. */
function sendAll(connection: Connection, unit: readonly SentSegment[], transmitted: () => SendResult): boolean {
  const result = transmitted();
  if (!('errno' in result)) return true;
  if (result.errno !== 'EMSGSIZE' || result.mtu === 0) return false;
  syncMss(connection, result.mtu);
  const pieces = connection.sent.cut(connection.mss);
  for (const piece of [...pieces, ...unit]) connection.sent.markSegmentLost(piece);
  return pieces.length > 0;
}

/** What of a buffer may leave now, as one packet; empty when it must wait. Models the middle of tcp_write_xmit(). */
function leaving(connection: Connection, buffer: SentSegment): SentSegment[] {
  const { mss } = connection;
  const fin = (buffer.flags & TCP_FIN) !== 0 ? 1 : 0;
  const length = distance(buffer.end, buffer.start) - fin;
  const first = length > mss ? cutAt(buffer, mss) : buffer;
  if (!mayLeave(connection, first)) return [];
  if (length <= mss) return [buffer];
  const limit = splitPoint(connection, buffer, length);
  let rest = limit < length ? cutAt(buffer, limit) : buffer;
  const unit: SentSegment[] = [];
  while (distance(rest.end, rest.start) - fin > mss) {
    unit.push(cutAt(rest, mss));
    rest = rest.piece(plus(rest.start, mss), rest.end, rest.flags);
  }
  return [...unit, rest];
}

/**
 * How many bytes of a long buffer go at once. Models tcp_mss_split_point() with tcp_cwnd_test(): at most half the
 * congestion window. Not modelled: sizes by the pace of the connection (tcp_tso_autosize) and waiting for more
 * (tcp_tso_should_defer).
 */
function splitPoint(connection: Connection, buffer: SentSegment, length: number): number {
  const { mss, window, sent, profile } = connection;
  const quota = Math.min(Math.max(window >>> 1, 1), window - sent.inFlight);
  const most = mss * (profile.segmentationOffload ? quota : 1);
  const room = distance(plus(connection.sndUna, connection.sndWnd), buffer.start);
  const needed = Math.min(length, room);
  if (most <= needed) return most;
  const partial = needed % mss;
  return partial > 0 && isHeldByNagle(connection) ? needed - partial : needed;
}

/** `length` bytes have been written and not appended yet. */
export function noteWrite(connection: Connection, length: number): void {
  const { writes, buffer, mss, maxWindow, profile, unsent } = connection;
  writes.append(buffer.end, length, plus(buffer.end, -unsent), mss, maxWindow, profile.segmentationOffload);
}

/** Nagle's rule and the peer's window. Models tcp_nagle_test() and tcp_snd_wnd_test(). */
function mayLeave(connection: Connection, segment: SentSegment): boolean {
  if (after(segment.end, plus(connection.sndUna, connection.sndWnd))) return false;
  if ((segment.flags & TCP_FIN) !== 0 || distance(segment.end, segment.start) >= connection.mss) return true;
  return !isHeldByNagle(connection);
}

/** A small segment is under way, so another one waits. Models tcp_nagle_check() and tcp_minshall_check(). */
function isHeldByNagle({ options, sent, smallSent, sndUna, sndNxt }: Connection): boolean {
  if (options.noDelay === true || sent.packetsOut === 0) return false;
  return after(smallSent, sndUna) && !after(smallSent, sndNxt);
}

/** How much of the window was used, for its growth. Models tcp_cwnd_validate(). */
function validateWindow(connection: Connection, isLimited: boolean): void {
  const { packetsOut } = connection.sent;
  const isNewFlight = !after(connection.flightEnd, connection.sndUna);
  if (!isNewFlight && !isLimited && (connection.wasWindowLimited || packetsOut <= connection.mostInFlight)) return;
  connection.mostInFlight = packetsOut;
  connection.flightEnd = connection.sndNxt;
  connection.wasWindowLimited = isLimited;
}

/** After a pause nobody knows what the path takes. Models tcp_slow_start_after_idle_check(). */
function restartAfterIdle(connection: Connection): void {
  if (!connection.profile.restartsAfterIdle) return;
  if (connection.sent.packetsOut > 0 || connection.lastSentAt === 0) return;
  let idle = connection.now - connection.lastSentAt;
  const { timeout } = connection.roundTrip;
  while (idle > timeout && connection.window > 10) {
    idle -= timeout;
    connection.window = Math.max(connection.window >>> 1, 10);
  }
}
