import { cancel } from '../../core/events.ts';
import { IPV4_LENGTH } from '../../wire/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_LENGTH, TCP_PSH, TCP_RST, TCP_SYN } from '../../wire/tcp.ts';
import type { SendResult } from '../socket.ts';
import { ACK_TIMEOUT, type Connection } from './connection.ts';
import { selectWindow } from './receive-window.ts';
import { armTimer } from './retransmit-timer.ts';
import type { SentSegment } from './sent-queue.ts';
import { after, distance, plus } from './sequence.ts';

const TIMESTAMP_LENGTH = 12;
/** The smallest segment the kernel sends (TCP_MIN_SND_MSS less options), the largest it announces. */
const LEAST_MSS = 36;
const MOST_MSS = 65495;

/** MSS to announce on a path of `mtu` bytes (tcp_advertise_mss). */
export function mssOfMtu(mtu: number): number {
  return Math.min(mtu - IPV4_LENGTH - TCP_LENGTH, MOST_MSS);
}

/** Data bytes a segment may carry now: the path, what the peer allows, options. Models tcp_sync_mss(). */
export function syncMss(connection: Connection, mtu: number): void {
  const whole = Math.min(mtu - IPV4_LENGTH - TCP_LENGTH, connection.mssClamp);
  connection.mss = Math.max(whole - (connection.usesTimestamps ? TIMESTAMP_LENGTH : 0), LEAST_MSS);
}

export function pathMtu(connection: Connection): number {
  return connection.stack.sender.mtuFor(connection.remoteAddress, connection.options.device ?? '');
}

/** Fills in what all segments of a connection have in common and hands one to IP. Models __tcp_transmit_skb(). */
function send(
  connection: Connection,
  sequence: number,
  flags: number,
  dataLength: number,
  by: string,
  isProgram: boolean,
): SendResult {
  const { segment, stack } = connection;
  segment.source = connection.localAddress;
  segment.destination = connection.remoteAddress;
  segment.sourcePort = connection.localPort;
  segment.destinationPort = connection.remotePort;
  segment.ttl = connection.options.ttl ?? 0;
  segment.tos = connection.options.tos ?? 0;
  segment.device = connection.options.device ?? '';
  segment.pathMtu = connection.profile.pathMtuDiscovery && connection.options.pathMtu !== 'dont' ? 'do' : 'dont';
  segment.sequence = sequence;
  segment.acknowledgment = (flags & TCP_ACK) === 0 ? 0 : connection.rcvNxt;
  segment.flags = flags;
  segment.data = connection.buffer;
  segment.dataLength = dataLength;
  segment.by = by;
  segment.program = isProgram ? connection.owner.place : undefined;
  segment.cause = connection.cause;
  segment.identification = nextIdentification(connection, flags);
  segment.measure();
  stack.counters.TcpOutSegs++;
  const result = stack.sender.send(segment);
  segment.confirm = false;
  if ('packet' in result) {
    connection.lastPacket = result.packet;
    if (connection.firstPacket === 0) connection.firstPacket = result.packet;
    if (dataLength > 0 && connection.firstData === 0) connection.firstData = result.packet;
  }
  if ((flags & TCP_ACK) !== 0) acknowledged(connection);
  return result;
}

/** A SYN-ACK has none of the connection's own: the kernel sends it from a request, which has no counter. */
function nextIdentification(connection: Connection, flags: number): number | undefined {
  if (!connection.profile.zeroIdentification) return undefined;
  if ((flags & TCP_SYN) !== 0 && connection.isPassive) return 0;
  const { identification } = connection;
  connection.identification = (identification + 1) & 0xffff;
  return identification;
}

/** What went out told the peer how far we are. Models tcp_event_ack_sent(). */
function acknowledged(connection: Connection): void {
  connection.lastAckSent = connection.rcvNxt;
  if (connection.quickAcks > 0) {
    if (connection.ackScheduled) connection.quickAcks--;
    if (connection.quickAcks === 0) connection.ackDelay = ACK_TIMEOUT;
  }
  connection.ackScheduled = false;
  connection.ackPushed = 0;
  cancel(connection.ackTimer);
  connection.ackTimer = undefined;
}

/** Options of every segment after the handshake. Models tcp_established_options(). */
function establishedOptions(connection: Connection, withSack: boolean): void {
  const { options } = connection.segment;
  options.mss = undefined;
  options.windowScale = undefined;
  options.sackPermitted = false;
  const { usesTimestamps } = connection;
  options.timestamp = usesTimestamps ? { value: connection.timestamp, echo: connection.tsRecent } : undefined;
  options.sack = [];
  if (!withSack || !connection.usesSack) return;
  const { blocks } = connection.received;
  const all = connection.duplicate === undefined ? blocks : [connection.duplicate, ...blocks];
  options.sack = all.slice(0, usesTimestamps ? 3 : 4);
  connection.duplicate = undefined;
}

/** SYN and SYN-ACK carry what we offer, or what both have agreed on. Models tcp_syn_options(), tcp_synack_options(). */
function handshakeOptions(connection: Connection): void {
  const { profile } = connection;
  const { options } = connection.segment;
  const isAnswer = connection.state === 'SYN_RECV';
  const timestamps = isAnswer ? connection.usesTimestamps : profile.timestamps;
  options.mss = connection.advertisedMss;
  options.sackPermitted = isAnswer ? connection.usesSack : profile.sack;
  options.timestamp = timestamps ? { value: connection.timestamp, echo: connection.tsRecent } : undefined;
  options.windowScale = connection.offersScale ? connection.rcvScale : undefined;
  options.sack = [];
}

/** Sends a segment of the queue, for the first time or again. Models tcp_transmit_skb() and __tcp_retransmit_skb(). */
export function transmit(connection: Connection, segment: SentSegment): SendResult {
  const { flags } = segment;
  const isSyn = (flags & TCP_SYN) !== 0;
  const control = isSyn || (flags & TCP_FIN) !== 0 ? 1 : 0;
  const isAgain = segment.transmissions > 0;
  if (isSyn) {
    handshakeOptions(connection);
    connection.segment.window = Math.min(connection.rcvWnd, 65535);
  } else {
    establishedOptions(connection, false);
    connection.segment.window = selectWindow(connection);
  }
  if (isAgain) {
    connection.stack.counters.TcpRetransSegs++;
    connection.sent.countRetransmission(segment, connection.now);
  } else {
    segment.transmissions = 1;
    segment.sentAt = connection.now;
  }
  connection.lastSentAt = connection.now;
  const isAnswer = isSyn && connection.isPassive;
  const by = isAnswer ? 'TCP SYN-ACK' : isAgain ? 'TCP retransmission' : connection.owner.name;
  return send(connection, segment.start, flags, distance(segment.end, segment.start) - control, by, !isAnswer);
}

/** Sends an acknowledgement with nothing else. Models tcp_send_ack(). */
export function sendAck(connection: Connection): void {
  if (connection.state === 'CLOSE') return;
  establishedOptions(connection, true);
  connection.segment.window = selectWindow(connection);
  send(connection, connection.sndNxt, TCP_ACK, 0, 'TCP ACK', false);
}

/** A segment without data that the peer must answer: its number lies before the window. Models tcp_xmit_probe_skb(). */
export function sendProbe(connection: Connection): void {
  establishedOptions(connection, false);
  connection.segment.window = selectWindow(connection);
  send(connection, plus(connection.sndUna, -1), TCP_ACK, 0, 'TCP window probe', false);
}

/** Ends the connection the hard way. Models tcp_send_active_reset(). */
export function sendReset(connection: Connection): void {
  establishedOptions(connection, false);
  connection.segment.window = selectWindow(connection);
  connection.stack.counters.TcpOutRsts++;
  send(connection, connection.sndNxt, TCP_RST | TCP_ACK, 0, 'TCP RST', false);
}

/** Sends SYN, or SYN-ACK when one has come. Models tcp_connect(), tcp_send_synack(). */
export function sendSyn(connection: Connection): SendResult {
  const flags = connection.state === 'SYN_RECV' ? TCP_SYN | TCP_ACK : TCP_SYN;
  const start = connection.initialSequence;
  const segment = newSegment(start, plus(start, 1), flags);
  connection.sndNxt = segment.end;
  connection.sent.push(segment);
  const result = transmit(connection, segment);
  armTimer(connection);
  return result;
}

/** Answers a repeated SYN, whatever the timer says (tcp_rtx_synack). */
export function sendSynAgain(connection: Connection): void {
  const { first } = connection.sent;
  if (first !== undefined) transmit(connection, first);
}

function newSegment(start: number, end: number, flags: number): SentSegment {
  const none = { transmissions: 0, sacked: false, lost: false, retransmitted: false };
  return { start, end, flags, sentAt: 0 as SentSegment['sentAt'], ...none };
}

/** Sends again what is lost, then what is new, as far as the windows go. Models tcp_xmit_recovery(), tcp_write_xmit(). */
export function pushPending(connection: Connection): void {
  if (!connection.isSynchronized) return;
  restartAfterIdle(connection);
  let isLimited = false;
  for (;;) {
    const lost = connection.sent.nextLost();
    const next = lost ?? nextSegment(connection);
    if (next === undefined) break;
    const isBareFin = lost === undefined && distance(next.end, next.start) === 1 && (next.flags & TCP_FIN) !== 0;
    if (!isBareFin && connection.sent.inFlight >= connection.window) {
      isLimited = true;
      break;
    }
    if (lost === undefined && !mayLeave(connection, next)) break;
    if (!sendNext(connection, next, lost === undefined)) break;
  }
  validateWindow(connection, isLimited);
  armTimer(connection);
}

/** False when IP refused it: the timer tries again. A path that turned out smaller is no refusal. */
function sendNext(connection: Connection, segment: SentSegment, isNew: boolean): boolean {
  if (isNew) enqueue(connection, segment);
  const result = transmit(connection, segment);
  if (!('errno' in result)) return true;
  if (result.errno !== 'EMSGSIZE' || result.mtu === 0) return false;
  syncMss(connection, result.mtu);
  const pieces = connection.sent.cut(connection.mss);
  for (const piece of pieces) connection.sent.markSegmentLost(piece);
  return pieces.length > 0;
}

/** It counts as sent from now on. */
export function enqueue(connection: Connection, segment: SentSegment): void {
  const fin = (segment.flags & TCP_FIN) !== 0;
  connection.sent.push(segment);
  connection.sndNxt = segment.end;
  if (fin) connection.finSent = true;
  const length = distance(segment.end, segment.start) - (fin ? 1 : 0);
  if (length > 0 && length < connection.mss) connection.smallSent = segment.end;
  if (length > 0) noteDataSent(connection);
}

/** Data that goes out soon after data came in: acknowledgements can ride on it. Models tcp_event_data_sent(). */
function noteDataSent(connection: Connection): void {
  if (connection.now - connection.lastDataAt < connection.ackDelay) connection.pingPong = true;
}

/** The next segment of what is unsent, the FIN on it when it is the last; undefined when there is nothing. */
export function nextSegment(connection: Connection, limit = connection.mss): SentSegment | undefined {
  const { unsent } = connection;
  const withFin = connection.finQueued && !connection.finSent;
  if (unsent === 0 && !withFin) return undefined;
  const start = connection.sndNxt;
  const length = Math.min(unsent, limit);
  const isLast = length === unsent;
  const end = plus(start, length + (isLast && withFin ? 1 : 0));
  const push = length > 0 && isLast ? TCP_PSH : 0;
  return newSegment(start, end, TCP_ACK | push | (isLast && withFin ? TCP_FIN : 0));
}

/** Nagle's rule and the peer's window. Models tcp_nagle_test() and tcp_snd_wnd_test(). */
function mayLeave(connection: Connection, segment: SentSegment): boolean {
  if (after(segment.end, plus(connection.sndUna, connection.sndWnd))) return false;
  if ((segment.flags & TCP_FIN) !== 0 || distance(segment.end, segment.start) >= connection.mss) return true;
  if (connection.options.noDelay === true) return true;
  const isSmallUnderWay =
    after(connection.smallSent, connection.sndUna) && !after(connection.smallSent, connection.sndNxt);
  return connection.sent.packetsOut === 0 || !isSmallUnderWay;
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
