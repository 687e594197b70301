import type { Ipv4 } from './address.ts';
import { put16, u16 } from './bytes.ts';
import { checksum, pseudoHeader } from './checksum.ts';
import { PROTOCOL_UDP } from './ipv4.ts';

/** UDP header (RFC 768). */
export const UDP_LENGTH = 8;

/** View of a UDP header at `offset`; 8 bytes must lie there. */
export class UdpHeader {
  readonly bytes: Uint8Array;
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get sourcePort(): number {
    return u16(this.bytes, this.offset);
  }
  get destinationPort(): number {
    return u16(this.bytes, this.offset + 2);
  }
  /** Header and data, in bytes. */
  get length(): number {
    return u16(this.bytes, this.offset + 4);
  }
  /** 0 means that the sender computed none. */
  get checksum(): number {
    return u16(this.bytes, this.offset + 6);
  }
}

export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Header and data, in bytes. */
  readonly length: number;
  /** For the pseudo header. */
  readonly source: Ipv4;
  readonly destination: Ipv4;
}

/** Writes the header at `offset` and the checksum over it, the pseudo header and the data that already follows it. */
export function putUdp(bytes: Uint8Array, offset: number, fields: UdpFields): void {
  put16(bytes, offset, fields.sourcePort);
  put16(bytes, offset + 2, fields.destinationPort);
  put16(bytes, offset + 4, fields.length);
  put16(bytes, offset + 6, 0);
  const initial = pseudoHeader(fields.source, fields.destination, PROTOCOL_UDP, fields.length);
  // RFC 768: a computed checksum of zero is sent as all ones, because zero means "none".
  put16(bytes, offset + 6, checksum(bytes, offset, fields.length, initial) || 0xffff);
}

/** Whether the checksum at `offset` is right, or 0 (none computed). `length` is that of the header and the data. */
export function udpChecksumHolds(
  bytes: Uint8Array,
  offset: number,
  length: number,
  source: Ipv4,
  destination: Ipv4,
): boolean {
  if (u16(bytes, offset + 6) === 0) return true;
  return checksum(bytes, offset, length, pseudoHeader(source, destination, PROTOCOL_UDP, length)) === 0;
}
