import { Address6 } from 'ip-address';

/** An IPv6 address: four unsigned 32-bit numbers, the first of them leftmost. Nothing simulated has one; frames may. */
export type Ipv6 = readonly [number, number, number, number];

/** `2001:db8::1`, `::ffff:192.0.2.1` (RFC 4291 2.2); undefined for anything else, a zone or a prefix included. */
export function parseIpv6(text: string): Ipv6 | undefined {
  if (/[%/]/.test(text) || !Address6.isValid(text)) return undefined;
  const address = new Address6(text).bigInt();
  const word = (at: number): number => Number((address >> BigInt(96 - 32 * at)) & 0xffffffffn);
  return [word(0), word(1), word(2), word(3)];
}

/** The four words of the netmask of a prefix length (0 to 128). */
export function mask6(length: number): Ipv6 {
  const word = (at: number): number => {
    const bits = Math.min(32, Math.max(0, length - 32 * at));
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}
