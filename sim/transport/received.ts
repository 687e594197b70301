import type { Packet } from '../packet/packet.ts';
import { receivedSize } from '../packet/true-size.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ICMP_LENGTH, IcmpHeader } from '../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { UDP_LENGTH, UdpHeader } from '../wire/udp.ts';
import { announcedMtu, errnoOf, type QuotedPacket, quotedPorts } from './icmp-error.ts';
import type { EchoReply } from './ping.ts';
import type { QueuedDatagram, SocketError } from './socket.ts';

/**
 * What a program sees of a UDP packet whose length was checked, to be answered from `asked`. The packet ends with its delivery,
 * and nothing writes to it any more: what the program asks of it is read when it asks.
 */
export class ReceivedDatagram implements QueuedDatagram {
  readonly asked: Ipv4;
  readonly cost: number;
  readonly #packet: Packet;

  constructor(packet: Packet, asked: Ipv4) {
    this.asked = asked;
    this.cost = receivedSize(packet);
    this.#packet = packet;
  }

  get source(): Ipv4 {
    return this.#packet.ip.source;
  }
  get sourcePort(): number {
    return this.#udp.sourcePort;
  }
  get destination(): Ipv4 {
    return this.#packet.ip.destination;
  }
  get destinationPort(): number {
    return this.#udp.destinationPort;
  }
  get ttl(): number {
    return this.#packet.ip.ttl;
  }
  get tos(): number {
    return this.#packet.ip.tos;
  }
  get packet(): number {
    return this.#packet.number;
  }
  get payload(): Uint8Array {
    const { bytes, offset, length } = this.#udp;
    return bytes.subarray(offset + UDP_LENGTH, offset + length);
  }

  get #udp(): UdpHeader {
    return new UdpHeader(this.#packet.bytes, this.#packet.transportOffset);
  }
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
