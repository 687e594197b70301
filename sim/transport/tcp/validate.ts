import type { SimTime } from '../../core/time.ts';
import { fail } from './closing.ts';
import type { Connection } from './connection.ts';
import { enterQuickAck } from './delayed-ack.ts';
import type { IncomingSegment } from './incoming.ts';
import { sendAck } from './output.ts';
import { after, before, latest, plus } from './sequence.ts';
import type { TcpFault } from './state.ts';

/** tcp_invalid_ratelimit; TCP_PAWS_24DAYS. */
const CHALLENGE_GAP = 500e6;
const PAWS_AGE = 24 * 24 * 3600e9;

/**
 * Whether a segment belongs here at all: its timestamp, its place in the window, RST and SYN (RFC 9293 3.10.7.4 with
 * RFC 5961 and RFC 7323). What must be answered is answered. Models tcp_validate_incoming().
 */
export function validate(connection: Connection, segment: IncomingSegment): TcpFault | undefined {
  const { header } = segment;
  if (isTooOld(connection, segment) && !header.rst) {
    connection.stack.counters.TcpExtPAWSEstab++;
    sendDuplicateAck(connection, segment);
    return 'RFC7323_PAWS';
  }
  const misplaced = placeFault(connection, segment);
  if (misplaced !== undefined) {
    if (!header.rst && header.syn) challenge(connection);
    else if (!header.rst) sendDuplicateAck(connection, segment);
    return misplaced;
  }
  if (header.rst) {
    // RFC 5961 3.2: only the exact number resets; any other one in the window is asked about.
    if (segment.sequence === connection.rcvNxt) reset(connection, segment);
    else sendChallenge(connection);
    return 'RESET';
  }
  if (header.syn && !isSimultaneousAnswer(connection, segment)) {
    challenge(connection);
    return 'INVALID_SYN';
  }
  return undefined;
}

/** RFC 7323 5: an old clock reading. Models tcp_paws_discard(). */
function isTooOld(connection: Connection, segment: IncomingSegment): boolean {
  const { timestamp } = segment.options;
  if (!connection.usesTimestamps || timestamp === undefined) return false;
  if (!before(timestamp.value, connection.tsRecent)) return false;
  return connection.now - connection.tsRecentAt < PAWS_AGE && !isReorderedAck(connection, segment);
}

/** A pure ACK that was overtaken does no harm. Models tcp_disordered_ack(). */
function isReorderedAck(connection: Connection, segment: IncomingSegment): boolean {
  const { header, sequence, end } = segment;
  return (
    header.ack && sequence === end && sequence === connection.rcvNxt && header.acknowledgment === connection.sndUna
  );
}

/** Models tcp_sequence(). */
function placeFault(connection: Connection, segment: IncomingSegment): TcpFault | undefined {
  const { sequence, end, header } = segment;
  if (before(end, connection.rcvWup)) return 'OLD_SEQUENCE';
  const limit = plus(connection.rcvNxt, connection.receiveWindow);
  if (!after(end, limit) || !after(plus(end, header.fin ? -1 : 0), limit)) return undefined;
  if (after(sequence, limit)) return 'INVALID_SEQUENCE';
  return connection.received.unread > 0 ? 'INVALID_END_SEQUENCE' : undefined;
}

/** SYN-ACK that crosses our own: both ends opened at once. */
function isSimultaneousAnswer(connection: Connection, segment: IncomingSegment): boolean {
  const { header, sequence, end } = segment;
  return (
    connection.state === 'SYN_RECV' &&
    header.ack &&
    plus(sequence, 1) === end &&
    end === connection.rcvNxt &&
    header.acknowledgment === connection.sndNxt
  );
}

/** The peer resets the connection. Models tcp_reset(). */
export function reset(connection: Connection, segment: IncomingSegment): void {
  const { packet } = segment;
  const { state } = connection;
  const errno = state === 'SYN_SENT' ? 'ECONNREFUSED' : state === 'CLOSE_WAIT' ? 'EPIPE' : 'ECONNRESET';
  fail(connection, { errno, type: 0, code: 0, offender: packet.ip.source, packet: packet.number });
}

function challenge(connection: Connection): void {
  connection.stack.counters.TcpExtTCPSYNChallenge++;
  sendChallenge(connection);
}

/** An ACK that lets an honest peer mend its ways, twice a second at most (RFC 5961 7). Models tcp_send_challenge_ack(). */
export function sendChallenge(connection: Connection): void {
  if (isTooSoon(connection)) return;
  connection.stack.counters.TcpExtTCPChallengeACK++;
  sendAck(connection);
}

/** Models tcp_oow_rate_limited() on a connection's own clock. */
function isTooSoon(connection: Connection): boolean {
  const { challengedAt, now } = connection;
  if (challengedAt !== undefined && now - challengedAt < CHALLENGE_GAP) return true;
  connection.challengedAt = now as SimTime;
  return false;
}

/** Data that is not wanted is answered at once, anything else rarely enough not to make a loop of ACKs. */
function sendDuplicateAck(connection: Connection, segment: IncomingSegment): void {
  const { sequence, end, header } = segment;
  const hasData = sequence !== end && !header.syn;
  if (!hasData && isTooSoon(connection)) return;
  if (hasData && before(sequence, connection.rcvNxt)) {
    enterQuickAck(connection);
    noteDuplicate(connection, sequence, after(end, connection.rcvNxt) ? connection.rcvNxt : end);
  }
  sendAck(connection);
}

/** To be reported by D-SACK with the next ACK. Models tcp_dsack_set(). */
export function noteDuplicate(connection: Connection, start: number, end: number): void {
  const known = connection.duplicate;
  if (known !== undefined && !after(start, known.end) && !before(end, known.start)) {
    known.start = before(start, known.start) ? start : known.start;
    known.end = latest(end, known.end);
    return;
  }
  connection.duplicate ??= { start, end };
}
