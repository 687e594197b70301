import { parseIpv4 } from './address.ts';

/** An IPv6 address: four unsigned 32-bit numbers, the first of them leftmost. Nothing simulated has one; frames may. */
export type Ipv6 = readonly [number, number, number, number];

/** `2001:db8::1`, `::ffff:192.0.2.1` (RFC 4291 2.2); undefined for anything else, a zone included. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map(groupsOf);
  if (before === undefined) return undefined;
  if (halves.length === 1) return before.length === 8 ? words(before) : undefined;
  if (after === undefined || before.length + after.length > 7) return undefined;
  return words([...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]);
}

/** The 16-bit groups of `2001:db8`, an address in dots at its end being two; undefined if one is malformed. */
function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const quad = part.includes('.') && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad !== undefined) groups.push(quad >>> 16, quad & 0xffff);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function words(groups: readonly number[]): Ipv6 {
  const word = (at: number): number => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0;
  return [word(0), word(2), word(4), word(6)];
}

/** The four words of the netmask of a prefix length (0 to 128). */
export function mask6(length: number): Ipv6 {
  const word = (at: number): number => {
    const bits = Math.min(32, Math.max(0, length - 32 * at));
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}
