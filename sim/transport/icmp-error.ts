import type { Errno } from '../core/errno.ts';
import type { Packet } from '../packet/packet.ts';
import { u16 } from '../wire/bytes.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_LENGTH, ICMP_TIME_EXCEEDED, type IcmpHeader } from '../wire/icmp.ts';
import { IPV4_LENGTH, Ipv4Header } from '../wire/ipv4.ts';

/** The packet an ICMP error complains about, as far as the error quotes it. */
export interface QuotedPacket {
  readonly ip: Ipv4Header;
  /** Offset of its transport header in the bytes of the error. */
  readonly transport: number;
  /** Quoted bytes from there on. */
  readonly available: number;
}

/** Opens the quotation of the error at packet.transportOffset; undefined when too little of it is there. */
export function quotedPacket(packet: Packet): QuotedPacket | undefined {
  const inner = packet.transportOffset + ICMP_LENGTH;
  if (packet.tail - inner < IPV4_LENGTH) return undefined;
  const ip = new Ipv4Header(packet.bytes, inner);
  if (ip.version !== 4 || ip.headerLength < IPV4_LENGTH) return undefined;
  const transport = inner + ip.headerLength;
  // Eight bytes of the transport header are what RFC 792 promises; less identifies nobody.
  if (packet.tail - transport < 8) return undefined;
  return { ip, transport, available: packet.tail - transport };
}

/** Source and destination port (or the identifier and sequence number of an echo) of a quoted packet. */
export function quotedPorts(packet: Packet, quoted: QuotedPacket): readonly [number, number] {
  return [u16(packet.bytes, quoted.transport), u16(packet.bytes, quoted.transport + 2)];
}

/** Of destination unreachable, by code (net/ipv4/icmp.c icmp_err_convert[]). */
const UNREACHABLE: readonly Errno[] = [
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOPROTOOPT',
  'ECONNREFUSED',
  'EMSGSIZE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
];

/** The errno that a socket sees of an ICMP error. */
export function errnoOf(icmp: IcmpHeader): Errno {
  if (icmp.type === ICMP_DEST_UNREACH) return UNREACHABLE[icmp.code] ?? 'EHOSTUNREACH';
  return icmp.type === ICMP_TIME_EXCEEDED ? 'EHOSTUNREACH' : 'EPROTO';
}

/** The MTU that fragmentation needed announces; 0 for other errors. */
export function announcedMtu(icmp: IcmpHeader): number {
  return icmp.type === ICMP_DEST_UNREACH && icmp.code === ICMP_FRAG_NEEDED ? icmp.nextHopMtu : 0;
}
