import { before as isBefore } from '../../../transport/tcp/sequence.ts';
import type { ConntrackSysctls } from '../../sysctl.ts';
import type { Connection } from './connection.ts';
import type { TcpSegment } from './tcp-segment.ts';
import {
  canEarlyDrop,
  type TcpKind,
  TcpSide,
  type TcpState,
  TcpTracking,
  type TcpTransition,
  transition,
} from './tcp-states.ts';
import { tcpInWindow } from './tcp-window.ts';
import { type Direction, opposite } from './tuple.ts';

/**
 * What a segment means: `repeat` that the connection it was taken for is over and it opens another; `timeout` in
 * seconds, none if the clock is not to start anew; `kill` that the connection ends with it.
 */
export type TcpOutcome =
  | { readonly kind: 'invalid'; readonly shorten?: number }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'accept'; readonly timeout: number | undefined }
  | { readonly kind: 'kill' };

const INVALID: TcpOutcome = Object.freeze({ kind: 'invalid' });
const UNCHANGED: TcpOutcome = Object.freeze({ kind: 'accept', timeout: undefined });

/** Models net/netfilter/nf_conntrack_proto_tcp.c tcp_new(); undefined for a segment that can open nothing. */
function tcpNew(segment: TcpSegment, settings: ConntrackSysctls): TcpTracking | undefined {
  const next = transition('original', segment.kind, 'NONE');
  if (next === 'invalid' || next === 'ignore') return undefined;
  if (next !== 'SYN_SENT' && settings.nf_conntrack_tcp_loose === 0) return undefined;
  const tcp = new TcpTracking();
  const { original, reply } = tcp.seen;
  original.end = segment.sequenceEnd;
  original.maxWindow = Math.max(1, segment.window);
  original.maxEnd = original.end;
  if (next === 'SYN_SENT') {
    segment.readOptions(original);
    return tcp;
  }
  // Picked up in the middle: its windows may be scaled by what we did not see.
  original.maxEnd = (original.end + original.maxWindow) >>> 0;
  for (const side of [original, reply]) {
    side.sackPermitted = true;
    side.beLiberal = true;
  }
  return tcp;
}

/**
 * Follows a connection by one segment. Models nf_conntrack_tcp_packet(). Not modelled: the SYN proxy. As in the kernel
 * nf_conntrack_tcp_be_liberal is 0: what lies outside the windows is invalid.
 */
export function tcpTrack(
  connection: Connection,
  direction: Direction,
  segment: TcpSegment,
  settings: ConntrackSysctls,
): TcpOutcome {
  if (!connection.confirmed) {
    connection.tcp = tcpNew(segment, settings);
    if (connection.tcp === undefined) return INVALID;
  }
  const tcp = connection.tcp as TcpTracking;
  const { kind } = segment;
  let before = tcp.state;
  let next = transition(direction, kind, before);
  let inWindow = false;
  switch (next) {
    case 'invalid':
      return INVALID;
    case 'SYN_SENT':
    case 'ignore': {
      if (next === 'SYN_SENT' && before !== 'TIME_WAIT' && before !== 'CLOSE') break;
      if (next === 'SYN_SENT' && mayReopen(tcp, direction)) return { kind: 'repeat' };
      if (!answersIgnoredSyn(tcp, direction, segment)) {
        noteIgnored(tcp, direction, segment, before);
        return UNCHANGED;
      }
      // Both ends know better: what they agreed on holds.
      resynchronize(tcp, direction);
      before = 'SYN_SENT';
      next = 'SYN_RECV';
      break;
    }
    case 'TIME_WAIT':
      if (isChallenge(tcp, direction, kind, before)) {
        tcp.expectsChallenge = false;
        return UNCHANGED;
      }
      break;
    case 'SYN_SENT2':
      tcp.simultaneousOpen = true;
      break;
    case 'SYN_RECV':
      if (direction === 'reply' && kind === 'ack' && tcp.simultaneousOpen) next = 'ESTABLISHED';
      break;
    case 'CLOSE': {
      const reset = kind === 'rst' ? judgeReset(connection, tcp, direction, segment, settings) : 'check';
      if (reset === 'invalid') return INVALID;
      if (reset === 'challenge') next = before;
      inWindow = reset === 'believe' || (reset !== 'check' && answersLetThrough(connection, tcp, segment));
      break;
    }
  }
  if (!inWindow) {
    const verdict = tcpInWindow(tcp, direction, kind, segment, settings.nf_conntrack_tcp_be_liberal !== 0);
    if (verdict === 'ignore') return UNCHANGED;
    if (verdict === 'invalid') return outOfWindow(connection, tcp, direction, kind, settings);
  }
  tcp.lastKind = kind;
  tcp.lastDirection = direction;
  tcp.state = next as TcpState;
  if (before !== next && next === 'FIN_WAIT') tcp.seen[direction].closeInit = true;
  return finish(connection, tcp, kind, before, next as TcpState, settings);
}

/** A SYN in TIME_WAIT or CLOSE is a new connection if this one was closed in order, or reset by the same side. */
function mayReopen(tcp: TcpTracking, direction: Direction): boolean {
  const { original, reply } = tcp.seen;
  return original.closeInit || reply.closeInit || (tcp.lastDirection === direction && tcp.lastKind === 'rst');
}

/** A SYN-ACK that acknowledges a SYN which was let through unbelieved. */
function answersIgnoredSyn(tcp: TcpTracking, direction: Direction, segment: TcpSegment): boolean {
  return (
    segment.kind === 'synack' &&
    tcp.lastKind === 'syn' &&
    tcp.lastDirection !== direction &&
    segment.acknowledgment === tcp.lastEnd
  );
}

function noteIgnored(tcp: TcpTracking, direction: Direction, segment: TcpSegment, state: TcpState): void {
  tcp.lastKind = segment.kind;
  tcp.lastDirection = direction;
  tcp.lastSeq = segment.sequence;
  tcp.lastEnd = segment.sequenceEnd;
  tcp.lastWindow = segment.window;
  if (segment.kind !== 'syn' || direction !== 'original') return;
  Object.assign(tcp.lastSyn, new TcpSide());
  segment.readOptions(tcp.lastSyn);
  tcp.expectsChallenge = state === 'LAST_ACK';
}

function resynchronize(tcp: TcpTracking, direction: Direction): void {
  const other = tcp.seen[opposite(direction)];
  Object.assign(other, tcp.lastSyn);
  other.end = tcp.lastEnd;
  other.maxEnd = tcp.lastEnd;
  other.maxWindow = Math.max(1, tcp.lastWindow);
  tcp.expectsChallenge = false;
  const own = tcp.seen[direction];
  const { beLiberal } = own;
  Object.assign(own, new TcpSide(), { beLiberal });
}

/** RFC 5961 4: the answer to a spurious SYN does not acknowledge the FIN that is on its way. */
function isChallenge(tcp: TcpTracking, direction: Direction, kind: TcpKind, before: TcpTransition): boolean {
  return (
    before === 'LAST_ACK' &&
    kind === 'ack' &&
    tcp.lastDirection !== direction &&
    tcp.lastKind === 'syn' &&
    tcp.expectsChallenge
  );
}

/**
 * A reset: `believe` closes at once, `check` asks for its window, `doubt` too unless it answers what was let through,
 * `challenge` leaves the state (RFC 5961 3.2: only the exact sequence number resets).
 */
function judgeReset(
  connection: Connection,
  tcp: TcpTracking,
  direction: Direction,
  segment: TcpSegment,
  settings: ConntrackSysctls,
): 'believe' | 'check' | 'doubt' | 'challenge' | 'invalid' {
  if (canEarlyDrop(tcp)) return 'believe';
  const other = tcp.seen[opposite(direction)];
  // After a SYN that was let through, the highest acknowledgement belongs to another connection.
  if (!other.maxAckSet || tcp.lastKind === 'syn') return 'doubt';
  const { sequence: seq } = segment;
  const isEstablished = tcp.state === 'ESTABLISHED' && connection.assured;
  if (seq === 0 && !isEstablished) return 'check';
  if (isBefore(seq, other.maxAck) && settings.nf_conntrack_tcp_ignore_invalid_rst === 0) return 'invalid';
  if (!isEstablished || seq === other.maxAck) return 'check';
  if (tcp.lastKind === 'ack' && tcp.lastDirection === direction && seq === tcp.lastEnd) return 'check';
  return 'challenge';
}

/** A reset to a SYN or ACK that was let through unbelieved: the connection we hold is not there any more. */
function answersLetThrough(connection: Connection, tcp: TcpTracking, segment: TcpSegment): boolean {
  const isToSyn = connection.seenReply && tcp.lastKind === 'syn';
  const isToAck = !connection.assured && tcp.lastKind === 'ack';
  return (isToSyn || isToAck) && segment.acknowledgment === tcp.lastEnd;
}

/**
 * A connection that is reset in the name of one of its ends is over, although that reset is no segment of it that tracking
 * follows; returns how many seconds it stays. Models nf_conntrack_tcp_set_closing().
 */
export function closeTcp(tcp: TcpTracking, settings: ConntrackSysctls): number {
  tcp.state = 'CLOSE';
  return stateTimeout(tcp.state, settings);
}

/** Models nf_tcp_handle_invalid(): a close that we cannot follow must not leave the entry for five days. */
function outOfWindow(
  connection: Connection,
  tcp: TcpTracking,
  direction: Direction,
  kind: TcpKind,
  settings: ConntrackSysctls,
): TcpOutcome {
  if (!connection.assured || (kind !== 'rst' && kind !== 'fin')) return INVALID;
  if (tcp.lastDirection !== direction && (tcp.lastKind === 'fin' || tcp.lastKind === 'rst')) {
    return { kind: 'invalid', shorten: settings.nf_conntrack_tcp_timeout_unacknowledged };
  }
  tcp.lastKind = kind;
  tcp.lastDirection = direction;
  return INVALID;
}

/** The segment counts: how long the entry lives now, and whether it is assured. */
function finish(
  connection: Connection,
  tcp: TcpTracking,
  kind: TcpKind,
  before: TcpState,
  next: TcpState,
  settings: ConntrackSysctls,
): TcpOutcome {
  let timeout = timeoutOf(tcp, kind, next, settings);
  if (!connection.seenReply) {
    // Nothing but a reset came back: there is no connection.
    if (kind === 'rst') return { kind: 'kill' };
    // A SYN that is sent again must not keep the entry, and its translation, alive.
    if (kind === 'syn' && before === 'SYN_SENT') return UNCHANGED;
    if (next === 'ESTABLISHED') timeout = Math.min(timeout, settings.nf_conntrack_tcp_timeout_unacknowledged);
  } else if (!connection.assured && (before === 'SYN_RECV' || before === 'ESTABLISHED') && next === 'ESTABLISHED') {
    connection.assured = true;
  }
  return { kind: 'accept', timeout };
}

function timeoutOf(tcp: TcpTracking, kind: TcpKind, state: TcpState, settings: ConntrackSysctls): number {
  const own = stateTimeout(state, settings);
  const retransmission = settings.nf_conntrack_tcp_timeout_max_retrans;
  const unacknowledged = settings.nf_conntrack_tcp_timeout_unacknowledged;
  if (tcp.retransmissions >= settings.nf_conntrack_tcp_max_retrans && own > retransmission) return retransmission;
  if (kind === 'rst') return settings.nf_conntrack_tcp_timeout_close;
  const isOpen = tcp.seen.original.unacknowledged || tcp.seen.reply.unacknowledged;
  if (isOpen && own > unacknowledged) return unacknowledged;
  if (tcp.lastWindow === 0 && own > retransmission) return retransmission;
  return own;
}

function stateTimeout(state: TcpState, settings: ConntrackSysctls): number {
  switch (state) {
    case 'NONE':
    case 'SYN_SENT':
    case 'SYN_SENT2':
      return settings.nf_conntrack_tcp_timeout_syn_sent;
    case 'SYN_RECV':
      return settings.nf_conntrack_tcp_timeout_syn_recv;
    case 'ESTABLISHED':
      return settings.nf_conntrack_tcp_timeout_established;
    case 'FIN_WAIT':
      return settings.nf_conntrack_tcp_timeout_fin_wait;
    case 'CLOSE_WAIT':
      return settings.nf_conntrack_tcp_timeout_close_wait;
    case 'LAST_ACK':
      return settings.nf_conntrack_tcp_timeout_last_ack;
    case 'TIME_WAIT':
      return settings.nf_conntrack_tcp_timeout_time_wait;
    case 'CLOSE':
      return settings.nf_conntrack_tcp_timeout_close;
  }
}
