import type { Packet } from '../../packet/packet.ts';
import type { QuotedPacket } from '../../transport/icmp-error.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { TCP_LENGTH, TcpHeader } from '../../wire/tcp.ts';
import { type Flow, readFlow, readFlowAt } from '../forwarding/flow.ts';

/** Reads the flow of a packet that the near end sends; false where no answer to it could be told. */
export function leavingFlow(packet: Packet, into: Flow): boolean {
  return packet.ip.fragmentOffset === 0 && readFlow(packet, into) === 'flow' && into.hasSourcePort;
}

/** Reads the flow that a packet for the near end may answer, as the near end sends it; false where it is no answer. */
export function arrivingFlow(packet: Packet, into: Flow): boolean {
  if (packet.ip.fragmentOffset !== 0 || readFlow(packet, into) !== 'flow') return false;
  // A query of ICMP is none; TCP and UDP always may be.
  if (into.hasSourcePort === (into.protocol === PROTOCOL_ICMP)) return false;
  into.invert();
  return true;
}

/** Reads the flow of a packet that the near end sent and an ICMP error quotes. */
export function quotedFlow(quoted: QuotedPacket, into: Flow): boolean {
  return (
    quoted.ip.fragmentOffset === 0 && readFlowAt(quoted.ip, quoted.transport, into) === 'flow' && into.hasSourcePort
  );
}

/** Flags of a TCP header, 0 for other protocols and for headers cut short. */
export function tcpFlags(packet: Packet): number {
  const isTcp = packet.ip.protocol === PROTOCOL_TCP && packet.tail - packet.transportOffset >= TCP_LENGTH;
  return isTcp ? new TcpHeader(packet.bytes, packet.transportOffset).flags : 0;
}
