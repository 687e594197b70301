import { cancel } from '../../core/events.ts';
import { IPV4_LENGTH, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_LENGTH, TCP_PSH, TCP_RST, TCP_SYN } from '../../wire/tcp.ts';
import type { SendResult } from '../socket.ts';
import { ACK_TIMEOUT, type Connection } from './connection.ts';
import { selectWindow } from './receive-window.ts';
import { armTimer, startRetransmit } from './retransmit-timer.ts';
import { SentSegment } from './sent-queue.ts';
import { distance, plus } from './sequence.ts';

const TIMESTAMP_LENGTH = 12;
/** TCP_MSS_DEFAULT. */
const DEFAULT_MSS = 536;
/** The smallest segment the kernel sends (TCP_MIN_SND_MSS less options), the largest it announces. */
const LEAST_MSS = 36;
const MOST_MSS = 65495;

/** MSS to announce on a path of `mtu` bytes (tcp_advertise_mss). */
export function mssOfMtu(mtu: number): number {
  return Math.min(mtu - IPV4_LENGTH - TCP_LENGTH, MOST_MSS);
}

/**
 * Data bytes a segment may carry now: the path, what the peer allows, options, and half of the largest window it ever
 * announced. Models tcp_sync_mss() with tcp_bound_to_half_wnd().
 */
export function syncMss(connection: Connection, mtu: number): void {
  connection.pathMtu = mtu;
  const whole = Math.min(mtu - IPV4_LENGTH - TCP_LENGTH, connection.mssClamp);
  const mss = Math.max(whole - (connection.usesTimestamps ? TIMESTAMP_LENGTH : 0), LEAST_MSS);
  const most = halfWindow(connection.maxWindow);
  connection.mss = most > 0 && mss > most ? Math.max(most, LEAST_MSS) : mss;
}

/** A peer that can take two segments has no reason to wait for more. Models tcp_bound_to_half_wnd(). */
function halfWindow(maxWindow: number): number {
  return maxWindow > DEFAULT_MSS ? maxWindow >>> 1 : maxWindow;
}

export function pathMtu(connection: Connection): number {
  const { localAddress, remoteAddress, remotePort, localPort, options } = connection;
  const { device = '', tos = 0 } = options;
  const selectors = { protocol: PROTOCOL_TCP, sourcePort: localPort, destinationPort: remotePort, tos };
  return connection.stack.sender.mtuFor(remoteAddress, localAddress, device, selectors);
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
  const segments = Math.max(1, Math.ceil(dataLength / connection.mss));
  segment.identification = nextIdentification(connection, flags, segments);
  segment.measure(connection.mss);
  const result = stack.sender.send(segment);
  segment.confirm = false;
  const packet = 'packet' in result ? result.packet : result.died;
  if (packet !== undefined) {
    connection.lastPacket = packet;
    if (connection.firstPacket === 0) connection.firstPacket = packet;
    if (dataLength > 0 && connection.firstData === 0) connection.firstData = packet;
  }
  if ((flags & TCP_ACK) !== 0) acknowledged(connection);
  return result;
}

/** A SYN-ACK has none of the connection's own: the kernel sends it from a request, which has no counter. */
function nextIdentification(connection: Connection, flags: number, segments: number): number | undefined {
  if (!connection.profile.zeroIdentification) return undefined;
  if ((flags & TCP_SYN) !== 0 && connection.isPassive) return 0;
  const { identification } = connection;
  connection.identification = (identification + segments) & 0xffff;
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
  const isSyn = (segment.flags & TCP_SYN) !== 0;
  const isAgain = segment.transmissions > 0;
  const isAnswer = isSyn && connection.isPassive;
  // The copy before has not even left the host (skb_still_in_host_queue); a SYN-ACK is made anew each time.
  if (isAgain && !isAnswer && connection.stack.sender.holds(segment.packet)) return { errno: 'EBUSY', mtu: 0 };
  if (isAgain) {
    if (!isAnswer) connection.stack.counters.TcpRetransSegs++;
    connection.sent.countRetransmission(segment, connection.now);
  } else {
    segment.transmissions = 1;
    segment.sentAt = connection.now;
  }
  // A copy is none of the segments sent; each SYN-ACK is made anew and counts.
  if (!isAgain || isAnswer) connection.stack.counters.TcpOutSegs++;
  const by = isAnswer ? 'TCP SYN-ACK' : isAgain ? 'TCP retransmission' : connection.owner.name;
  const result = transmitRange(connection, segment, by, !isAnswer);
  if ('packet' in result) segment.packet = result.packet;
  // A SYN-ACK that could not be sent again is no retransmission (tcp_rtx_synack).
  if (isAgain && isAnswer && 'packet' in result) connection.stack.counters.TcpRetransSegs++;
  return result;
}

/** Segments that lie in one buffer go through the stack as one; several are pushed, so that the receiver waits for no more. */
export function transmitUnit(connection: Connection, unit: readonly SentSegment[]): SendResult {
  const [first, ...rest] = unit as readonly [SentSegment, ...SentSegment[]];
  if (rest.length === 0) return transmit(connection, first);
  const last = rest.at(-1) ?? first;
  const isAgain = first.transmissions > 0;
  const { counters } = connection.stack;
  for (const segment of unit) {
    if (isAgain) {
      connection.sent.countRetransmission(segment, connection.now);
    } else {
      segment.transmissions = 1;
      segment.sentAt = connection.now;
    }
  }
  if (isAgain) counters.TcpRetransSegs += unit.length;
  else counters.TcpOutSegs += unit.length;
  const whole = { start: first.start, end: last.end, flags: last.flags | TCP_PSH };
  return transmitRange(connection, whole, isAgain ? 'TCP retransmission' : connection.owner.name, true);
}

function transmitRange(
  connection: Connection,
  { start, end, flags }: Pick<SentSegment, 'start' | 'end' | 'flags'>,
  by: string,
  isProgram: boolean,
): SendResult {
  if ((flags & TCP_SYN) !== 0) {
    handshakeOptions(connection);
    connection.segment.window = Math.min(connection.rcvWnd, 65535);
  } else {
    establishedOptions(connection, false);
    connection.segment.window = selectWindow(connection);
  }
  connection.lastSentAt = connection.now;
  const control = (flags & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0;
  return send(connection, start, flags, distance(end, start) - control, by, isProgram);
}

/** Sends an acknowledgement with nothing else. Models tcp_send_ack(). */
export function sendAck(connection: Connection): void {
  if (connection.state === 'CLOSE') return;
  establishedOptions(connection, true);
  connection.segment.window = selectWindow(connection);
  connection.stack.counters.TcpOutSegs++;
  send(connection, connection.sndNxt, TCP_ACK, 0, 'TCP ACK', false);
}

/** A segment without data that the peer must answer: its number lies before the window. Models tcp_xmit_probe_skb(). */
export function sendProbe(connection: Connection): void {
  establishedOptions(connection, false);
  connection.segment.window = selectWindow(connection);
  connection.stack.counters.TcpOutSegs++;
  send(connection, plus(connection.sndUna, -1), TCP_ACK, 0, 'TCP window probe', false);
}

/** Ends the connection the hard way. Models tcp_send_active_reset(). */
export function sendReset(connection: Connection): void {
  establishedOptions(connection, false);
  connection.segment.window = selectWindow(connection);
  connection.stack.counters.TcpOutRsts++;
  connection.stack.counters.TcpOutSegs++;
  send(connection, connection.sndNxt, TCP_RST | TCP_ACK, 0, 'TCP RST', false);
}

/** Sends SYN, or SYN-ACK when one has come. Models tcp_connect(), tcp_send_synack(). */
export function sendSyn(connection: Connection): SendResult {
  const flags = connection.state === 'SYN_RECV' ? TCP_SYN | TCP_ACK : TCP_SYN;
  const start = connection.initialSequence;
  const segment = new SentSegment(start, plus(start, 1), flags);
  connection.sndNxt = segment.end;
  connection.sent.push(segment);
  const result = transmit(connection, segment);
  armTimer(connection);
  return result;
}

/** It went out already, and nothing was kept of it. */
export function supposeSynSent(connection: Connection): void {
  const start = connection.initialSequence;
  const segment = new SentSegment(start, plus(start, 1), TCP_SYN | TCP_ACK);
  // When, nobody knows: its round trip cannot be told (Karn's rule).
  segment.transmissions = 2;
  connection.sndNxt = segment.end;
  connection.sent.push(segment);
}

/** Answers a repeated SYN, whatever the timer says, which begins anew if the answer left (tcp_check_req, tcp_rtx_synack). */
export function sendSynAgain(connection: Connection): void {
  const { first } = connection.sent;
  if (first === undefined) return;
  const sent = transmit(connection, first);
  if ('packet' in sent) startRetransmit(connection, connection.roundTrip.backedOff(connection.backoff));
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
  const buffer = nextBuffer(connection);
  if (buffer === undefined) return undefined;
  const length = distance(buffer.end, buffer.start) - ((buffer.flags & TCP_FIN) !== 0 ? 1 : 0);
  return length > limit ? cutAt(buffer, limit) : buffer;
}

/** What is left of the first buffer that has something unsent, the FIN in it when it is the last. */
export function nextBuffer(connection: Connection): SentSegment | undefined {
  const { unsent } = connection;
  const withFin = connection.finQueued && !connection.finSent;
  if (unsent === 0 && !withFin) return undefined;
  const start = connection.sndNxt;
  const { end, push, isLast } = connection.writes.bufferAt(start, connection.buffer.end);
  const hasFin = isLast && withFin;
  const flags = (unsent > 0 && push ? TCP_PSH : 0) | (hasFin ? TCP_FIN : 0);
  return new SentSegment(start, plus(end, hasFin ? 1 : 0), TCP_ACK | flags);
}

/** The first `length` bytes of it: PSH and FIN stay behind. */
export function cutAt(segment: SentSegment, length: number): SentSegment {
  return segment.piece(segment.start, plus(segment.start, length), segment.flags & ~(TCP_PSH | TCP_FIN));
}
