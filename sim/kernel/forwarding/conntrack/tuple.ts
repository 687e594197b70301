import type { Packet } from '../../../packet/packet.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/bytes.ts';
import { icmpQueryOf, icmpReplyTo } from '../../../wire/icmp.ts';
import { IPV4_LENGTH, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';

/** Of a connection: the way its first packet went, or back. */
export type Direction = 'original' | 'reply';

export function opposite(direction: Direction): Direction {
  return direction === 'original' ? 'reply' : 'original';
}

/**
 * What tells one direction of a connection from all others (struct nf_conntrack_tuple). Of ICMP `sourceKey` is the
 * identifier and `destinationKey` type and code (type * 256 + code); of TCP and UDP they are ports, of others 0.
 */
export class Tuple {
  source: Ipv4 = 0;
  destination: Ipv4 = 0;
  protocol = 0;
  sourceKey = 0;
  destinationKey = 0;

  assign(other: Tuple): this {
    this.source = other.source;
    this.destination = other.destination;
    this.protocol = other.protocol;
    this.sourceKey = other.sourceKey;
    this.destinationKey = other.destinationKey;
    return this;
  }

  copy(): Tuple {
    return new Tuple().assign(this);
  }

  equals(other: Tuple): boolean {
    return (
      this.source === other.source &&
      this.destination === other.destination &&
      this.sourceKey === other.sourceKey &&
      this.destinationKey === other.destinationKey &&
      this.protocol === other.protocol
    );
  }

  /** A whole number of 32 bits, with its sign: V8 keeps those without one in objects of their own. */
  hash(): number {
    let hash = Math.imul(this.source ^ 0x9e3779b9, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ this.destination, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ ((this.sourceKey << 16) | this.destinationKey), 0x27d4eb2f);
    hash = Math.imul(hash ^ (hash >>> 16) ^ this.protocol, 0x165667b1);
    return hash ^ (hash >>> 15);
  }

  /**
   * Reads the tuple of an IPv4 packet at `offset`, which ends at `end`; false when there is none to read: a later
   * fragment, or too little of the transport header. Models nf_ct_get_tuple() and what each protocol's does.
   */
  read(bytes: Uint8Array, offset: number, end: number): boolean {
    if (end - offset < IPV4_LENGTH) return false;
    const headerLength = (u8(bytes, offset) & 15) * 4;
    if ((u16(bytes, offset + 6) & 0x1fff) !== 0 || headerLength < IPV4_LENGTH) return false;
    const at = offset + headerLength;
    this.source = u32(bytes, offset + 12);
    this.destination = u32(bytes, offset + 16);
    this.protocol = u8(bytes, offset + 9);
    this.sourceKey = 0;
    this.destinationKey = 0;
    switch (this.protocol) {
      case PROTOCOL_TCP:
      case PROTOCOL_UDP:
        if (end - at < 8) return false;
        this.sourceKey = u16(bytes, at);
        this.destinationKey = u16(bytes, at + 2);
        return true;
      case PROTOCOL_ICMP:
        if (end - at < 8) return false;
        this.sourceKey = u16(bytes, at + 4);
        this.destinationKey = u16(bytes, at);
        return true;
      default:
        return true;
    }
  }

  /** Reads the tuple of a packet, its IPv4 header at networkOffset. */
  readPacket(packet: Packet): boolean {
    return this.read(packet.bytes, packet.networkOffset, packet.tail);
  }

  /**
   * Makes this the tuple of what answers `other`; false for an ICMP message that has no answer. Models
   * nf_ct_invert_tuple() and icmp_invert_tuple().
   */
  invert(other: Tuple): boolean {
    const { source, destination, protocol, sourceKey, destinationKey } = other;
    this.source = destination;
    this.destination = source;
    this.protocol = protocol;
    if (protocol !== PROTOCOL_ICMP) {
      this.sourceKey = destinationKey;
      this.destinationKey = sourceKey;
      return true;
    }
    const type = destinationKey >>> 8;
    const answer = icmpReplyTo(type) ?? icmpQueryOf(type);
    this.sourceKey = sourceKey;
    this.destinationKey = ((answer ?? 0) << 8) | (destinationKey & 0xff);
    return answer !== undefined;
  }
}
