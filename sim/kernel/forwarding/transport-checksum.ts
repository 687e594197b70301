import type { Packet } from '../../packet/packet.ts';
import { checksum } from '../../wire/checksum.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import { tcpChecksumHolds } from '../../wire/tcp.ts';
import { UDP_LENGTH, udpChecksumHolds } from '../../wire/udp.ts';

/**
 * Whether the checksum of a packet's transport header is right; that of a protocol without one is, and so is that of a
 * fragment, of which there is no whole to add up. Models net/netfilter/utils.c nf_ip_checksum().
 */
export function transportChecksumHolds(packet: Packet): boolean {
  const { bytes, tail, ip } = packet;
  if (packet.checksum !== 'none' || ip.isFragment) return true;
  const at = packet.networkOffset + ip.headerLength;
  const length = tail - at;
  switch (ip.protocol) {
    case PROTOCOL_ICMP:
      return checksum(bytes, at, length) === 0;
    case PROTOCOL_UDP:
      return length < UDP_LENGTH || udpChecksumHolds(bytes, at, length, ip.source, ip.destination);
    case PROTOCOL_TCP:
      return tcpChecksumHolds(bytes, at, length, ip.source, ip.destination);
    default:
      return true;
  }
}
