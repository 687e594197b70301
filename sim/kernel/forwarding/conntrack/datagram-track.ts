import { later, type SimTime, seconds } from '../../../core/time.ts';
import type { Packet } from '../../../packet/packet.ts';
import { u8, u16 } from '../../../wire/bytes.ts';
import { checksum, pseudoHeader } from '../../../wire/checksum.ts';
import { ICMP_ECHO_REQUEST } from '../../../wire/icmp.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import { UDP_LENGTH, udpChecksumHolds } from '../../../wire/udp.ts';
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
  return type === ICMP_ECHO_REQUEST || type === 13 || type === 15 || type === 17;
}

/** The length of a UDP datagram contradicts its packet (udp_error). */
export function isUdpTruncated(packet: Packet, at: number): boolean {
  const available = packet.tail - at;
  if (available < UDP_LENGTH) return true;
  const length = u16(packet.bytes, at + 4);
  return length > available || length < UDP_LENGTH;
}

/** Whether the checksum of the transport header at `at` is right; that of protocols without one always is. */
export function transportChecksumHolds(packet: Packet, at: number, protocol: number): boolean {
  const { bytes, tail, networkOffset } = packet;
  const { source, destination } = packet.ip;
  if (protocol === PROTOCOL_UDP) {
    return udpChecksumHolds(bytes, at, u16(bytes, at + 4), source, destination);
  }
  if (protocol === PROTOCOL_TCP) {
    return checksum(bytes, at, tail - at, pseudoHeader(source, destination, protocol, tail - at)) === 0;
  }
  return u8(bytes, networkOffset + 9) !== 1 || checksum(bytes, at, tail - at) === 0;
}
