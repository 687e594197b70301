import type { Ipv4 } from './address.ts';
import { put8, put16, put32, u8, u16, u32 } from './bytes.ts';
import { type Mac, putMac, readMac } from './mac.ts';

/** ARP for IPv4 over Ethernet (RFC 826): 28 bytes. */
export const ARP_LENGTH = 28;

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;
export const ARP_HARDWARE_ETHERNET = 1;

/** View of an ARP packet at `offset`; 28 bytes must lie there. */
export class ArpPacket {
  readonly bytes: Uint8Array;
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get hardwareType(): number {
    return u16(this.bytes, this.offset);
  }
  get protocolType(): number {
    return u16(this.bytes, this.offset + 2);
  }
  get hardwareLength(): number {
    return u8(this.bytes, this.offset + 4);
  }
  get protocolLength(): number {
    return u8(this.bytes, this.offset + 5);
  }
  get operation(): number {
    return u16(this.bytes, this.offset + 6);
  }
  get senderMac(): Mac {
    return readMac(this.bytes, this.offset + 8);
  }
  get senderAddress(): Ipv4 {
    return u32(this.bytes, this.offset + 14);
  }
  get targetMac(): Mac {
    return readMac(this.bytes, this.offset + 18);
  }
  get targetAddress(): Ipv4 {
    return u32(this.bytes, this.offset + 24);
  }
}

export interface ArpFields {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderAddress: Ipv4;
  readonly targetMac: Mac;
  readonly targetAddress: Ipv4;
}

/** Writes a whole ARP packet for IPv4 over Ethernet at `offset`. */
export function putArp(bytes: Uint8Array, offset: number, fields: ArpFields): void {
  put16(bytes, offset, ARP_HARDWARE_ETHERNET);
  put16(bytes, offset + 2, 0x0800);
  put8(bytes, offset + 4, 6);
  put8(bytes, offset + 5, 4);
  put16(bytes, offset + 6, fields.operation);
  putMac(bytes, offset + 8, fields.senderMac);
  put32(bytes, offset + 14, fields.senderAddress);
  putMac(bytes, offset + 18, fields.targetMac);
  put32(bytes, offset + 24, fields.targetAddress);
}
