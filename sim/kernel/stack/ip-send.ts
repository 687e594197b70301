import type { Errno } from '../../core/errno.ts';
import { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { originStep } from '../../transport/origin.ts';
import { recordRefusal } from '../../transport/refusal.ts';
import type { ConnectSelectors, SegmentSender, SendRequest, SendResult } from '../../transport/socket.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  IcmpHeader,
} from '../../wire/icmp.ts';
import { IP_DF, IPV4_LENGTH, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, putIpv4 } from '../../wire/ipv4.ts';
import { attachAnswer } from '../forwarding/conntrack/connection.ts';
import { addressType, recordRoute } from '../forwarding/fib-lookup.ts';
import { ipLocalOut } from '../forwarding/ip-output.ts';
import { ipRouteOutput, noRouteText, type OutputQuery, type OutputRoute } from '../forwarding/route-output.ts';
import type { Rtable } from '../forwarding/rtable.ts';
import type { Net } from '../net.ts';

const SITE: Site = { component: 'Inet stack', function: 'ip_make_skb' };
const ROUTE: Site = { component: 'Kernel forwarding', function: 'ip_route_output_key' };

/** The IP layer below the sockets of a namespace. */
export class KernelSender implements SegmentSender {
  readonly #net: Net;

  constructor(net: Net) {
    this.#net = net;
  }

  send(request: SendRequest): SendResult {
    return ipSend(this.#net, request);
  }

  /** Models ip_route_connect() where tcp_v4_connect() and ip4_datagram_connect() call it. */
  sourceFor(destination: Ipv4, device: string, selectors?: ConnectSelectors): Ipv4 | Errno {
    const route = ipRouteOutput(this.#net, { ...NO_SELECTORS, ...selectors, destination, device });
    if ('rtable' in route) return route.rtable.source;
    if (route.errno === 'ENETUNREACH') this.#net.counters.IpOutNoRoutes++;
    this.#refused('connect', { ...selectors, destination, source: 0, device }, route.errno);
    return route.errno;
  }

  mtuFor(destination: Ipv4, source: Ipv4, device: string, selectors: ConnectSelectors): number {
    const route = ipRouteOutput(this.#net, { ...NO_SELECTORS, ...selectors, destination, source, device });
    const mtu = 'rtable' in route ? route.rtable.device.mtu : 0xffff;
    return Math.min(mtu, this.#net.parts.pathMtu.mtuOf(destination) ?? 0xffff);
  }

  /** Models inet_csk_route_req(), and ip_route_connect() once the source is known. */
  whyNotTo(
    destination: Ipv4,
    source: Ipv4,
    device: string,
    selectors: ConnectSelectors,
    purpose: 'connect' | 'answer',
  ): Errno | undefined {
    const route = ipRouteOutput(this.#net, { ...NO_SELECTORS, ...selectors, destination, source, device });
    const isStrange = source !== 0 && !isOwnSource(this.#net, source);
    const errno = isStrange ? 'ENETUNREACH' : 'errno' in route ? route.errno : undefined;
    const type = purpose === 'connect' && 'rtable' in route ? route.rtable.type : 'unicast';
    // No connection of TCP leads to everybody (tcp_v4_connect); of UDP with SO_BROADCAST alone (__ip4_datagram_connect).
    if (selectors.protocol === PROTOCOL_TCP && (type === 'broadcast' || type === 'multicast')) return 'ENETUNREACH';
    if (selectors.protocol === PROTOCOL_UDP && type === 'broadcast' && selectors.mayBroadcast !== true) return 'EACCES';
    // An answer counts whatever the error is, an attempt to connect ENETUNREACH alone.
    if (errno === 'ENETUNREACH' || (errno !== undefined && purpose === 'answer')) this.#net.counters.IpOutNoRoutes++;
    if (errno !== undefined) this.#refused(purpose, { ...selectors, destination, source, device }, errno);
    return errno;
  }

  #refused(by: string, query: RefusedQuery, errno: Errno): void {
    const { recorder } = this.#net.ledger;
    if (recorder === undefined) return;
    const why = whyRefused(this.#net, query, errno, 0);
    recorder.refused({ place: this.#net.place, by, cause: 0, destination: formatIpv4(query.destination), errno, why });
  }

  holds(packet: number): boolean {
    return this.#net.parts.neighbours.holds(packet);
  }

  isLocalAddress(address: Ipv4): boolean {
    return addressType(this.#net, address) === 'local';
  }
}

const NO_SELECTORS = {
  source: 0,
  device: '',
  tos: 0,
  mark: 0,
  protocol: 0,
  sourcePort: 0,
  destinationPort: 0,
} as const;

/**
 * Routes, builds and sends one packet. Models net/ipv4/udp.c udp_sendmsg() and net/ipv4/ping.c ping_v4_sendmsg() where
 * they meet net/ipv4/ip_output.c __ip_make_skb(): DF when the packet fits and the socket does not forbid it, and an
 * identification from the generator unless the socket insists on DF. An error about the packet `about` belongs to the
 * connection of that packet. `routed` is a route already found, by which it goes.
 */
export function ipSend(net: Net, request: SendRequest, about?: Packet, routed?: OutputRoute): SendResult {
  const result = trySend(net, request, about, routed);
  const { recorder } = net.ledger;
  if (recorder === undefined || !('errno' in result) || result.died !== undefined) return result;
  return recordRefusal(recorder, net.place, request, result, whyRefused(net, request, result.errno, result.mtu));
}

type RefusedQuery = Pick<OutputQuery, 'destination' | 'source' | 'device'> & Partial<OutputQuery>;

/** What decided that a packet is not sent, or that a connection is not tried: the routes, an address, an MTU. */
export function whyRefused(net: Net, request: RefusedQuery, errno: Errno, mtu: number): string {
  const { source, destination, device } = request;
  if (net.dead) return '';
  if (errno === 'EMSGSIZE') return mtu > 0 ? `mtu ${mtu} towards ${formatIpv4(destination)}` : '';
  if (errno === 'EACCES' && addressType(net, destination) === 'broadcast') return 'a broadcast needs SO_BROADCAST';
  if (source !== 0 && !isOwnSource(net, source)) return `${formatIpv4(source)} is no address of this host`;
  const asked = device === '' ? undefined : net.device(device);
  if (asked !== undefined && !asked.up) return `${device}: state DOWN`;
  return noRouteText(net, { ...NO_SELECTORS, ...request });
}

function trySend(
  net: Net,
  request: SendRequest,
  about: Packet | undefined,
  routed: OutputRoute | undefined,
): SendResult {
  if (net.dead) return refused('ENETDOWN');
  const route = routed ?? routeFrom(net, request);
  if ('errno' in route) {
    countNoRoute(net, request, route.errno);
    return refused(route.errno);
  }
  const { rtable } = route;
  if (rtable.type === 'broadcast' && request.mayBroadcast === false) return refused('EACCES');
  // 0.0.0.0 is this host (RFC 1122 3.2.1.3): the route is to the source.
  const destination = request.destination || rtable.source;
  const length = IPV4_LENGTH + request.length;
  const mtu = Math.min(rtable.device.mtu, net.parts.pathMtu.mtuOf(destination) ?? 0xffff);
  if (length > 0xffff) return refused('EMSGSIZE');
  const largest = IPV4_LENGTH + (request.segmentLength ?? request.length);
  if (request.pathMtu === 'do' && largest > mtu) return { errno: 'EMSGSIZE', mtu };

  const packet = Packet.allocate(net.ledger, length, request.cause);
  packet.protocol = ETHERTYPE_IPV4;
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + IPV4_LENGTH;
  packet.destination = rtable;
  packet.ignoreDf = request.pathMtu !== 'do';
  packet.confirmsNeighbour = request.confirm;
  packet.boundDevice = request.device;
  if (request.segmentLength !== undefined) packet.segmentLength = largest;
  if (about !== undefined) attachAnswer(packet, about);
  request.write(packet.bytes, packet.transportOffset, rtable.source, destination);
  packet.checksum = request.segmentLength === undefined ? 'unnecessary' : 'partial';
  writeHeader(net, packet, request, rtable, destination, largest <= mtu);
  net.ledger.recorder?.step(packet, net.place, SITE, originStep(request));
  if (route.result !== undefined) recordRoute(net, packet, ROUTE, destination, route.result);
  countOut(net, packet);
  ipLocalOut(net, packet);
  const errno = errnoOf(packet);
  if (request.protocol === PROTOCOL_UDP && errno === undefined) net.counters.UdpOutDatagrams++;
  if (request.protocol === PROTOCOL_UDP && errno === 'ENOBUFS') net.counters.UdpSndbufErrors++;
  if (errno !== undefined) {
    // ip_send_skb() counts; __ip_queue_xmit() and ip_build_and_send_pkt(), which TCP's connections use, do not.
    if (request.protocol !== PROTOCOL_TCP || request.isUnicastReply === true) net.counters.IpOutDiscards++;
    if (errno !== 'ENOBUFS') return { errno, mtu: 0, died: packet.number };
  }
  return { packet: packet.number, source: rtable.source };
}

/**
 * As ip_route_output_key_hash_rcu(): whoever asks for a source has to have that address, which a socket may outlive (errno as
 * seen on Linux 6.18). One that the route itself chooses is not looked at.
 */
export function routeFrom(net: Net, query: OutputQuery): OutputRoute {
  if (query.source !== 0 && !isOwnSource(net, query.source)) return { errno: 'ENETUNREACH' };
  return ipRouteOutput(net, query);
}

/**
 * What ip_local_out() returns of a packet that died on the way out: a hook refuses it, the table of neighbours has no room, or
 * it is too long for the far end of a veth pair. Of the last two sockets are told only when they ask (IP_RECVERR), which none
 * here does.
 */
function errnoOf({ reason, errno }: Packet): Errno | undefined {
  if (reason === 'kernel:NETFILTER_DROP') return errno ?? 'EPERM';
  return reason === 'kernel:PKT_TOO_BIG' || reason === 'kernel:NEIGH_CREATEFAIL' ? 'ENOBUFS' : undefined;
}

/**
 * IPSTATS_MIB_OUTNOROUTES is for sockets that found no route at all: of UDP, of TCP, and the one that ping connects to
 * learn its source (whyNotTo). A raw socket does not count (raw_sendmsg), nor do the kernel's own of ICMP and for RST.
 */
function countNoRoute(net: Net, { protocol, isUnicastReply }: SendRequest, errno: Errno): void {
  if (isUnicastReply === true || protocol === PROTOCOL_ICMP) return;
  if (errno === 'ENETUNREACH') net.counters.IpOutNoRoutes++;
}

/** Models __ip_dev_find(): an address of an interface, else one that table local knows, such as 127.0.0.5. */
function isOwnSource(net: Net, source: Ipv4): boolean {
  return net.hasAddress(source) || addressType(net, source) === 'local';
}

function writeHeader(
  net: Net,
  packet: Packet,
  request: SendRequest,
  rtable: Rtable,
  destination: Ipv4,
  fits: boolean,
): void {
  // ip_dont_fragment(): who only wants to know the path MTU leaves DF out where the path is narrower than Linux believes.
  const isLocked = net.parts.pathMtu.isLocked(destination);
  const insists = request.pathMtu === 'do' && !(isLocked && isConnectionOf(request));
  const dontFragment = insists || (request.pathMtu === 'want' && fits && !isLocked);
  const isMulticast = rtable.type === 'multicast';
  putIpv4(packet.bytes, packet.head, {
    tos: request.tos,
    totalLength: packet.length,
    identification:
      (isLocked ? undefined : request.identification) ??
      (insists ? 0 : net.identification.next(rtable.source, destination, request.protocol)),
    fragment: dontFragment ? IP_DF : 0,
    ttl: request.ttl || (isMulticast ? 1 : net.sysctls.global.ip_default_ttl),
    protocol: request.protocol,
    source: rtable.source,
    destination,
  });
}

/** A connection of TCP only wants to know the path MTU; the kernel's own answers insist (tcp_sk_init). */
function isConnectionOf({ protocol, isUnicastReply }: SendRequest): boolean {
  return protocol === PROTOCOL_TCP && isUnicastReply !== true;
}

/** Models icmp_out_count(). */
function countOut(net: Net, packet: Packet): void {
  const { counters } = net;
  if (packet.ip.protocol !== PROTOCOL_ICMP) return;
  counters.IcmpOutMsgs++;
  switch (new IcmpHeader(packet.bytes, packet.transportOffset).type) {
    case ICMP_ECHO_REQUEST:
      counters.IcmpOutEchos++;
      return;
    case ICMP_ECHO_REPLY:
      counters.IcmpOutEchoReps++;
      return;
    case ICMP_DEST_UNREACH:
      counters.IcmpOutDestUnreachs++;
      return;
    case ICMP_TIME_EXCEEDED:
      counters.IcmpOutTimeExcds++;
      return;
    case ICMP_REDIRECT:
      counters.IcmpOutRedirects++;
      return;
  }
}

function refused(errno: Errno): SendResult {
  return { errno, mtu: 0 };
}
