import { later, type SimTime, seconds } from '../../../core/time.ts';
import type { Packet } from '../../../packet/packet.ts';
import { u16 } from '../../../wire/bytes.ts';
import { icmpReplyTo } from '../../../wire/icmp.ts';
import { UDP_LENGTH } from '../../../wire/udp.ts';
import type { ConntrackSysctls } from '../../sysctl.ts';
import type { Connection } from './connection.ts';

/** A flow of datagrams that lasts longer than this, in seconds, is a stream: it lives longer, and it is assured. */
const STREAM_AFTER = 2;

/** Follows UDP. The timeout in seconds. Models net/netfilter/nf_conntrack_proto_udp.c nf_conntrack_udp_packet(). */
export function udpTrack(connection: Connection, now: SimTime, settings: ConntrackSysctls): number {
  if (!connection.confirmed) connection.streamFrom = later(now, seconds(STREAM_AFTER));
  if (!connection.seenReply || now <= connection.streamFrom) return settings.nf_conntrack_udp_timeout;
  connection.assured = true;
  return settings.nf_conntrack_udp_timeout_stream;
}

/** An ICMP query may open a connection: echo, timestamp, information and address mask (nf_conntrack_icmp_packet). */
export function icmpOpens(type: number): boolean {
  return icmpReplyTo(type) !== undefined;
}

/** The length of a UDP datagram contradicts its packet (udp_error). */
export function isUdpTruncated(packet: Packet, at: number): boolean {
  const available = packet.tail - at;
  if (available < UDP_LENGTH) return true;
  const length = u16(packet.bytes, at + 4);
  return length > available || length < UDP_LENGTH;
}
