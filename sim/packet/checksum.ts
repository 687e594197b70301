import { writeTcpChecksum } from '../wire/tcp.ts';
import type { Packet } from './packet.ts';

/** Writes the checksum that was left to whoever cuts the packet, where it is a `partial` one. Models skb_checksum_help(). */
export function completeChecksum(packet: Packet): void {
  if (packet.checksum !== 'partial') return;
  const { bytes, tail, networkOffset, ip } = packet;
  const at = networkOffset + ip.headerLength;
  writeTcpChecksum(bytes, at, tail - at, ip.source, ip.destination);
  packet.checksum = 'unnecessary';
}
