import { after as isAfter, before as isBefore } from '../../../transport/tcp/sequence.ts';
import type { TcpSegment } from './tcp-segment.ts';
import type { TcpKind, TcpSide, TcpTracking } from './tcp-states.ts';
import { type Direction, opposite } from './tuple.ts';

/** How far behind an acknowledgement may be, at least (MAXACKWINCONST). */
const MAX_ACK_WINDOW = 66000;

/** `ignore`: let through, but nothing is learnt from it. */
export type WindowVerdict = 'accept' | 'ignore' | 'invalid';

/**
 * Whether a segment fits what both sides have sent and acknowledged so far, and what it teaches: four bounds, for the
 * sequence number by the receiver's window, for the acknowledgement by what the receiver sent ("Real Stateful TCP
 * Packet Filtering in IP Filter", van Rooij). Models net/netfilter/nf_conntrack_proto_tcp.c tcp_in_window(). Not
 * modelled: sequence numbers shifted by a helper.
 */
export function tcpInWindow(
  tcp: TcpTracking,
  direction: Direction,
  kind: TcpKind,
  segment: TcpSegment,
  beLiberal: boolean,
): WindowVerdict {
  const sender = tcp.seen[direction];
  const receiver = tcp.seen[opposite(direction)];
  const { window, syn: isSyn, ack: isAck, rst: isRst } = segment;
  let { sequence: seq, acknowledgment: ack } = segment;
  let end = segment.sequenceEnd;
  let sack = receiver.sackPermitted ? segment.highestSack : ack;

  if (sender.maxWindow === 0) {
    if (isSyn) {
      initialize(sender, receiver, direction, segment);
      // The SYN of a simultaneous open.
      if (!isAck) return 'accept';
    } else {
      pickUp(sender, receiver, end, window, sack);
    }
  } else if (isSyn && isOpening(tcp) && isAfter(end, sender.end)) {
    initialize(sender, receiver, direction, segment);
    if (direction === 'reply' && !isAck) return 'accept';
  }
  // No acknowledgement, or the zero that broken stacks put into a reset, is taken for a right one.
  if (!isAck || (isRst && ack === 0)) {
    ack = receiver.end;
    sack = ack;
  }
  // The reset that answers a SYN.
  if (isRst && seq === 0 && tcp.state === 'SYN_SENT') {
    seq = sender.end;
    end = seq;
  }
  const verdict = checkBounds(sender, receiver, seq, end, sack);
  if (verdict !== 'accept' && !beLiberal && !sender.beLiberal) return verdict;
  if (verdict !== 'accept') return 'accept';

  learn(sender, receiver, segment, ack, sack, end, isSyn ? window : window * 2 ** sender.scale);
  if (kind === 'ack') countRetransmission(tcp, direction, seq, ack, end, window);
  return 'accept';
}

/** First SYN or SYN-ACK of a side, or a SYN that starts again. Models tcp_init_sender(). */
function initialize(sender: TcpSide, receiver: TcpSide, direction: Direction, segment: TcpSegment): void {
  sender.end = segment.sequenceEnd;
  sender.maxEnd = sender.end;
  sender.maxWindow = Math.max(1, segment.window);
  segment.readOptions(sender);
  // RFC 7323 2.2: windows are scaled only if both sides offered it.
  if (direction === 'reply' && !(sender.windowScale && receiver.windowScale)) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}

/** A side is seen for the first time in the middle of its connection. */
function pickUp(sender: TcpSide, receiver: TcpSide, end: number, window: number, sack: number): void {
  sender.end = end;
  sender.maxWindow = Math.max(1, window * 2 ** sender.scale);
  sender.maxEnd = (end + sender.maxWindow) >>> 0;
  if (receiver.maxWindow === 0) {
    receiver.end = sack;
    receiver.maxEnd = sack;
  } else if (sack === (receiver.end + 1) >>> 0) {
    // Likely the answer to a keepalive.
    receiver.end = sack;
  }
}

/** RFC 9293 3.6.1: a TCP that starts anew uses sequence numbers beyond those it used before. */
function isOpening(tcp: TcpTracking): boolean {
  return tcp.state === 'SYN_SENT' || tcp.state === 'SYN_RECV';
}

function checkBounds(sender: TcpSide, receiver: TcpSide, seq: number, end: number, sack: number): WindowVerdict {
  const lowestEnd = sender.end - receiver.maxWindow - 1;
  const lowestAck = receiver.end - Math.max(sender.maxWindow, MAX_ACK_WINDOW) - 1;
  const acknowledgesTooMuch = !isBefore(sack, receiver.end + 1);
  if (!isBefore(seq, sender.maxEnd + 1)) {
    const overshoot = (end - sender.maxEnd + 1) >>> 0;
    const isNear = receiver.maxWindow !== 0 && isAfter(end, lowestEnd) && overshoot <= receiver.maxWindow;
    // More than the window allows, yet the receiver may take it: then its acknowledgement must not look wrong.
    if (isNear && !acknowledgesTooMuch && isAfter(sack, lowestAck)) {
      sender.end = end;
      sender.unacknowledged = true;
      return 'ignore';
    }
    return 'invalid';
  }
  if (acknowledgesTooMuch) return 'invalid';
  // Data that was acknowledged already, or an acknowledgement that took long: harmless.
  if (receiver.maxWindow !== 0 && !isAfter(end, lowestEnd)) return 'ignore';
  return isAfter(sack, lowestAck) ? 'accept' : 'ignore';
}

/** `window` is in bytes. */
function learn(
  sender: TcpSide,
  receiver: TcpSide,
  segment: TcpSegment,
  ack: number,
  sack: number,
  end: number,
  window: number,
): void {
  sender.maxWindow = Math.max(sender.maxWindow, window + ((sack - ack) >>> 0));
  if (isAfter(end, sender.end)) {
    sender.end = end;
    sender.unacknowledged = true;
  }
  if (segment.ack && (!sender.maxAckSet || isAfter(ack, sender.maxAck))) {
    sender.maxAck = ack;
    sender.maxAckSet = true;
  }
  if (receiver.maxWindow !== 0 && isAfter(end, sender.maxEnd)) {
    receiver.maxWindow += (end - sender.maxEnd) >>> 0;
  }
  const allowed = (sack + window) >>> 0;
  if (isAfter(allowed, receiver.maxEnd - 1)) receiver.maxEnd = window === 0 ? (allowed + 1) >>> 0 : allowed;
  if (ack === receiver.end) receiver.unacknowledged = false;
}

function countRetransmission(
  tcp: TcpTracking,
  direction: Direction,
  seq: number,
  ack: number,
  end: number,
  window: number,
): void {
  const isSame =
    tcp.lastDirection === direction &&
    tcp.lastSeq === seq &&
    tcp.lastAck === ack &&
    tcp.lastEnd === end &&
    tcp.lastWindow === window;
  if (isSame) {
    tcp.retransmissions++;
    return;
  }
  tcp.lastDirection = direction;
  tcp.lastSeq = seq;
  tcp.lastAck = ack;
  tcp.lastEnd = end;
  tcp.lastWindow = window;
  tcp.retransmissions = 0;
}
