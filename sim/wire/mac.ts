import { put16, put32, u16, u32 } from './bytes.ts';

/** A 48-bit MAC address as a whole number: 02:00:00:00:00:01 is 0x020000000001. */
export type Mac = number;

export const BROADCAST_MAC: Mac = 0xffffffffffff;
export const ZERO_MAC: Mac = 0;

export function readMac(bytes: Uint8Array, offset: number): Mac {
  return u16(bytes, offset) * 0x100000000 + u32(bytes, offset + 2);
}

export function putMac(bytes: Uint8Array, offset: number, mac: Mac): void {
  const high = Math.floor(mac / 0x100000000);
  put16(bytes, offset, high);
  put32(bytes, offset + 2, mac - high * 0x100000000);
}

/** The group bit: multicast and broadcast. */
export function isGroupMac(mac: Mac): boolean {
  return (Math.floor(mac / 0x10000000000) & 1) === 1;
}

/** `02:00:00:00:00:01`; undefined for anything else. */
export function parseMac(text: string): Mac | undefined {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/** Linux's form, `02:00:00:00:00:01`. */
export function formatMac(mac: Mac): string {
  return (mac.toString(16).padStart(12, '0').match(/../g) ?? []).join(':');
}

/** Comware's form, `0200-0000-0001`. */
export function formatMacComware(mac: Mac): string {
  return (mac.toString(16).padStart(12, '0').match(/..../g) ?? []).join('-');
}
