import { ns } from '../../core/time.ts';
import type { Packet } from '../../packet/packet.ts';
import { u32 } from '../../wire/bytes.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_HOST_UNREACH,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  IcmpHeader,
} from '../../wire/icmp.ts';
import { announcedMtu, errnoOf, type QuotedPacket, quotedPorts } from '../icmp-error.ts';
import type { SocketOwner } from '../socket.ts';
import { dropRequest, fail } from './closing.ts';
import { Connection } from './connection.ts';
import { syncMss } from './output.ts';
import { pushPending } from './push.ts';
import { after, before } from './sequence.ts';
import type { TcpError } from './state.ts';
import type { TcpTable } from './table.ts';

/** net.ipv4.route.min_pmtu: what an ICMP error may lower the path MTU to. */
const LEAST_MTU = 552;

/**
 * An ICMP error about a segment of ours: an attempt to connect ends at once, an open connection remembers it, and
 * "fragmentation needed" makes segments smaller. Gives the owner of the socket that it is for; 'no socket' where it is
 * about a record or a request, quotes what is not in flight, or is a redirect that finds the program inside a call: then it
 * teaches nothing; undefined when nobody sent it. Models
 * net/ipv4/tcp_ipv4.c tcp_v4_err(). Not modelled: backing off less on a long outage (RFC 6069).
 */
export function tcpIcmpError(
  table: TcpTable,
  packet: Packet,
  quoted: QuotedPacket,
  device: string,
): SocketOwner | 'no socket' | undefined {
  const [sourcePort, destinationPort] = quotedPorts(packet, quoted);
  const { source, destination } = quoted.ip;
  const connection = table.findConnection(destination, destinationPort, source, sourcePort, device);
  if (connection === undefined) return undefined;
  if (!(connection instanceof Connection)) return 'no socket';
  const sequence = u32(packet.bytes, quoted.transport + 4);
  if (!isInWindow(connection, sequence)) {
    table.counters.TcpExtOutOfWindowIcmps++;
    return 'no socket';
  }
  const icmp = new IcmpHeader(packet.bytes, packet.transportOffset);
  const isRequest = connection.state === 'SYN_RECV' && connection.isPassive;
  if (isRequest) return aboutRequest(connection, icmp);
  if (icmp.type === ICMP_REDIRECT) return isHeld(connection) ? 'no socket' : connection.owner;
  if (icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED) {
    if (connection.profile.pathMtuDiscovery) lowerMtu(connection, announcedMtu(icmp), packet);
    return connection.owner;
  }
  const error: TcpError = {
    errno: errnoOf(icmp),
    type: icmp.type,
    code: icmp.code,
    offender: packet.ip.source,
    packet: packet.number,
  };
  if (connection.state === 'SYN_SENT' || connection.state === 'SYN_RECV') fail(connection, error);
  else connection.softError = error;
  return connection.owner;
}

/** Some errors end a connection that is not accepted yet, all others do nothing. Models tcp_req_err(). */
function aboutRequest(connection: Connection, { type, code }: IcmpHeader): SocketOwner | 'no socket' {
  const ends = type === ICMP_TIME_EXCEEDED || (type === ICMP_DEST_UNREACH && code <= ICMP_HOST_UNREACH);
  if (!ends) return 'no socket';
  dropRequest(connection);
  return connection.owner;
}

/** While a burst is being sent nothing of it but its beginning counts as sent (snd_nxt moves when it has left). */
function isInWindow(connection: Connection, sequence: number): boolean {
  const { sndUna, sndNxt, sent } = connection;
  if (before(sequence, sndUna) || after(sequence, sndNxt)) return false;
  return !isHeld(connection) || !sent.isInside(sequence);
}

/** The program is inside the call in which it connects or sends (sock_owned_by_user). */
function isHeld({ now, heldUntil }: Connection): boolean {
  return now < heldUntil;
}

/** Not before the program has left the call in which it sends (TCP_MTU_REDUCED_DEFERRED). */
function lowerMtu(connection: Connection, mtu: number, packet: Packet): void {
  const { now, heldUntil, stack } = connection;
  const lower = (): void => mtuReduced(connection, mtu, packet.number);
  if (!isHeld(connection)) lower();
  else stack.clock.after(ns(heldUntil - now), lower, undefined);
}

/**
 * Smaller segments from now on, and what was too large once more; the congestion window stays, as nothing of it is the
 * fault of the path's load. Models tcp_v4_mtu_reduced() with tcp_simple_retransmit().
 */
function mtuReduced(connection: Connection, mtu: number, cause: number): void {
  if (connection.state === 'CLOSE') return;
  const { sent, phase, window } = connection;
  const lower = Math.max(mtu, LEAST_MTU);
  if (connection.pathMtu <= lower) return;
  syncMss(connection, lower);
  if (!sent.markTooLarge(connection.mss)) return;
  if (phase !== 'loss') {
    connection.highSequence = connection.sndNxt;
    if (phase === 'open') connection.threshold = Math.max(connection.threshold, (window >>> 1) + (window >>> 2));
    connection.phase = 'loss';
  }
  connection.cause = cause;
  pushPending(connection);
  connection.cause = 0;
}
