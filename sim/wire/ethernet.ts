import { put16, u16 } from './bytes.ts';
import { type Mac, putMac, readMac } from './mac.ts';

/** Ethernet II header (IEEE 802.3 3.1.1): destination 0, source 6, EtherType 12. */
export const ETHERNET_LENGTH = 14;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;

/** View of an Ethernet header at `offset`; 14 bytes must lie there. */
export class EthernetHeader {
  readonly bytes: Uint8Array;
  readonly offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get destination(): Mac {
    return readMac(this.bytes, this.offset);
  }
  set destination(mac: Mac) {
    putMac(this.bytes, this.offset, mac);
  }
  get source(): Mac {
    return readMac(this.bytes, this.offset + 6);
  }
  set source(mac: Mac) {
    putMac(this.bytes, this.offset + 6, mac);
  }
  get etherType(): number {
    return readEtherType(this.bytes, this.offset);
  }
  set etherType(value: number) {
    put16(this.bytes, this.offset + 12, value);
  }
}

/** EtherType of the header at `offset`, for whoever asks it of every frame. */
export function readEtherType(bytes: Uint8Array, offset: number): number {
  return u16(bytes, offset + 12);
}

/** Writes a whole Ethernet header at `offset`. */
export function putEthernet(bytes: Uint8Array, offset: number, destination: Mac, source: Mac, etherType: number): void {
  putMac(bytes, offset, destination);
  putMac(bytes, offset + 6, source);
  put16(bytes, offset + 12, etherType);
}
