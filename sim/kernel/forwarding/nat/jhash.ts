import type { Ipv4 } from '../../../wire/address.ts';

const INITIAL = 0xdeadbeef;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * Bob Jenkins' hash of an address and a salt, as a little-endian kernel computes it over the 16 bytes that hold an IPv4
 * address (include/linux/jhash.h jhash2()). Unsigned 32 bits.
 */
export function jhashAddress(address: Ipv4, salt: Ipv4): number {
  const start = (INITIAL + (4 << 2) + swap(salt)) | 0;
  // Three words of the address are mixed in (the last two are zero), then the fourth, which is zero as well.
  let a = (start + swap(address)) | 0;
  let b = start;
  let c = start;
  a = (a - c) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 4);
  b = (b + a) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

/** A whole number below `count`, in proportion to a hash of 32 bits (reciprocal_scale). */
export function reciprocalScale(hash: number, count: number): number {
  return Math.floor((hash / 2 ** 32) * count);
}

/** The number a little-endian machine reads from the four bytes of an address. */
function swap(address: Ipv4): number {
  return ((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24);
}
