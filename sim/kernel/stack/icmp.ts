import type { Errno } from '../../core/errno.ts';
import type { NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import { completeChecksum } from '../../packet/checksum.ts';
import { consume, deliver, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { receivedSize } from '../../packet/true-size.ts';
import { echoAnswer } from '../../transport/echo.ts';
import { announcedMtu, errnoOf, type QuotedPacket, quotedPacket } from '../../transport/icmp-error.ts';
import type { PingSocket } from '../../transport/ping.ts';
import { echoReplyOf, socketErrorOf } from '../../transport/received.ts';
import type { SendRequest, SendResult, SocketOwner } from '../../transport/socket.ts';
import { pingSocketName } from '../../transport/socket-name.ts';
import { formatIpv4, type Ipv4, isZeronet } from '../../wire/address.ts';
import { u32 } from '../../wire/bytes.ts';
import { checksum } from '../../wire/checksum.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_FRAG_NEEDED,
  ICMP_LENGTH,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  IcmpHeader,
  isIcmpError,
  putIcmp,
} from '../../wire/icmp.ts';
import { IPV4_LENGTH, PROTOCOL_ICMP } from '../../wire/ipv4.ts';
import { addressType, fibLookup, flowTo, preferredSource, selectAddress } from '../forwarding/fib-lookup.ts';
import { SCOPE_GLOBAL, SCOPE_LINK } from '../forwarding/fib-table.ts';
import { ipRouteOutput, type OutputRoute } from '../forwarding/route-output.ts';
import { rtableOf, specificDestination } from '../forwarding/rtable.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { ipSend, routeFrom, whyRefused } from './ip-send.ts';
import { bufferFull } from './udp-input.ts';

const RCV: Site = { component: 'Inet stack', function: 'icmp_rcv' };
const ECHO: Site = { component: 'Inet stack', function: 'icmp_echo' };
const PING: Site = { component: 'Inet stack', function: 'ping_rcv' };
const UNREACH: Site = { component: 'Inet stack', function: 'icmp_unreach' };

const IGNORE_BROADCASTS = 'net.ipv4.icmp_echo_ignore_broadcasts';

/** Errors are sent with this precedence (IPTOS_PREC_INTERNETCONTROL), and up to this size (RFC 1812 4.3.2.3). */
const INTERNET_CONTROL = 0xc0;
const ERROR_SIZE_MAX = 576;
/** The highest type the kernel knows (NR_ICMP_TYPES). */
const HIGHEST_TYPE = 18;

/** Receives an ICMP message. Models net/ipv4/icmp.c icmp_rcv(). Not modelled: timestamp, extended echo. */
export function icmpRcv(net: Net, packet: Packet): Fate {
  net.counters.IcmpInMsgs++;
  const length = packet.tail - packet.transportOffset;
  if (checksum(packet.bytes, packet.transportOffset, length) !== 0) {
    net.counters.IcmpInCsumErrors++;
    net.counters.IcmpInErrors++;
    return drop(packet, net.place, RCV, 'kernel:ICMP_CSUM');
  }
  if (length < ICMP_LENGTH) {
    net.counters.IcmpInErrors++;
    return drop(packet, net.place, RCV, 'kernel:PKT_TOO_SMALL');
  }
  const icmp = new IcmpHeader(packet.bytes, packet.transportOffset);
  countIn(net, icmp.type);
  if (icmp.type > HIGHEST_TYPE) {
    net.counters.IcmpInErrors++;
    return drop(packet, net.place, RCV, 'kernel:UNHANDLED_PROTO', `ICMP type ${icmp.type}`);
  }
  const { type } = rtableOf(packet);
  const isGroup = type === 'broadcast' || type === 'multicast';
  // RFC 1122 3.2.2.6: an echo request to a group may be ignored. Anything else to a group has no business there.
  const ignored = icmp.type !== ICMP_ECHO_REQUEST || net.sysctls.global.icmp_echo_ignore_broadcasts !== 0;
  if (isGroup && ignored) {
    net.counters.IcmpInErrors++;
    // A raw socket, as that of ping, has its copy already (raw_local_deliver).
    if (icmp.type === ICMP_ECHO_REPLY) {
      pingSocket(net, packet, icmp)?.receive(net.clock, echoReplyOf(packet), receivedSize(packet));
    }
    const isEcho = icmp.type === ICMP_ECHO_REQUEST;
    if (isEcho) packet.ledger.recorder?.step(packet, net.place, RCV, bySysctl(IGNORE_BROADCASTS, 1));
    const detail = isEcho ? 'icmp_echo_ignore_broadcasts' : `ICMP type ${icmp.type}`;
    return drop(packet, net.place, RCV, 'kernel:INVALID_PROTO', detail);
  }
  switch (icmp.type) {
    case ICMP_ECHO_REQUEST:
      return icmpEcho(net, packet);
    case ICMP_ECHO_REPLY:
      return pingRcv(net, packet, icmp);
    case ICMP_REDIRECT:
      return icmpRedirect(net, packet);
    default:
      if (isIcmpError(icmp.type)) return icmpUnreach(net, packet, icmp);
      return consume(packet, net.place, RCV, `ICMP type ${icmp.type}, not used`);
  }
}

/** Every message is counted by its type before anything is decided (ICMPMSGIN_INC_STATS). */
function countIn(net: Net, type: number): void {
  const { counters } = net;
  if (type === ICMP_ECHO_REQUEST) counters.IcmpInEchos++;
  else if (type === ICMP_ECHO_REPLY) counters.IcmpInEchoReps++;
  else if (type === ICMP_DEST_UNREACH) counters.IcmpInDestUnreachs++;
  else if (type === ICMP_TIME_EXCEEDED) counters.IcmpInTimeExcds++;
  else if (type === ICMP_REDIRECT) counters.IcmpInRedirects++;
}

/** Answers an echo request with its own data. Models icmp_echo() and icmp_reply(). */
function icmpEcho(net: Net, packet: Packet): Fate {
  if (net.sysctls.global.icmp_echo_ignore_all !== 0) {
    const value = net.sysctls.global.icmp_echo_ignore_all;
    packet.ledger.recorder?.step(packet, net.place, ECHO, bySysctl('net.ipv4.icmp_echo_ignore_all', value));
    return consume(packet, net.place, ECHO, 'icmp_echo_ignore_all');
  }
  const sent = sendIcmp(net, echoAnswer(packet, answerSource(net, packet)));
  if ('errno' in sent) return consume(packet, net.place, ECHO, `echo request; no reply possible: ${sent.errno}`);
  return consume(packet, net.place, ECHO, `echo request, answered by packet ${sent.packet}`);
}

/**
 * The address that was asked; where that is a group's, the one that a route to the sender prefers, whatever protocol and source
 * the answer will have. Models the rest of net/ipv4/fib_frontend.c fib_compute_spec_dst().
 */
function answerSource(net: Net, packet: Packet): Ipv4 {
  const asked = specificDestination(packet);
  if (asked !== 0) return asked;
  const { source, tos } = packet.ip;
  const isUnknown = isZeronet(source);
  if (!isUnknown) {
    const result = fibLookup(net, { ...flowTo(source), iif: net.loopback.ifindex, tos });
    if (!('errno' in result)) return preferredSource(net, result.entry);
  }
  const input = net.deviceAt(packet.inputIfindex);
  return input === undefined ? 0 : selectAddress(net, input, source, isUnknown ? SCOPE_LINK : SCOPE_GLOBAL);
}

/** What the kernel's own ICMP socket sends with: default TTL, DF clear (IP_PMTUDISC_DONT). */
const ANSWER = { sourcePort: 0, destinationPort: 0, ttl: 0, pathMtu: 'dont', device: '', confirm: false } as const;

/** An echo reply goes to the socket with its identifier. Models net/ipv4/ping.c ping_rcv(). */
function pingRcv(net: Net, packet: Packet, icmp: IcmpHeader): Fate {
  const socket = pingSocket(net, packet, icmp);
  if (socket === undefined) return drop(packet, net.place, PING, 'kernel:NO_SOCKET', `identifier ${icmp.identifier}`);
  net.ledger.recorder?.step(packet, net.place, PING, {
    kind: 'demultiplex',
    key: `ICMP identifier ${icmp.identifier}`,
    to: socket.owner.name,
    why: 'ping socket',
    socket: pingSocketName(socket),
  });
  if (!socket.receive(net.clock, echoReplyOf(packet), receivedSize(packet))) {
    return bufferFull(net, packet, PING, socket.owner);
  }
  return deliver(packet, net.place, PING, socket.owner.name, socket.owner.place);
}

function pingSocket(net: Net, packet: Packet, icmp: IcmpHeader): PingSocket | undefined {
  return net.parts.ping.lookup(icmp.identifier, packet.ip.destination, inputName(net, packet));
}

/** An error comes back: the path MTU is learnt, the socket is told. Models icmp_unreach() and icmp_socket_deliver(). */
function icmpUnreach(net: Net, packet: Packet, icmp: IcmpHeader): Fate {
  const quoted = quotedPacket(packet);
  if (quoted === undefined) {
    net.counters.IcmpInErrors++;
    return drop(packet, net.place, UNREACH, 'kernel:PKT_TOO_SMALL', 'the error quotes too little');
  }
  const told = net.parts.protocols.get(quoted.ip.protocol)?.errorHandler(net, packet);
  const isBelieved = quoted.ip.protocol === PROTOCOL_ICMP ? isOfOurs(net, packet, quoted) : told !== undefined;
  if (icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED && isBelieved) {
    net.parts.pathMtu.learnMtu(quoted.ip.destination, announcedMtu(icmp));
  }
  const what = `${errnoOf(icmp)} from ${formatIpv4(packet.ip.source)}`;
  if (told === undefined) return consume(packet, net.place, UNREACH, `${what}, for no socket`);
  return deliver(packet, net.place, UNREACH, `${told.name} (${what})`, told.place);
}

/** A better gateway for one destination. Models net/ipv4/route.c __ip_do_redirect(). Not modelled: shared_media 0, secure_redirects. */
function icmpRedirect(net: Net, packet: Packet): Fate {
  const quoted = quotedPacket(packet);
  const device = net.deviceAt(packet.inputIfindex);
  if (quoted === undefined || device === undefined) return drop(packet, net.place, UNREACH, 'kernel:PKT_TOO_SMALL');
  if (!isAskedFor(net, packet, quoted)) return consume(packet, net.place, UNREACH, 'redirect, for no socket');
  const gateway = u32(packet.bytes, packet.transportOffset + 4);
  const destination = quoted.ip.destination;
  const own = net.sysctls.of(device.name).accept_redirects !== 0;
  const accepts = inDevice(device).forwarding
    ? own && net.sysctls.all.accept_redirects !== 0
    : own || net.sysctls.all.accept_redirects !== 0;
  const route = ipRouteOutput(net, { ...ANSWER_QUERY, destination, source: quoted.ip.source });
  const isFromOurGateway = 'rtable' in route && route.rtable.gateway === packet.ip.source;
  if (!accepts || !isFromOurGateway || gateway === packet.ip.source || addressType(net, gateway) !== 'unicast') {
    return consume(packet, net.place, UNREACH, 'redirect, not followed');
  }
  if (!net.parts.neighbours.isKnown(route.rtable.device, gateway)) {
    return consume(packet, net.place, UNREACH, 'redirect, not followed yet: the gateway is looked for');
  }
  net.parts.pathMtu.learnGateway(destination, gateway);
  return consume(packet, net.place, UNREACH, `redirect: ${formatIpv4(destination)} via ${formatIpv4(gateway)}`);
}

/** A redirect changes the route of the socket that sent what it quotes (tcp_v4_err, udp_err), or of ICMP's own. */
function isAskedFor(net: Net, packet: Packet, quoted: QuotedPacket): boolean {
  if (quoted.ip.protocol !== PROTOCOL_ICMP) {
    return net.parts.protocols.get(quoted.ip.protocol)?.errorHandler(net, packet) !== undefined;
  }
  return isOfOurs(net, packet, quoted);
}

/**
 * Whether an error about an ICMP message teaches anything: about an echo reply, which the kernel itself sent, it does
 * (icmp_err); about any other only where a raw socket such as that of ping is open, whatever it sent (raw_err).
 */
function isOfOurs(net: Net, packet: Packet, { ip, transport }: QuotedPacket): boolean {
  if (new IcmpHeader(packet.bytes, transport).type === ICMP_ECHO_REPLY) return true;
  const { source } = ip;
  return net.parts.ping.list().some(({ localAddress }) => localAddress === 0 || localAddress === source);
}

const ANSWER_QUERY = { device: '', tos: 0, mark: 0, protocol: 0, sourcePort: 0, destinationPort: 0 } as const;

/** Tells a ping socket of an error about its echo request. Models net/ipv4/ping.c ping_err(). */
export function pingErr(net: Net, packet: Packet): SocketOwner | undefined {
  const quoted = quotedPacket(packet) as QuotedPacket;
  const echo = new IcmpHeader(packet.bytes, quoted.transport);
  if (echo.type !== ICMP_ECHO_REQUEST) return undefined;
  const socket = net.parts.ping.lookup(echo.identifier, quoted.ip.source, inputName(net, packet));
  if (socket === undefined) return undefined;
  socket.receiveError(net.clock, socketErrorOf(packet, quoted));
  return socket.owner;
}

/** A socket that is bound to an interface hears nothing of what went over lo: neither answers nor errors. */
function inputName(net: Net, packet: Packet): string {
  return net.deviceAt(packet.inputIfindex)?.name ?? '';
}

/**
 * Sends an ICMP error about `packet`, unless it must not (RFC 1122 3.2.2): about an error, about a later fragment,
 * about a broadcast, or too often; and not about an ICMP message of our own that a hook refuses on its way out. `info`
 * is the next-hop MTU, or a redirect's gateway. Models __icmp_send().
 */
export function icmpSend(net: Net, packet: Packet, type: number, code: number, info: Ipv4): void {
  if (net.sendsIcmp || packet.destination === undefined || packet.packetType !== 'host') return;
  const rtable = rtableOf(packet);
  if (rtable.type === 'broadcast' || rtable.type === 'multicast') return;
  const header = packet.ip;
  if (header.fragmentOffset !== 0 || isAboutAnError(packet)) return;
  if (rtable.kept?.dead === true) {
    refused(
      net,
      packet,
      type,
      code,
      'ENETUNREACH',
      'the route of the packet is gone: the initial namespace is to send it',
    );
    return;
  }
  const input = net.deviceAt(packet.inputIfindex);
  const isLimited = input?.isLoopback !== true && isLimitedKind(net, type, code);
  if (isLimited && !net.parts.icmpRateLimit.allowsAny()) {
    net.counters.IcmpOutRateLimitGlobal++;
    return;
  }
  completeChecksum(packet);
  const quoted = packet.bytes.slice(packet.networkOffset, packet.tail);
  const tos = (header.tos & 0x1e) | INTERNET_CONTROL;
  // A local destination answers itself; a router answers with the address it would use towards the sender.
  let source = specificDestination(packet);
  if (source === 0 && input !== undefined && net.sysctls.global.icmp_errors_use_inbound_ifaddr !== 0) {
    source = selectAddress(net, input, header.source, SCOPE_LINK);
  }
  const query = { ...ANSWER_QUERY, destination: header.source, source, tos, protocol: PROTOCOL_ICMP };
  const route = routeFrom(net, query);
  if ('errno' in route) {
    refused(net, packet, type, code, route.errno, whyRefused(net, query, route.errno, 0));
    return;
  }
  if (isLimited && !isAllowed(net, header.source, route.rtable.device)) return;
  const pathMtu = net.parts.pathMtu.mtuOf(header.source) ?? ERROR_SIZE_MAX;
  const room = Math.min(route.rtable.device.mtu, pathMtu, ERROR_SIZE_MAX) - IPV4_LENGTH - ICMP_LENGTH;
  const data = quoted.subarray(0, room);
  const length = ICMP_LENGTH + data.length;
  const word1 = type === ICMP_REDIRECT ? info >>> 16 : 0;
  const request: SendRequest = {
    ...ANSWER,
    protocol: PROTOCOL_ICMP,
    source: source || route.rtable.source,
    destination: header.source,
    tos,
    length,
    write: (bytes, offset) => {
      bytes.set(data, offset + ICMP_LENGTH);
      putIcmp(bytes, offset, length, { type, code, word1, word2: info & 0xffff });
    },
    by: `ICMP error type ${type} code ${code}`,
    program: undefined,
    cause: packet.number,
  };
  sendIcmp(net, request, packet, route);
}

/** An ICMP error about `packet` that could not be sent. */
function refused(net: Net, packet: Packet, type: number, code: number, errno: Errno, why: string): void {
  const by = `ICMP error type ${type} code ${code}`;
  const destination = formatIpv4(packet.ip.source);
  net.ledger.recorder?.refused({ place: net.place, by, cause: packet.number, destination, errno, why });
}

/** The kernel's ICMP socket sends: until the packet is gone it has no second one to send (icmp_xmit_lock). */
function sendIcmp(net: Net, request: SendRequest, about?: Packet, routed?: OutputRoute): SendResult {
  net.sendsIcmp = true;
  const sent = ipSend(net, request, about, routed);
  net.sendsIcmp = false;
  return sent;
}

function isAboutAnError(packet: Packet): boolean {
  const header = packet.ip;
  if (header.protocol !== PROTOCOL_ICMP) return false;
  const at = packet.networkOffset + header.headerLength;
  if (at >= packet.tail) return true;
  const type = packet.bytes[at] ?? 0;
  return type > HIGHEST_TYPE || isIcmpError(type);
}

/** Models icmpv4_mask_allow(): fragmentation needed is free. */
function isLimitedKind(net: Net, type: number, code: number): boolean {
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return false;
  return ((net.sysctls.global.icmp_ratemask >>> type) & 1) !== 0;
}

/** Models icmpv4_xrlim_allow(): what stays on lo is not counted for its destination. */
function isAllowed(net: Net, destination: Ipv4, output: NetDevice): boolean {
  const { icmpRateLimit } = net.parts;
  const isWithin = output.isLoopback || icmpRateLimit.allows(destination);
  if (isWithin) icmpRateLimit.consume();
  else net.counters.IcmpOutRateLimitHost++;
  return isWithin;
}
