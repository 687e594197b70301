import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { type QuotedPacket, quotedPacket } from '../../transport/icmp-error.ts';
import type { SocketOwner } from '../../transport/socket.ts';
import type { TcpEnvironment } from '../../transport/tcp/fates.ts';
import { tcpIcmpError } from '../../transport/tcp/icmp.ts';
import { TCP_LENGTH, TcpHeader, tcpChecksumHolds } from '../../wire/tcp.ts';
import { rtableOf } from '../forwarding/rtable.ts';
import type { Net } from '../net.ts';
import { inputDeviceName } from './input-device.ts';

export const TCP_RCV: Site = { component: 'Inet stack', function: 'tcp_v4_rcv' };

/** The kernel's reasons for what its TCP does not take. */
export const TCP_DROPS: TcpEnvironment['reasons'] = {
  ABORT_ON_DATA: 'kernel:TCP_ABORT_ON_DATA',
  ACK_UNSENT_DATA: 'kernel:TCP_ACK_UNSENT_DATA',
  CLOSE: 'kernel:TCP_CLOSE',
  FLAGS: 'kernel:TCP_FLAGS',
  INVALID_ACK_SEQUENCE: 'kernel:TCP_INVALID_ACK_SEQUENCE',
  INVALID_END_SEQUENCE: 'kernel:TCP_INVALID_END_SEQUENCE',
  INVALID_SEQUENCE: 'kernel:TCP_INVALID_SEQUENCE',
  INVALID_SYN: 'kernel:TCP_INVALID_SYN',
  LISTEN_OVERFLOW: 'kernel:TCP_LISTEN_OVERFLOW',
  NO_SOCKET: 'kernel:NO_SOCKET',
  OFOMERGE: 'kernel:TCP_OFOMERGE',
  OLD_DATA: 'kernel:TCP_OLD_DATA',
  OLD_SEQUENCE: 'kernel:TCP_OLD_SEQUENCE',
  OVERWINDOW: 'kernel:TCP_OVERWINDOW',
  PROTO_MEM: 'kernel:PROTO_MEM',
  RESET: 'kernel:TCP_RESET',
  RFC7323_PAWS: 'kernel:TCP_RFC7323_PAWS',
  RFC7323_TSECR: 'kernel:TCP_RFC7323_TSECR',
  TOO_OLD_ACK: 'kernel:TCP_TOO_OLD_ACK',
  ZEROWINDOW: 'kernel:TCP_ZEROWINDOW',
};

/** A RST would go from where the segment went: no address of ours, where a route over lo brought it (tcp_v4_send_reset). */
export function mayRefuse(packet: Packet): boolean {
  return rtableOf(packet).type === 'local';
}

/** By the route it came by (RTCF_BROADCAST, RTCF_MULTICAST). */
export function isForGroup(packet: Packet): boolean {
  return ['broadcast', 'multicast'].includes(rtableOf(packet).type);
}

/** Receives a TCP segment: its length and checksum. Models net/ipv4/tcp_ipv4.c tcp_v4_rcv(). Not modelled: MD5, TCP-AO. */
export function tcpRcv(net: Net, packet: Packet): Fate {
  const { counters } = net;
  if (packet.packetType !== 'host') {
    return drop(packet, net.place, TCP_RCV, 'kernel:UNICAST_IN_L2_MULTICAST', `a ${packet.packetType} frame`);
  }
  counters.TcpInSegs++;
  const at = packet.transportOffset;
  const length = packet.tail - at;
  const headerLength = length < TCP_LENGTH ? 0 : new TcpHeader(packet.bytes, at).headerLength;
  if (headerLength < TCP_LENGTH || headerLength > length) {
    counters.TcpInErrs++;
    return drop(packet, net.place, TCP_RCV, 'kernel:PKT_TOO_SMALL');
  }
  const { source, destination } = packet.ip;
  if (packet.checksum === 'none' && !tcpChecksumHolds(packet.bytes, at, length, source, destination)) {
    counters.TcpInCsumErrors++;
    counters.TcpInErrs++;
    return drop(packet, net.place, TCP_RCV, 'kernel:TCP_CSUM');
  }
  return net.parts.tcp.receive(packet, inputDeviceName(net, packet));
}

/** Tells the socket that sent it of an error about a segment. Models tcp_v4_err(). */
export function tcpErr(net: Net, packet: Packet): SocketOwner | undefined {
  const owner = tcpIcmpError(net.parts.tcp, packet, quotedPacket(packet) as QuotedPacket, inputDeviceName(net, packet));
  if (owner === undefined) net.counters.IcmpInErrors++;
  return owner === 'no socket' ? undefined : owner;
}
