import type { Ipv4 } from './address.ts';
import { put8, put16, put32, u8, u16, u32 } from './bytes.ts';
import { checksum, updateChecksum } from './checksum.ts';

/** IPv4 header without options (RFC 791 3.1). */
export const IPV4_LENGTH = 20;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

/** Flags and fragment offset, as they lie in the 16-bit field. */
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET_MASK = 0x1fff;

/** View of an IPv4 header at `offset`. `ipv4Fault` says whether a well-formed one lies there. */
export class Ipv4Header {
  bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get version(): number {
    return u8(this.bytes, this.offset) >>> 4;
  }
  /** Header length in bytes (IHL times 4). */
  get headerLength(): number {
    return (u8(this.bytes, this.offset) & 15) * 4;
  }
  get tos(): number {
    return u8(this.bytes, this.offset + 1);
  }
  get totalLength(): number {
    return u16(this.bytes, this.offset + 2);
  }
  set totalLength(value: number) {
    put16(this.bytes, this.offset + 2, value);
  }
  get identification(): number {
    return u16(this.bytes, this.offset + 4);
  }
  set identification(value: number) {
    put16(this.bytes, this.offset + 4, value);
  }
  /** The 16 bits that hold DF, MF and the fragment offset (in units of 8 bytes). */
  get fragment(): number {
    return u16(this.bytes, this.offset + 6);
  }
  set fragment(value: number) {
    put16(this.bytes, this.offset + 6, value);
  }
  get dontFragment(): boolean {
    return (this.fragment & IP_DF) !== 0;
  }
  get moreFragments(): boolean {
    return (this.fragment & IP_MF) !== 0;
  }
  /** Where this fragment's data begins in the whole datagram's data, in bytes. */
  get fragmentOffset(): number {
    return (this.fragment & IP_OFFSET_MASK) * 8;
  }
  /** More fragments, or an offset: a piece of a larger datagram (ip_is_fragment). */
  get isFragment(): boolean {
    return (this.fragment & (IP_MF | IP_OFFSET_MASK)) !== 0;
  }
  get ttl(): number {
    return u8(this.bytes, this.offset + 8);
  }
  get protocol(): number {
    return u8(this.bytes, this.offset + 9);
  }
  get checksum(): number {
    return u16(this.bytes, this.offset + 10);
  }
  get source(): Ipv4 {
    return u32(this.bytes, this.offset + 12);
  }
  get destination(): Ipv4 {
    return u32(this.bytes, this.offset + 16);
  }

  /** Lowers TTL by one and mends the checksum (include/net/ip.h ip_decrease_ttl()). */
  decreaseTtl(): void {
    const before = u16(this.bytes, this.offset + 8);
    put8(this.bytes, this.offset + 8, this.ttl - 1);
    put16(this.bytes, this.offset + 10, updateChecksum(this.checksum, before, u16(this.bytes, this.offset + 8)));
  }

  /** Computes the header checksum afresh (ip_send_check). */
  writeChecksum(): void {
    put16(this.bytes, this.offset + 10, 0);
    put16(this.bytes, this.offset + 10, checksum(this.bytes, this.offset, this.headerLength));
  }
}

export interface Ipv4Fields {
  readonly tos: number;
  readonly totalLength: number;
  readonly identification: number;
  /** DF, MF and offset as they lie in the header. */
  readonly fragment: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
}

/** Writes a 20-byte header with its checksum at `offset`. */
export function putIpv4(bytes: Uint8Array, offset: number, fields: Ipv4Fields): void {
  put8(bytes, offset, 0x45);
  put8(bytes, offset + 1, fields.tos);
  put16(bytes, offset + 2, fields.totalLength);
  put16(bytes, offset + 4, fields.identification);
  put16(bytes, offset + 6, fields.fragment);
  put8(bytes, offset + 8, fields.ttl);
  put8(bytes, offset + 9, fields.protocol);
  put16(bytes, offset + 10, 0);
  put32(bytes, offset + 12, fields.source);
  put32(bytes, offset + 16, fields.destination);
  put16(bytes, offset + 10, checksum(bytes, offset, IPV4_LENGTH));
}

/** What ip_rcv_core() finds wrong with a header, spelt as its drop reason. */
export type Ipv4Fault = 'PKT_TOO_SMALL' | 'IP_INHDR' | 'IP_CSUM';

/**
 * Checks a received IPv4 header in the kernel's order (net/ipv4/ip_input.c ip_rcv_core()): room for 20 bytes, IHL and
 * version, room for the options, checksum, total length against what arrived, total length against the header.
 * `available` is the number of bytes from `offset` to the end of the packet. Undefined when the header is sound.
 */
export function ipv4Fault(bytes: Uint8Array, offset: number, available: number): Ipv4Fault | undefined {
  if (available < IPV4_LENGTH) return 'PKT_TOO_SMALL';
  const header = new Ipv4Header(bytes, offset);
  if (header.headerLength < IPV4_LENGTH || header.version !== 4) return 'IP_INHDR';
  if (available < header.headerLength) return 'PKT_TOO_SMALL';
  if (checksum(bytes, offset, header.headerLength) !== 0) return 'IP_CSUM';
  if (available < header.totalLength) return 'PKT_TOO_SMALL';
  if (header.totalLength < header.headerLength) return 'IP_INHDR';
  return undefined;
}
