import { put8, put16, u8, u16 } from './bytes.ts';
import { checksum } from './checksum.ts';

/** ICMP header (RFC 792): type 0, code 1, checksum 2, rest of header 4 to 7. */
export const ICMP_LENGTH = 8;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;
const ICMP_PARAMETER_PROBLEM = 12;

/** Codes of destination unreachable (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1). */
export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROTOCOL_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_PKT_FILTERED = 13;

/** Codes of time exceeded and redirect. */
export const ICMP_TTL_EXCEEDED = 0;
export const ICMP_FRAG_TIME = 1;
export const ICMP_REDIRECT_HOST = 1;

/** View of an ICMP header at `offset`; 8 bytes must lie there. */
export class IcmpHeader {
  readonly bytes: Uint8Array;
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get type(): number {
    return u8(this.bytes, this.offset);
  }
  get code(): number {
    return u8(this.bytes, this.offset + 1);
  }
  get checksum(): number {
    return u16(this.bytes, this.offset + 2);
  }
  /** Echo and echo reply. */
  get identifier(): number {
    return u16(this.bytes, this.offset + 4);
  }
  /** Echo and echo reply. */
  get sequence(): number {
    return u16(this.bytes, this.offset + 6);
  }
  /** Fragmentation needed: the MTU of the next hop (RFC 1191 4), 0 where the router does not tell. */
  get nextHopMtu(): number {
    return u16(this.bytes, this.offset + 6);
  }
}

/** The type of a query's reply: echo, timestamp, information (RFC 792), address mask (RFC 950); undefined for others. */
export function icmpReplyTo(type: number): number | undefined {
  if (type === ICMP_ECHO_REQUEST) return ICMP_ECHO_REPLY;
  return type === 13 || type === 15 || type === 17 ? type + 1 : undefined;
}

/** The type of the query that a reply answers; undefined for what is no reply. */
export function icmpQueryOf(type: number): number | undefined {
  if (type === ICMP_ECHO_REPLY) return ICMP_ECHO_REQUEST;
  return type === 14 || type === 16 || type === 18 ? type - 1 : undefined;
}

/** Queries and their replies carry an identifier in bytes 4 and 5. */
export function hasIcmpIdentifier(type: number): boolean {
  return icmpReplyTo(type) !== undefined || icmpQueryOf(type) !== undefined;
}

/** An error message, as against a query: these must never provoke another error (RFC 1122 3.2.2). */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_DEST_UNREACH ||
    type === 4 ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM
  );
}

export interface IcmpFields {
  readonly type: number;
  readonly code: number;
  /** Bytes 4 and 5: the identifier of an echo. */
  readonly word1: number;
  /** Bytes 6 and 7: the sequence number of an echo, the next-hop MTU of fragmentation needed. */
  readonly word2: number;
}

/** Writes the header at `offset` and the checksum over it and the `length - 8` bytes of data that already follow it. */
export function putIcmp(bytes: Uint8Array, offset: number, length: number, fields: IcmpFields): void {
  put8(bytes, offset, fields.type);
  put8(bytes, offset + 1, fields.code);
  put16(bytes, offset + 4, fields.word1);
  put16(bytes, offset + 6, fields.word2);
  putIcmpChecksum(bytes, offset, length);
}

/** Computes the checksum of a message of `length` bytes at `offset` afresh. */
export function putIcmpChecksum(bytes: Uint8Array, offset: number, length: number): void {
  put16(bytes, offset + 2, 0);
  put16(bytes, offset + 2, checksum(bytes, offset, length));
}
