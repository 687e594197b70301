import type { Packet } from '../../../packet/packet.ts';
import { put16, put32, u8, u16, u32 } from '../../../wire/bytes.ts';
import { updateChecksum, updateChecksum32 } from '../../../wire/checksum.ts';
import { hasIcmpIdentifier } from '../../../wire/icmp.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import { TCP_LENGTH } from '../../../wire/tcp.ts';
import type { Tuple } from '../conntrack/tuple.ts';
import type { Manipulation } from './range.ts';

/**
 * Gives the IPv4 packet at `offset` the source, or the destination, of `target`: address, port or identifier of a
 * query, and the checksums that cover them. Works on a quoted packet as well, of which little may be there. Models
 * net/netfilter/nf_nat_proto.c nf_nat_ipv4_manip_pkt() and l4proto_manip_pkt().
 */
export function manipulate(packet: Packet, offset: number, target: Tuple, kind: Manipulation): void {
  const { bytes } = packet;
  const at = offset + (u8(bytes, offset) & 15) * 4;
  const field = offset + (kind === 'source' ? 12 : 16);
  const before = u32(bytes, field);
  const after = kind === 'source' ? target.source : target.destination;
  manipulateTransport(packet, offset, at, before, after, target, kind);
  put16(bytes, offset + 10, updateChecksum32(u16(bytes, offset + 10), before, after));
  put32(bytes, field, after);
}

function manipulateTransport(
  packet: Packet,
  offset: number,
  at: number,
  before: number,
  after: number,
  target: Tuple,
  kind: Manipulation,
): void {
  const { bytes, tail } = packet;
  switch (u8(bytes, offset + 9)) {
    case PROTOCOL_TCP:
    case PROTOCOL_UDP: {
      const isUdp = u8(bytes, offset + 9) === PROTOCOL_UDP;
      const portAt = kind === 'source' ? at : at + 2;
      const port = kind === 'source' ? target.sourceKey : target.destinationKey;
      const portBefore = u16(bytes, portAt);
      put16(bytes, portAt, port);
      // Its checksum lies beyond the eight bytes that an ICMP error quotes.
      if (!isUdp && tail - at < TCP_LENGTH) return;
      const checksumAt = at + (isUdp ? 6 : 16);
      const checksum = u16(bytes, checksumAt);
      // RFC 768: zero means that there is none, so there is none to mend, and none may become zero.
      if (isUdp && checksum === 0) return;
      const mended = updateChecksum(updateChecksum32(checksum, before, after), portBefore, port);
      put16(bytes, checksumAt, isUdp && mended === 0 ? 0xffff : mended);
      return;
    }
    case PROTOCOL_ICMP: {
      if (!hasIcmpIdentifier(u8(bytes, at))) return;
      const identifier = u16(bytes, at + 4);
      put16(bytes, at + 2, updateChecksum(u16(bytes, at + 2), identifier, target.sourceKey));
      put16(bytes, at + 4, target.sourceKey);
    }
  }
}
