import { consume, deliver, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { receivedSize } from '../../packet/true-size.ts';
import { type QuotedPacket, quotedPacket, quotedPorts } from '../../transport/icmp-error.ts';
import { echoReplyOf, ReceivedDatagram, socketErrorOf } from '../../transport/received.ts';
import type { SocketOwner } from '../../transport/socket.ts';
import { pingSocketName, udpSocketName } from '../../transport/socket-name.ts';
import { tcpIcmpError } from '../../transport/tcp/icmp.ts';
import type { UdpSocket } from '../../transport/udp.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { checksum } from '../../wire/checksum.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, ICMP_LENGTH, IcmpHeader, isIcmpError } from '../../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { TCP_LENGTH, TcpHeader, tcpChecksumHolds } from '../../wire/tcp.ts';
import { UDP_LENGTH, UdpHeader, udpChecksumHolds } from '../../wire/udp.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import { answerEcho } from './echo.ts';
import { quotedFlow } from './flow.ts';
import { sessionOf, toHost, toKernel, toNobodyOfOurs, toOwner } from './hand-over.ts';

const SITE: Site = { component: 'Comware stack', function: 'local delivery' };

/**
 * A packet for one of Comware's own addresses: who gets it? An open Comware connection; else the kernel, if it began
 * the conversation; else a Comware listener; else the kernel. Echo requests are Comware's own to answer.
 */
export function deliverLocally(cw: Comware, arrived: Packet, from: ComwareInterface | undefined): Fate {
  let packet = arrived;
  if (packet.ip.isFragment) {
    const result = cw.parts.reassembler.add(packet);
    if ('fate' in result) return result.fate;
    packet = result.whole;
    packet.transportOffset = packet.networkOffset + packet.ip.headerLength;
  }
  // Nobody on a wire has an address of ours: what says so is forged.
  if (from !== undefined && cw.isLocalAddress(packet.ip.source)) {
    return drop(
      packet,
      cw.place,
      SITE,
      'comware:INVALID_ADDRESS',
      `from ${formatIpv4(packet.ip.source)}, which is ours`,
    );
  }
  if (packet.ip.destination === cw.docker0?.host) return toHost(cw, packet, 'its address', 'on the Docker0 bridge');
  cw.counters.delivered++;
  switch (packet.ip.protocol) {
    case PROTOCOL_ICMP:
      return deliverIcmp(cw, packet, from);
    case PROTOCOL_UDP:
      return deliverUdp(cw, packet, from);
    case PROTOCOL_TCP:
      return deliverTcp(cw, packet, from);
    default:
      return toKernel(cw, packet, from, `IP protocol ${packet.ip.protocol}`, 'no Comware listener');
  }
}

function deliverUdp(cw: Comware, packet: Packet, from: ComwareInterface | undefined): Fate {
  const at = packet.transportOffset;
  const available = packet.tail - at;
  const udp = available < UDP_LENGTH ? undefined : new UdpHeader(packet.bytes, at);
  if (udp === undefined || udp.length < UDP_LENGTH || udp.length > available) {
    return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'UDP length');
  }
  const { source, destination } = packet.ip;
  const { sourcePort, destinationPort, length } = udp;
  const key = `UDP port ${destinationPort}`;
  const socket = cw.parts.udp.lookup(source, sourcePort, destination, destinationPort, '');
  const isConnection = socket !== undefined && socket.remotePort !== 0;
  const session = isConnection ? undefined : sessionOf(cw, packet);
  if (session !== undefined) return toOwner(cw, packet, from, key, session);
  if (socket === undefined) return toNobodyOfOurs(cw, packet, from, key, destinationPort);
  if (packet.checksum === 'none' && !udpChecksumHolds(packet.bytes, at, length, source, destination)) {
    return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'UDP checksum');
  }
  return toSocket(cw, packet, socket, key, isConnection ? 'open Comware connection' : 'Comware listener');
}

/** Whoever has the connection, else who listens; the kernel answers a closed port with RST. */
function deliverTcp(cw: Comware, packet: Packet, from: ComwareInterface | undefined): Fate {
  const at = packet.transportOffset;
  const length = packet.tail - at;
  const tcp = length < TCP_LENGTH ? undefined : new TcpHeader(packet.bytes, at);
  if (tcp === undefined || tcp.headerLength < TCP_LENGTH || tcp.headerLength > length) {
    return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'TCP header length');
  }
  const { source, destination } = packet.ip;
  const { sourcePort, destinationPort } = tcp;
  const key = `TCP port ${destinationPort}`;
  const table = cw.parts.tcp;
  if (table.findConnection(source, sourcePort, destination, destinationPort, '') === undefined) {
    const session = sessionOf(cw, packet);
    if (session !== undefined) return toOwner(cw, packet, from, key, session);
    const listener = table.findListener(destination, destinationPort, '');
    if (listener === undefined) return toNobodyOfOurs(cw, packet, from, key, destinationPort);
  }
  cw.tcpCounters.TcpInSegs++;
  if (packet.checksum === 'none' && !tcpChecksumHolds(packet.bytes, at, length, source, destination)) {
    return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'TCP checksum');
  }
  return table.receive(packet, '');
}

function toSocket(cw: Comware, packet: Packet, socket: UdpSocket, key: string, why: string): Fate {
  packet.ledger.recorder?.step(packet, cw.place, SITE, {
    kind: 'demultiplex',
    key,
    to: socket.owner.name,
    why,
    socket: udpSocketName(socket),
  });
  const { destination } = packet.ip;
  const datagram = new ReceivedDatagram(packet, cw.isLocalAddress(destination) ? destination : 0);
  if (!socket.receive(cw.clock, datagram)) return bufferFull(cw, packet, socket.owner);
  return deliver(packet, cw.place, SITE, socket.owner.name, socket.owner.place);
}

/** So much waits for the program already that no more is kept. */
function bufferFull(cw: Comware, packet: Packet, owner: SocketOwner): Fate {
  return drop(packet, cw.place, SITE, 'comware:SOCKET_BUFFER_FULL', `of ${owner.name}`);
}

function deliverIcmp(cw: Comware, packet: Packet, from: ComwareInterface | undefined): Fate {
  const at = packet.transportOffset;
  const length = packet.tail - at;
  if (length < ICMP_LENGTH || checksum(packet.bytes, at, length) !== 0) {
    return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'ICMP length or checksum');
  }
  const icmp = new IcmpHeader(packet.bytes, at);
  if (icmp.type === ICMP_ECHO_REQUEST) return answerEcho(cw, packet);
  if (icmp.type === ICMP_ECHO_REPLY) return deliverEchoReply(cw, packet, icmp, from);
  if (isIcmpError(icmp.type)) return deliverError(cw, packet, icmp, from);
  return toKernel(cw, packet, from, `ICMP type ${icmp.type}`, 'no Comware listener');
}

function deliverEchoReply(cw: Comware, packet: Packet, icmp: IcmpHeader, from: ComwareInterface | undefined): Fate {
  const { destination } = packet.ip;
  const { identifier } = icmp;
  const key = `ICMP identifier ${identifier}`;
  const socket = cw.parts.ping.lookup(identifier, destination);
  if (socket === undefined) {
    const session = sessionOf(cw, packet);
    return session === undefined
      ? toKernel(cw, packet, from, key, 'no Comware ping')
      : toOwner(cw, packet, from, key, session);
  }
  const why = 'open Comware connection';
  packet.ledger.recorder?.step(packet, cw.place, SITE, {
    kind: 'demultiplex',
    key,
    to: socket.owner.name,
    why,
    socket: pingSocketName(socket),
  });
  if (!socket.receive(cw.clock, echoReplyOf(packet), receivedSize(packet))) return bufferFull(cw, packet, socket.owner);
  return deliver(packet, cw.place, SITE, socket.owner.name, socket.owner.place);
}

/** An ICMP error belongs to whoever sent the packet it quotes. */
function deliverError(cw: Comware, packet: Packet, icmp: IcmpHeader, from: ComwareInterface | undefined): Fate {
  const quoted = quotedPacket(packet);
  if (quoted === undefined) return drop(packet, cw.place, SITE, 'comware:BAD_TRANSPORT', 'the error quotes too little');
  const key = `ICMP error type ${icmp.type} code ${icmp.code}`;
  const told = tellSender(cw, packet, quoted);
  if (told !== undefined) return consume(packet, cw.place, SITE, `${key}, for ${told.name}`);
  const { sessions } = cw;
  const session = quotedFlow(quoted, sessions.flow) ? sessions.peek(sessions.flow) : undefined;
  return session === undefined
    ? toKernel(cw, packet, from, key, 'no Comware socket sent what it quotes')
    : toOwner(cw, packet, from, key, session);
}

/** Tells the Comware socket that sent what the error quotes; undefined when there is none. */
function tellSender(cw: Comware, packet: Packet, quoted: QuotedPacket): SocketOwner | undefined {
  const { source, destination, protocol } = quoted.ip;
  if (protocol === PROTOCOL_TCP) {
    const owner = tcpIcmpError(cw.parts.tcp, packet, quoted, '');
    return owner === 'no socket' ? undefined : owner;
  }
  const [sourcePort, destinationPort] = quotedPorts(packet, quoted);
  const socket =
    protocol === PROTOCOL_UDP
      ? cw.parts.udp.lookup(destination, destinationPort, source, sourcePort, '')
      : protocol === PROTOCOL_ICMP
        ? cw.parts.ping.lookup(new IcmpHeader(packet.bytes, quoted.transport).identifier, source)
        : undefined;
  socket?.receiveError(cw.clock, socketErrorOf(packet, quoted));
  return socket?.owner;
}
