import type { Packet } from '../packet/packet.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ICMP_LENGTH, IcmpHeader } from '../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { UDP_LENGTH, UdpHeader } from '../wire/udp.ts';
import { announcedMtu, errnoOf, type QuotedPacket, quotedPorts } from './icmp-error.ts';
import type { EchoReply } from './ping.ts';
import type { Datagram, SocketError } from './socket.ts';

/** What a program sees of a UDP packet whose length was checked, to be answered from `asked`; the payload is a copy. */
export function datagramOf(packet: Packet, asked: Ipv4): Datagram {
  const at = packet.transportOffset;
  const udp = new UdpHeader(packet.bytes, at);
  const { sourcePort, destinationPort } = udp;
  const { ip } = packet;
  return {
    source: ip.source,
    sourcePort,
    destination: ip.destination,
    destinationPort,
    asked,
    ttl: ip.ttl,
    tos: ip.tos,
    packet: packet.number,
    payload: packet.ledger.memory.copy(packet.bytes, at + UDP_LENGTH, at + udp.length),
  };
}

/** What a program sees of an echo reply whose length was checked; the payload is a copy. */
export function echoReplyOf(packet: Packet): EchoReply {
  const at = packet.transportOffset;
  const { sequence } = new IcmpHeader(packet.bytes, at);
  const payload = packet.ledger.memory.copy(packet.bytes, at + ICMP_LENGTH, packet.tail);
  const { source, destination, ttl, tos } = packet.ip;
  const { number } = packet;
  return { source, destination, ttl, tos, packet: number, sourcePort: 0, destinationPort: 0, payload, sequence };
}

/** What a program sees of an ICMP error about a packet it sent. */
export function socketErrorOf(packet: Packet, quoted: QuotedPacket): SocketError {
  const icmp = new IcmpHeader(packet.bytes, packet.transportOffset);
  const { protocol, destination } = quoted.ip;
  const [, destinationPort] = quotedPorts(packet, quoted);
  return {
    errno: errnoOf(icmp),
    type: icmp.type,
    code: icmp.code,
    offender: packet.ip.source,
    destination,
    destinationPort: protocol === PROTOCOL_UDP ? destinationPort : 0,
    sequence: protocol === PROTOCOL_ICMP ? new IcmpHeader(packet.bytes, quoted.transport).sequence : 0,
    mtu: announcedMtu(icmp),
    packet: packet.number,
  };
}
