import type { Packet } from '../packet/packet.ts';
import type { Ipv4 } from '../wire/address.ts';
import { ICMP_ECHO_REPLY, ICMP_LENGTH, IcmpHeader, putIcmp } from '../wire/icmp.ts';
import { PROTOCOL_ICMP } from '../wire/ipv4.ts';
import type { SendRequest } from './socket.ts';

/** The answer to the echo request at `packet.transportOffset`: its identifier, sequence number and data (RFC 792). */
export function echoAnswer(packet: Packet, source: Ipv4): SendRequest {
  const { identifier, sequence } = new IcmpHeader(packet.bytes, packet.transportOffset);
  const data = packet.bytes.slice(packet.transportOffset + ICMP_LENGTH, packet.tail);
  const length = ICMP_LENGTH + data.length;
  return {
    protocol: PROTOCOL_ICMP,
    source,
    destination: packet.ip.source,
    sourcePort: 0,
    destinationPort: 0,
    ttl: 0,
    tos: packet.ip.tos,
    pathMtu: 'dont',
    device: '',
    length,
    write: (bytes, offset) => {
      bytes.set(data, offset + ICMP_LENGTH);
      putIcmp(bytes, offset, length, { type: ICMP_ECHO_REPLY, code: 0, word1: identifier, word2: sequence });
    },
    by: 'ICMP echo reply',
    program: undefined,
    cause: packet.number,
    confirm: false,
  };
}
