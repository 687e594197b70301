import type { Packet } from '../../packet/packet.ts';
import { TCP_ACK, TCP_RST } from '../../wire/tcp.ts';
import type { TcpStack } from './connection.ts';
import { incomingSegment } from './incoming.ts';
import { OutgoingSegment } from './segment.ts';

/**
 * Answers a segment that belongs to nobody with RST: the number it acknowledges if it does, else 0 and an
 * acknowledgement of all it has. Models net/ipv4/tcp_ipv4.c tcp_v4_send_reset().
 */
export function sendRefusal(stack: Pick<TcpStack, 'sender' | 'profile' | 'counters'>, packet: Packet): void {
  const { header, end } = incomingSegment(packet);
  if (header.rst) return;
  const { ip } = packet;
  const { tcp } = stack.profile;
  const segment = new OutgoingSegment();
  segment.source = ip.destination;
  segment.destination = ip.source;
  segment.sourcePort = header.destinationPort;
  segment.destinationPort = header.sourcePort;
  segment.isUnicastReply = true;
  segment.tos = ip.tos;
  segment.pathMtu = tcp.pathMtuDiscovery ? 'do' : 'dont';
  segment.identification = tcp.zeroIdentification ? 0 : undefined;
  if (header.ack) {
    segment.sequence = header.acknowledgment;
    segment.flags = TCP_RST;
  } else {
    segment.acknowledgment = end;
    segment.flags = TCP_RST | TCP_ACK;
  }
  segment.by = 'TCP RST';
  segment.cause = packet.number;
  segment.measure();
  stack.counters.TcpOutSegs++;
  stack.counters.TcpOutRsts++;
  stack.sender.send(segment);
}
