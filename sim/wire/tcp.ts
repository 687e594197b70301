import type { Ipv4 } from './address.ts';
import { put8, put16, put32, u8, u16, u32 } from './bytes.ts';
import { checksum, pseudoHeader } from './checksum.ts';
import { PROTOCOL_TCP } from './ipv4.ts';

/** TCP header without options (RFC 9293 3.1). */
export const TCP_LENGTH = 20;

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;

/** View of a TCP header at `offset`; 20 bytes must lie there. */
export class TcpHeader {
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
  get sequence(): number {
    return u32(this.bytes, this.offset + 4);
  }
  get acknowledgment(): number {
    return u32(this.bytes, this.offset + 8);
  }
  /** Header length in bytes, options included (data offset times 4). */
  get headerLength(): number {
    return (u8(this.bytes, this.offset + 12) >>> 4) * 4;
  }
  /** CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
  get flags(): number {
    return u8(this.bytes, this.offset + 13);
  }
  /** As it lies in the header: not scaled. */
  get window(): number {
    return u16(this.bytes, this.offset + 14);
  }
  get checksum(): number {
    return u16(this.bytes, this.offset + 16);
  }
  get urgentPointer(): number {
    return u16(this.bytes, this.offset + 18);
  }
  get fin(): boolean {
    return (this.flags & TCP_FIN) !== 0;
  }
  get syn(): boolean {
    return (this.flags & TCP_SYN) !== 0;
  }
  get rst(): boolean {
    return (this.flags & TCP_RST) !== 0;
  }
  get psh(): boolean {
    return (this.flags & TCP_PSH) !== 0;
  }
  get ack(): boolean {
    return (this.flags & TCP_ACK) !== 0;
  }
}

export interface TcpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Header length in bytes: 20 and the options that were written behind it. */
  readonly headerLength: number;
  readonly flags: number;
  readonly window: number;
}

/** Writes the 20 bytes at `offset`, the checksum left 0: writeTcpChecksum() comes when options and data lie there. */
export function putTcp(bytes: Uint8Array, offset: number, fields: TcpFields): void {
  put16(bytes, offset, fields.sourcePort);
  put16(bytes, offset + 2, fields.destinationPort);
  put32(bytes, offset + 4, fields.sequence);
  put32(bytes, offset + 8, fields.acknowledgment);
  put8(bytes, offset + 12, fields.headerLength << 2);
  put8(bytes, offset + 13, fields.flags);
  put16(bytes, offset + 14, fields.window);
  put16(bytes, offset + 16, 0);
  put16(bytes, offset + 18, 0);
}

/** Computes the checksum over header, options and data (`length` bytes) and the pseudo header. */
export function writeTcpChecksum(
  bytes: Uint8Array,
  offset: number,
  length: number,
  source: Ipv4,
  destination: Ipv4,
): void {
  put16(bytes, offset + 16, 0);
  const initial = pseudoHeader(source, destination, PROTOCOL_TCP, length);
  put16(bytes, offset + 16, checksum(bytes, offset, length, initial));
}

/** Whether the checksum at `offset` is right. `length` is that of header, options and data. */
export function tcpChecksumHolds(
  bytes: Uint8Array,
  offset: number,
  length: number,
  source: Ipv4,
  destination: Ipv4,
): boolean {
  return checksum(bytes, offset, length, pseudoHeader(source, destination, PROTOCOL_TCP, length)) === 0;
}
