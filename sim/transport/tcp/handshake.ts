import type { Errno } from '../../core/errno.ts';
import type { Fate } from '../../packet/fate.ts';
import type { TcpOptions } from '../../wire/tcp-options.ts';
import { acknowledge } from './acknowledge.ts';
import type { Connection } from './connection.ts';
import type { IncomingSegment } from './incoming.ts';
import { mssOfMtu, pathMtu, sendAck, sendSyn, supposeSynSent, syncMss } from './output.ts';
import { pushPending } from './push.ts';
import { initialWindow, keepSegmentBack } from './receive-window.ts';
import { startRetransmit } from './retransmit-timer.ts';
import { SOON } from './round-trip.ts';
import { after, before, plus } from './sequence.ts';
import { tellable } from './syn-cookie.ts';
import { timestampBits } from './timestamp-bits.ts';
import { reset } from './validate.ts';

const TIMESTAMP_LENGTH = 12;
/** TCP_MSS_DEFAULT: what a peer takes that announces nothing (RFC 9293 3.7.1). */
const DEFAULT_MSS = 536;

/** net.ipv4.route.min_adv_mss: no smaller segments are asked for, however small the MTU (ipv4_default_advmss). */
const LEAST_ADVERTISED = 256;

/** Sends the SYN. Models net/ipv4/tcp_output.c tcp_connect(). Gives the error when there is no way out. */
export function connect(connection: Connection): Errno | undefined {
  connection.mss = mssOfMtu(pathMtu(connection));
  connection.advertisedMss = Math.max(connection.mss, LEAST_ADVERTISED);
  initialWindow(connection, connection.advertisedMss);
  connection.state = 'SYN_SENT';
  connection.stack.counters.TcpActiveOpens++;
  const result = sendSyn(connection);
  return 'errno' in result && connection.firstPacket === 0 ? result.errno : undefined;
}

/** A SYN came to a listener: answers it. Models tcp_conn_request(). */
export function answerSyn(connection: Connection, segment: IncomingSegment): void {
  connection.cause = segment.packet.number;
  prepare(connection, segment, segment.options);
  sendSyn(connection);
  settleWindow(connection);
}

/** The same with a cookie for a sequence number: of the connection nothing is kept. */
export function answerWithCookie(connection: Connection, segment: IncomingSegment): void {
  const options = tellable(segment.options);
  connection.timestampBits = timestampBits(options);
  answerSyn(connection, { ...segment, options });
  connection.stopTimers();
}

/** What answerSyn() made of a SYN that nothing was kept of, from what the cookie brought back. Models cookie_v4_check(). */
export function recallSyn(connection: Connection, ack: IncomingSegment, options: TcpOptions): void {
  prepare(connection, { ...ack, sequence: plus(ack.sequence, -1) }, options);
  supposeSynSent(connection);
  settleWindow(connection);
}

function prepare(connection: Connection, segment: IncomingSegment, options: TcpOptions): void {
  connection.state = 'SYN_RECV';
  connection.advertisedMss = Math.max(mssOfMtu(pathMtu(connection)), LEAST_ADVERTISED);
  agree(connection, options);
  initialWindow(connection, connection.advertisedMss - (connection.usesTimestamps ? TIMESTAMP_LENGTH : 0));
  if (!connection.offersScale) connection.rcvScale = 0;
  takeSyn(connection, segment);
}

function settleWindow(connection: Connection): void {
  // The kernel's accounting of the first data takes what the scale cannot tell off the window, once and for all.
  connection.rcvSpace = (connection.rcvSpace >>> connection.rcvScale) * 2 ** connection.rcvScale;
  keepSegmentBack(connection);
  connection.cause = 0;
}

/** What both sides offered. Models tcp_parse_options() and tcp_openreq_init(). */
function agree(connection: Connection, options: TcpOptions): void {
  const { profile } = connection;
  connection.usesTimestamps = profile.timestamps && options.timestamp !== undefined;
  connection.usesSack = profile.sack && options.sackPermitted;
  connection.offersScale = profile.windowScale !== undefined && options.windowScale !== undefined;
  connection.sndScale = connection.offersScale ? (options.windowScale ?? 0) : 0;
  connection.mssClamp = options.mss ?? DEFAULT_MSS;
  if (connection.usesTimestamps && options.timestamp !== undefined) {
    connection.tsRecent = options.timestamp.value;
    connection.tsRecentAt = connection.now;
  }
  syncMss(connection, pathMtu(connection));
}

/** Where the peer's numbers begin. */
function takeSyn(connection: Connection, segment: IncomingSegment): void {
  connection.initialReceived = segment.sequence;
  connection.rcvNxt = plus(segment.sequence, 1);
  connection.rcvWup = connection.rcvNxt;
  connection.lastAckSent = connection.rcvNxt;
  connection.sndWnd = segment.header.window;
  connection.maxWindow = connection.sndWnd;
  connection.sndWl1 = segment.sequence;
  const hint = Math.min(connection.advertisedMss, connection.mss, connection.rcvWnd / 2, DEFAULT_MSS);
  connection.receivedMss = Math.max(Math.floor(hint), 88);
}

/** The answer to our SYN. Models tcp_rcv_synsent_state_process(). Not modelled: TCP Fast Open. */
export function synSent(connection: Connection, segment: IncomingSegment): Fate {
  const { stack } = connection;
  const { packet, header, options } = segment;
  if (header.ack) {
    const ack = header.acknowledgment;
    if (!after(ack, connection.sndUna) || after(ack, connection.sndNxt)) {
      // Our RST ends the old connection that the peer still has: the next SYN may come at once.
      if (connection.retransmits === 0) startRetransmit(connection, SOON);
      if (!header.rst) stack.refuse(packet);
      return stack.drop(packet, 'INVALID_ACK_SEQUENCE');
    }
    if (connection.profile.timestamps && !echoesUs(connection, options)) {
      if (!header.rst) stack.refuse(packet);
      return stack.drop(packet, 'RFC7323_TSECR');
    }
    if (header.rst) {
      reset(connection, segment);
      return stack.consume(packet, 'RST: connection refused');
    }
    if (!header.syn) return stack.drop(packet, 'FLAGS', 'no SYN');
    return synAckReceived(connection, segment);
  }
  if (header.rst) return stack.drop(packet, 'RESET', 'RST without ACK');
  if (!header.syn) return stack.drop(packet, 'FLAGS', 'neither SYN nor ACK');
  // Both ends open at once (RFC 9293 figure 7).
  connection.state = 'SYN_RECV';
  agree(connection, options);
  dropScale(connection);
  takeSyn(connection, segment);
  resendAsSynAck(connection);
  return stack.consume(packet, 'SYN, crossed ours');
}

/** A timestamp that is echoed must be one we sent (tcp_rcv_synsent_state_process()). */
function echoesUs(connection: Connection, options: TcpOptions): boolean {
  const echo = options.timestamp?.echo ?? 0;
  if (echo === 0) return true;
  const first = plus(Math.floor(connection.openedAt / 1e6), connection.timestampOffset);
  return !before(echo, first) && !after(echo, connection.timestamp);
}

function synAckReceived(connection: Connection, segment: IncomingSegment): Fate {
  agree(connection, segment.options);
  dropScale(connection);
  acknowledge(connection, segment.header, segment.options, 0);
  takeSyn(connection, segment);
  establish(connection);
  sendAck(connection);
  pushPending(connection);
  return connection.stack.consume(segment.packet, 'SYN-ACK');
}

function dropScale(connection: Connection): void {
  if (connection.offersScale) return;
  connection.rcvScale = 0;
  connection.rcvSpaceLimit = Math.min(connection.rcvSpaceLimit, 65535);
  keepSegmentBack(connection);
}

/** Our SYN goes once more, as the answer to the peer's. */
function resendAsSynAck(connection: Connection): void {
  connection.sent.acknowledge(connection.sndNxt);
  connection.sndNxt = connection.initialSequence;
  sendSyn(connection);
}

/** Data may flow. Models tcp_finish_connect() and what tcp_rcv_state_process() does at the end of SYN_RECV. */
export function establish(connection: Connection): void {
  connection.state = 'ESTABLISHED';
  connection.lastSentAt = connection.now;
  if (connection.isPassive) connection.stack.counters.TcpPassiveOpens++;
  syncMss(connection, pathMtu(connection));
  if (connection.finQueued) connection.state = 'FIN_WAIT1';
  connection.user.connected();
}
