import type { ReadFrame } from '../capture/read-frame.ts';
import { u8, u16, u32 } from '../wire/bytes.ts';
import { IP_MF, IP_OFFSET_MASK } from '../wire/ipv4.ts';

/** What there is of one IPv4 packet with a header of its transport. */
export interface SeenPacket {
  readonly time: bigint;
  readonly protocol: 'icmp' | 'udp' | 'tcp';
  readonly source: number;
  readonly destination: number;
  readonly ttl: number;
  /** The transport header and what follows, as much as was captured. */
  readonly transport: Uint8Array;
  /** Bytes of it that the packet had. */
  readonly transportLength: number;
}

/** Link types that are understood, by the bytes in front of the IP header and where the EtherType stands in them. */
const LINKS: ReadonlyMap<number, { readonly header: number; readonly etherType?: number }> = new Map([
  [0, { header: 4 }],
  [1, { header: 14, etherType: 12 }],
  [12, { header: 0 }],
  [14, { header: 0 }],
  [101, { header: 0 }],
  [108, { header: 4 }],
  [113, { header: 16, etherType: 14 }],
  [228, { header: 0 }],
  [229, { header: 0 }],
  [276, { header: 20, etherType: 0 }],
]);

const VLAN_TYPES = [0x8100, 0x88a8, 0x9100];

/** The packet in a frame, or in a few words why it cannot be replayed. */
export function packetIn({ bytes, linkType, time }: ReadFrame): SeenPacket | string {
  const link = LINKS.get(linkType);
  if (link === undefined) return `link type ${linkType}`;
  let start = link.header;
  if (link.etherType !== undefined) {
    if (bytes.length < start) return 'frames cut short';
    let type = u16(bytes, link.etherType);
    while (VLAN_TYPES.includes(type) && start + 4 <= bytes.length) {
      type = u16(bytes, start + 2);
      start += 4;
    }
    if (type === 0x0806) return 'ARP (the stack asks for itself)';
    if (type === 0x86dd) return 'IPv6';
    if (type !== 0x0800)
      return type <= 1500 ? 'frames of IEEE 802.3' : `EtherType 0x${type.toString(16).padStart(4, '0')}`;
  }
  return ipv4In(bytes.subarray(start), time);
}

function ipv4In(bytes: Uint8Array, time: bigint): SeenPacket | string {
  if (bytes.length < 1) return 'frames cut short';
  const version = u8(bytes, 0) >>> 4;
  if (version === 6) return 'IPv6';
  if (version !== 4 || bytes.length < 20) return version === 4 ? 'frames cut short' : 'frames that are no IP';
  const header = (u8(bytes, 0) & 15) * 4;
  const fragment = u16(bytes, 6);
  if ((fragment & IP_OFFSET_MASK) !== 0) return 'fragments behind the first';
  const number = u8(bytes, 9);
  const protocol = number === 1 ? 'icmp' : number === 6 ? 'tcp' : number === 17 ? 'udp' : undefined;
  if (protocol === undefined) return `IP protocol ${number}`;
  // Segmentation in the network card leaves the length of a large packet at 0.
  const total = u16(bytes, 2) || bytes.length;
  const transportLength = total - header;
  const transport = bytes.subarray(header, total);
  if (header < 20 || transport.length < (protocol === 'tcp' ? 20 : 8)) return 'frames cut short';
  const isPiece = protocol !== 'udp' && (fragment & IP_MF) !== 0;
  if (isPiece) return `fragments of ${protocol.toUpperCase()}`;
  return {
    time,
    protocol,
    source: u32(bytes, 12),
    destination: u32(bytes, 16),
    ttl: u8(bytes, 8),
    transport,
    transportLength,
  };
}

/** A frame as a filter asks of it: Ethernet as it is, of every other link the IP packet alone. */
export function filterView({ bytes, linkType }: ReadFrame): { bytes: Uint8Array; linkType: 'ether' | 'raw' } {
  if (linkType === 1) return { bytes, linkType: 'ether' };
  return { bytes: bytes.subarray(LINKS.get(linkType)?.header ?? 0), linkType: 'raw' };
}
