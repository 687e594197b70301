import { bySysctl } from '../../../packet/because.ts';
import type { ConnectionInfo, Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import { u8 } from '../../../wire/bytes.ts';
import { ICMP_LENGTH, isIcmpError } from '../../../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import { TCP_LENGTH } from '../../../wire/tcp.ts';
import type { Net } from '../../net.ts';
import { ACCEPT, type Hook, type Verdict } from '../netfilter.ts';
import { transportChecksumHolds } from '../transport-checksum.ts';
import { attach, type Connection, connectionOf, detach, directionOf } from './connection.ts';
import { icmpOpens, isUdpTruncated, udpTrack } from './datagram-track.ts';
import { recordTracking } from './record.ts';
import { TcpSegment } from './tcp-segment.ts';
import { tcpTrack } from './tcp-track.ts';
import type { Direction } from './tuple.ts';

/** NR_ICMP_TYPES: no type beyond it is known. */
const HIGHEST_ICMP_TYPE = 18;

const SITE: Site = { component: 'Kernel forwarding', function: 'nf_conntrack_alloc' };

const TABLE_FULL: Verdict = Object.freeze({
  verdict: 'drop',
  reason: 'kernel:NETFILTER_DROP',
  detail: 'nf_conntrack: table full, dropping packet',
});

/**
 * Finds or makes the connection of a packet and follows its protocol. A packet that belongs to none is `invalid` and
 * goes on: dropping it is for a rule to say. Models net/netfilter/nf_conntrack_core.c nf_conntrack_in(). Not modelled:
 * templates, zones, helpers and the connections they expect, GRE, SCTP and DCCP (tracked as protocols without ports).
 */
export function conntrackIn(net: Net, packet: Packet, hook: Hook): Verdict {
  // Seen before, on its way round by lo; or not to be tracked.
  if (packet.connection !== undefined || packet.connectionInfo === 'untracked') return ACCEPT;
  const verdict = track(net, packet, hook);
  recordTracking(net, packet, hook, verdict.verdict);
  return verdict;
}

function track(net: Net, packet: Packet, hook: Hook): Verdict {
  const header = packet.ip;
  const { protocol } = header;
  const at = packet.networkOffset + header.headerLength;
  if (header.fragmentOffset !== 0) return invalid(net, packet);
  if (protocol === PROTOCOL_ICMP) {
    const answer = trackIcmpError(net, packet, at, hook);
    if (answer !== undefined) return answer;
  }
  for (;;) {
    const found = resolve(net, packet);
    if (found === 'full') {
      net.conntrack.statistics.drop++;
      const most = net.sysctls.conntrack.nf_conntrack_max;
      const why = 'the table of connections is full';
      packet.ledger.recorder?.step(packet, net.place, SITE, bySysctl('net.netfilter.nf_conntrack_max', most, why));
      return TABLE_FULL;
    }
    if (found === undefined) return invalid(net, packet);
    const outcome = followProtocol(net, packet, found, at, hook);
    if (outcome === 'invalid') return invalid(net, packet);
    if (outcome === 'repeat') continue;
    if (packet.connectionInfo === 'established-reply') found.seenReply = true;
    return ACCEPT;
  }
}

function invalid(net: Net, packet: Packet): Verdict {
  net.conntrack.statistics.invalid++;
  packet.connection = undefined;
  packet.connectionInfo = 'invalid';
  return ACCEPT;
}

/** The packet's connection, made if there is none. Models resolve_normal_ct() and init_conntrack(). */
function resolve(net: Net, packet: Packet): Connection | 'full' | undefined {
  const { conntrack } = net;
  const { tuple, inverse } = conntrack.scratch;
  if (!tuple.readPacket(packet)) return undefined;
  const entry = conntrack.find(tuple);
  if (entry !== undefined) {
    const { connection } = entry;
    attach(packet, connection, infoOf(connection, entry.direction));
    return connection;
  }
  if (!inverse.invert(tuple)) return undefined;
  const connection = conntrack.allocate(tuple, inverse);
  if (connection === undefined) return 'full';
  attach(packet, connection, 'new');
  return connection;
}

function infoOf(connection: Connection, direction: Direction): ConnectionInfo {
  if (direction === 'reply') return 'established-reply';
  return connection.seenReply ? 'established' : 'new';
}

/** Models nf_conntrack_handle_packet(). */
function followProtocol(
  net: Net,
  packet: Packet,
  connection: Connection,
  at: number,
  hook: Hook,
): 'accept' | 'invalid' | 'repeat' {
  const { conntrack } = net;
  const settings = net.sysctls.conntrack;
  let timeout: number | undefined;
  switch (connection.protocol) {
    case PROTOCOL_TCP: {
      const answer = followTcp(net, packet, connection, at, hook);
      if (typeof answer === 'string') return answer;
      timeout = answer.timeout;
      break;
    }
    case PROTOCOL_UDP:
      if (isUdpTruncated(packet, at) || !hasGoodChecksum(net, packet, hook)) return 'invalid';
      timeout = udpTrack(connection, net.clock.now, settings);
      break;
    case PROTOCOL_ICMP:
      if (!connection.confirmed && !icmpOpens(u8(packet.bytes, at))) return 'invalid';
      timeout = settings.nf_conntrack_icmp_timeout;
      break;
    default:
      timeout = settings.nf_conntrack_generic_timeout;
  }
  if (timeout !== undefined) {
    conntrack.refresh(connection, timeout);
    count(packet, connection);
  }
  return 'accept';
}

function followTcp(
  net: Net,
  packet: Packet,
  connection: Connection,
  at: number,
  hook: Hook,
): 'invalid' | 'repeat' | { readonly timeout: number | undefined } {
  const { conntrack } = net;
  if (packet.tail - at < TCP_LENGTH) return 'invalid';
  const segment = new TcpSegment(packet.bytes, at, packet.tail);
  if (!segment.isWhole || !hasGoodChecksum(net, packet, hook) || !segment.hasValidFlags) return 'invalid';
  const outcome = tcpTrack(connection, directionOf(packet), segment, net.sysctls.conntrack);
  switch (outcome.kind) {
    case 'invalid':
      if (outcome.shorten !== undefined && conntrack.secondsLeft(connection) > outcome.shorten) {
        conntrack.refresh(connection, outcome.shorten);
      }
      return 'invalid';
    case 'repeat':
      conntrack.kill(connection);
      detach(packet);
      return 'repeat';
    case 'kill':
      conntrack.kill(connection);
      count(packet, connection);
      return { timeout: undefined };
    case 'accept':
      return outcome;
  }
}

/** What we send ourselves is right; what comes in is checked, so that nobody resets a connection by noise. */
function hasGoodChecksum(net: Net, packet: Packet, hook: Hook): boolean {
  if (hook !== 'PREROUTING' || net.sysctls.conntrack.nf_conntrack_checksum === 0) return true;
  return transportChecksumHolds(packet);
}

/** Models nf_ct_acct_update(). */
function count(packet: Packet, connection: Connection): void {
  const { counts } = connection;
  if (counts === undefined) return;
  const side = counts[directionOf(packet)];
  side.packets++;
  side.bytes += packet.length;
}

/**
 * An ICMP error belongs to the connection of the packet it quotes; undefined for a message that is none. Models
 * nf_conntrack_icmpv4_error() and nf_conntrack_inet_error().
 */
function trackIcmpError(net: Net, packet: Packet, at: number, hook: Hook): Verdict | undefined {
  if (packet.tail - at < ICMP_LENGTH || !hasGoodChecksum(net, packet, hook)) return invalid(net, packet);
  const type = u8(packet.bytes, at);
  if (type > HIGHEST_ICMP_TYPE) return invalid(net, packet);
  if (!isIcmpError(type)) return undefined;
  const { tuple, inverse } = net.conntrack.scratch;
  if (!tuple.read(packet.bytes, at + ICMP_LENGTH, packet.tail) || !inverse.invert(tuple)) return invalid(net, packet);
  const entry = net.conntrack.find(inverse);
  // Whoever got the quoted packet's answer gets the error too; any other destination is a forgery.
  if (entry === undefined || entry.tuple.destination !== packet.ip.destination) return invalid(net, packet);
  attach(packet, entry.connection, entry.direction === 'reply' ? 'related-reply' : 'related');
  return ACCEPT;
}

/**
 * The last word on a packet before it leaves or is delivered: its new connection goes into the table. Models
 * nf_confirm() and __nf_conntrack_confirm().
 */
export function conntrackConfirm(net: Net, packet: Packet): Verdict {
  const connection = connectionOf(packet);
  if (connection === undefined || connection.confirmed) return ACCEPT;
  // What answers in its name says nothing of it; what answers that answer counts as its own way (nf_conntrack_attach).
  if (directionOf(packet) !== 'original') return ACCEPT;
  const { statistics } = net.conntrack;
  if (connection.dying) {
    statistics.insert_failed++;
    return clashed('its connection was taken out of the table');
  }
  const clash = net.conntrack.confirm(connection);
  if (clash === undefined) return ACCEPT;
  const winner = clash.connection;
  const isSame =
    winner.original.tuple.equals(connection.original.tuple) && winner.reply.tuple.equals(connection.reply.tuple);
  // Two datagrams of one flow were on their way at once: the second joins the connection of the first.
  if (isSame && connection.protocol === PROTOCOL_UDP) {
    statistics.clash_resolve++;
    attach(packet, winner, infoOf(winner, 'original'));
    return ACCEPT;
  }
  statistics.insert_failed++;
  statistics.drop++;
  return clashed('another connection has this tuple, and none is free');
}

function clashed(detail: string): Verdict {
  return { verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail };
}
