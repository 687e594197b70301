import type { Packet } from '../../packet/packet.ts';
import type { QuotedPacket } from '../../transport/icmp-error.ts';
import { u8, u16 } from '../../wire/bytes.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST } from '../../wire/icmp.ts';
import { type Ipv4Header, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { SessionKey } from './sessions.ts';

/** The conversation of a packet that comes from the near end; undefined where the protocol knows none. */
export function leavingFlow(packet: Packet): SessionKey | undefined {
  return flowAt(packet.bytes, packet.ip, packet.transportOffset, packet.tail, ICMP_ECHO_REQUEST);
}

/** The conversation of a packet for the near end. */
export function arrivingFlow(packet: Packet): SessionKey | undefined {
  const flow = flowAt(packet.bytes, packet.ip, packet.transportOffset, packet.tail, ICMP_ECHO_REPLY);
  if (flow === undefined) return undefined;
  const { protocol, local, localPort, remote, remotePort } = flow;
  // An echo's identifier is the near end's, whichever way it goes.
  const ports =
    protocol === PROTOCOL_ICMP ? { localPort, remotePort } : { localPort: remotePort, remotePort: localPort };
  return { protocol, local: remote, remote: local, ...ports };
}

/** The conversation of a packet that the near end sent and an ICMP error quotes. */
export function quotedFlow(packet: Packet, quoted: QuotedPacket): SessionKey | undefined {
  return flowAt(packet.bytes, quoted.ip, quoted.transport, packet.tail, ICMP_ECHO_REQUEST);
}

function flowAt(bytes: Uint8Array, ip: Ipv4Header, at: number, tail: number, echoType: number): SessionKey | undefined {
  const { protocol, source, destination } = ip;
  if (ip.fragmentOffset !== 0 || tail - at < 8) return undefined;
  const ends = { protocol, local: source, remote: destination };
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) {
    return { ...ends, localPort: u16(bytes, at), remotePort: u16(bytes, at + 2) };
  }
  if (protocol !== PROTOCOL_ICMP || u8(bytes, at) !== echoType) return undefined;
  return { ...ends, localPort: u16(bytes, at + 4), remotePort: 0 };
}

/** Flags of a TCP header, 0 for other protocols and for headers cut short. */
export function tcpFlags(packet: Packet): number {
  const isTcp = packet.ip.protocol === PROTOCOL_TCP && packet.tail - packet.transportOffset >= 14;
  return isTcp ? u8(packet.bytes, packet.transportOffset + 13) : 0;
}
