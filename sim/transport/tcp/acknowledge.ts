import { ms, ns } from '../../core/time.ts';
import type { TcpHeader } from '../../wire/tcp.ts';
import type { SackBlock, TcpOptions } from '../../wire/tcp-options.ts';
import type { Connection } from './connection.ts';
import { syncMss } from './output.ts';
import { rearmTimer, startReorder, startWindowProbe, stopTimer } from './retransmit-timer.ts';
import { type Acknowledged, type SentSegment, wasSentAfter } from './sent-queue.ts';
import { after, before, distance, plus } from './sequence.ts';

/** Duplicate acknowledgements, or segments reported above a hole, that tell of a loss (TCP_FASTRETRANS_THRESH). */
const DUPLICATE_THRESHOLD = 3;

/** What an acknowledgement was: too old, ahead of what was sent, or usable. */
type AckKind = 'new' | 'same' | 'old' | 'too old' | 'not sent';

/**
 * Takes in the acknowledgement, window and SACK blocks of a segment. What may be sent because of it the caller sends.
 * Models net/ipv4/tcp_input.c tcp_ack(). Not modelled: undoing a needless reduction, F-RTO, ECN.
 */
export function acknowledge(
  connection: Connection,
  header: TcpHeader,
  options: TcpOptions,
  dataLength: number,
): AckKind {
  const ack = header.acknowledgment;
  const priorUna = connection.sndUna;
  if (before(ack, plus(priorUna, -connection.maxWindow))) return 'too old';
  if (after(ack, connection.sndNxt)) return 'not sent';
  const isOld = before(ack, priorUna);
  noteTimestamp(connection, header, options);
  const windowChanged = !isOld && updateWindow(connection, header);
  const reported = connection.usesSack ? connection.sent.sack(usableBlocks(connection, options.sack)) : [];
  if (isOld) {
    noteArrivals(connection, reported);
    judgeLoss(connection, 0, reported.length, false);
    return 'old';
  }
  connection.probes = 0;
  const isDuplicate = ack === priorUna && dataLength === 0 && !windowChanged && !header.fin && !header.syn;
  if (connection.sent.packetsOut === 0) {
    answerToProbe(connection);
    return 'same';
  }
  const taken = clean(connection, ack);
  measure(connection, taken, reported, options);
  noteArrivals(connection, taken.arrived);
  noteArrivals(connection, reported);
  const isWaiting = judgeLoss(connection, taken.segments, taken.delivered + reported.length, isDuplicate);
  if (ack !== priorUna) {
    growCongestionWindow(connection, taken.delivered);
    if (!isWaiting) rearmTimer(connection);
  }
  return ack === priorUna ? 'same' : 'new';
}

/** Remembers the peer's clock, to be echoed. Models tcp_replace_ts_recent(). */
function noteTimestamp(connection: Connection, header: TcpHeader, options: TcpOptions): void {
  if (!connection.usesTimestamps || options.timestamp === undefined) return;
  if (after(header.sequence, connection.rcvWup) || before(options.timestamp.value, connection.tsRecent)) return;
  connection.tsRecent = options.timestamp.value;
  connection.tsRecentAt = connection.now;
}

/** Models tcp_ack_update_window() with tcp_may_update_window(). */
function updateWindow(connection: Connection, header: TcpHeader): boolean {
  const window = header.window * 2 ** (header.syn ? 0 : connection.sndScale);
  const { sequence, acknowledgment } = header;
  const isNewer =
    after(acknowledgment, connection.sndUna) ||
    after(sequence, connection.sndWl1) ||
    (sequence === connection.sndWl1 && (window > connection.sndWnd || window === 0));
  if (!isNewer) return false;
  connection.sndWl1 = sequence;
  if (window === connection.sndWnd) return false;
  connection.sndWnd = window;
  if (window > connection.maxWindow) {
    connection.maxWindow = window;
    if (connection.pathMtu > 0) syncMss(connection, connection.pathMtu);
  }
  return true;
}

/** Blocks that lie in what is in flight; a D-SACK tells of what is acknowledged already. */
function usableBlocks(connection: Connection, blocks: readonly SackBlock[]): SackBlock[] {
  return blocks.filter(
    ({ start, end }) => before(start, end) && !before(start, connection.sndUna) && !after(end, connection.sndNxt),
  );
}

/** Takes what is acknowledged off the queue. Models tcp_clean_rtx_queue(). */
function clean(connection: Connection, ack: number): Acknowledged {
  const taken = connection.sent.acknowledge(ack);
  if (ack === connection.sndUna) return taken;
  connection.sndUna = ack;
  connection.buffer.acknowledge(ack);
  connection.retransmits = 0;
  connection.backoff = 0;
  connection.retransmittingSince = undefined;
  connection.softError = undefined;
  connection.segment.confirm = true;
  if (connection.tailProbe !== undefined && !before(ack, connection.tailProbe)) connection.tailProbe = undefined;
  return taken;
}

/**
 * A round trip, by the first segment that was acknowledged, else by the first that was reported, else by the peer's
 * echo of our clock. Models tcp_ack_update_rtt().
 */
function measure(
  connection: Connection,
  taken: Acknowledged,
  reported: readonly SentSegment[],
  { timestamp }: TcpOptions,
): void {
  const { roundTrip, now } = connection;
  const sentAt = taken.sentAt ?? reported.find((segment) => segment.transmissions === 1)?.sentAt;
  if (sentAt !== undefined) {
    roundTrip.sample(ns(now - sentAt));
  } else if (taken.segments > 0 && connection.usesTimestamps && timestamp !== undefined && timestamp.echo !== 0) {
    const elapsed = distance(connection.timestamp, timestamp.echo);
    if (elapsed >= 0 && elapsed < LONGEST_ECHO) roundTrip.sample(ms(elapsed));
  }
}

/** An older echo than this says nothing: the peer's clock went wrong. In milliseconds. */
const LONGEST_ECHO = 120_000;

/** The window opened or is still closed, and nothing is in flight. Models tcp_ack_probe(). */
function answerToProbe(connection: Connection): void {
  if (connection.timerKind !== 'probe window') return;
  const limit = plus(connection.sndUna, connection.sndWnd);
  const next = plus(connection.sndNxt, Math.min(connection.unsent, connection.mss));
  if (after(next, limit)) {
    startWindowProbe(connection);
    return;
  }
  connection.backoff = 0;
  stopTimer(connection);
}

/** Models tcp_rack_advance(): a round trip shorter than any is that of the copy before. */
function noteArrivals(connection: Connection, segments: readonly SentSegment[]): void {
  const { latest, now, roundTrip } = connection;
  for (const { sentAt, end, transmissions } of segments) {
    const time = now - sentAt;
    if (transmissions > 1 && time < roundTrip.minimum) continue;
    latest.roundTrip = time;
    if (!wasSentAfter(sentAt, end, latest.sentAt, latest.end)) continue;
    latest.sentAt = sentAt;
    latest.end = end;
  }
}

/**
 * Takes for lost what must be, and waits for the rest as long as it may only have been overtaken. Models
 * tcp_rack_mark_lost(); not modelled: more patience on a path that was seen to reorder.
 */
function markOvertaken(connection: Connection): boolean {
  const { sent, roundTrip, phase, latest, now } = connection;
  const isSure = phase !== 'open' || sent.sackedOut >= DUPLICATE_THRESHOLD;
  const slack = isSure ? 0 : Math.min(roundTrip.minimum / 4, roundTrip.smoothed / 8);
  const wait = sent.detectLost(latest, slack, now);
  if (wait > 0) startReorder(connection, ns(wait));
  return wait > 0;
}

/** The wait for what may have been overtaken is over. Models tcp_rack_reo_timeout(). */
export function reorderTimerFired(connection: Connection): void {
  const { sent } = connection;
  const prior = sent.inFlight;
  markOvertaken(connection);
  if (sent.inFlight !== prior && connection.phase !== 'recovery') enterRecovery(connection, 1);
}

/** What the acknowledgement says of losses; whether it waits. Models tcp_fastretrans_alert() and what it calls. */
function judgeLoss(connection: Connection, segments: number, delivered: number, isDuplicate: boolean): boolean {
  const { sent, usesSack } = connection;
  if (!usesSack) countDuplicates(connection, segments, isDuplicate);
  if (connection.phase !== 'open' && !before(connection.sndUna, connection.highSequence)) leaveRecovery(connection);
  const head = sent.first;
  if (head === undefined) return false;
  const isDubious = sent.sackedOut > 0 || connection.phase !== 'open';
  const isWaiting = usesSack && isDubious && delivered > 0 && markOvertaken(connection);
  if (connection.phase === 'recovery' && !usesSack && segments > 0) sent.markSegmentLost(head);
  if (connection.phase === 'recovery') reduceWindow(connection, delivered, segments > 0);
  if (connection.phase !== 'open') return isWaiting;
  // NewReno: after a recovery, duplicates of what was sent again must not start the next one (RFC 6582 3.2).
  const isFresh = usesSack || after(connection.sndUna, connection.highSequence);
  if (!usesSack && sent.sackedOut >= DUPLICATE_THRESHOLD && isFresh) sent.markSegmentLost(head);
  if (sent.lostOut > sent.retransOut) enterRecovery(connection, delivered);
  return isWaiting;
}

/** Without SACK every duplicate stands for one segment that arrived. Models tcp_add_reno_sack(), tcp_remove_reno_sacks(). */
function countDuplicates(connection: Connection, segments: number, isDuplicate: boolean): void {
  const { sent } = connection;
  if (isDuplicate) sent.sackedOut = Math.min(sent.sackedOut + 1, Math.max(0, sent.packetsOut - 1 - sent.lostOut));
  if (segments > 0)
    sent.sackedOut = Math.max(0, Math.min(sent.sackedOut - (segments - 1), sent.packetsOut - sent.lostOut));
}

/** Models tcp_enter_recovery() with tcp_init_cwnd_reduction(). */
function enterRecovery(connection: Connection, delivered: number): void {
  connection.phase = 'recovery';
  connection.highSequence = connection.sndNxt;
  connection.recovery.window = connection.window;
  connection.threshold = connection.congestion.reduced(connection.window);
  connection.recovery = { delivered: 0, sent: 0, window: connection.recovery.window };
  reduceWindow(connection, delivered, false);
  connection.windowCredit = 0;
  connection.stack.counters.TcpExtTCPFastRetrans++;
}

/**
 * In recovery about as much leaves as arrives, so that the window is the smaller one when it ends. Models
 * tcp_cwnd_reduction() (RFC 6937).
 */
function reduceWindow(connection: Connection, delivered: number, isAdvance: boolean): void {
  const { sent, threshold, recovery } = connection;
  if (delivered <= 0 && recovery.sent > 0) return;
  recovery.delivered += delivered;
  const room = threshold - sent.inFlight;
  let count: number;
  if (room < 0) {
    count = Math.floor((threshold * recovery.delivered + recovery.window - 1) / recovery.window) - recovery.sent;
  } else {
    const more = isAdvance && sent.lostOut <= sent.retransOut ? 1 : 0;
    count = Math.min(room, Math.max(recovery.delivered - recovery.sent, delivered) + more);
  }
  // The first copy leaves whatever is in flight: that is what makes the retransmission a fast one.
  connection.window = sent.inFlight + Math.max(count, recovery.sent > 0 ? 0 : 1);
}

function leaveRecovery(connection: Connection): void {
  if (connection.phase === 'recovery') connection.window = connection.threshold;
  connection.phase = 'open';
  connection.windowCredit = 0;
  if (!connection.usesSack) connection.sent.sackedOut = 0;
}

/** Slow start up to the threshold, congestion avoidance from there on. Models tcp_cong_avoid(), tcp_cong_avoid_ai(). */
function growCongestionWindow(connection: Connection, delivered: number): void {
  if (connection.phase === 'recovery' || delivered === 0) return;
  const inSlowStart = connection.window < connection.threshold;
  const isUsed = inSlowStart ? connection.window < 2 * connection.mostInFlight : connection.wasWindowLimited;
  if (!isUsed && connection.phase === 'open') return;
  let left = delivered;
  if (inSlowStart) {
    const step = Math.min(left, connection.threshold - connection.window);
    connection.window += step;
    left -= step;
  }
  if (left === 0) return;
  const { window, now, roundTrip } = connection;
  const count = connection.congestion.segmentsForOne(window, left, now, roundTrip.minimum);
  connection.windowCredit += left;
  const more = Math.floor(connection.windowCredit / count);
  connection.window += more;
  connection.windowCredit -= more * count;
}
