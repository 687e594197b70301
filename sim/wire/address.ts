/** An IPv4 address: one unsigned 32-bit number, 192.0.2.1 being 0xc0000201. */
export type Ipv4 = number;

/** An IPv4 prefix. `network` has its host bits clear. */
export interface Prefix {
  readonly network: Ipv4;
  /** 0 to 32. */
  readonly length: number;
}

/** An interface address: the host's address within its prefix. */
export interface InterfaceAddress {
  readonly address: Ipv4;
  readonly length: number;
}

export const ANY: Ipv4 = 0;
export const LIMITED_BROADCAST: Ipv4 = 0xffffffff;

/** Dotted quad to number; undefined for anything else (shortened and octal forms included). */
export function parseIpv4(text: string): Ipv4 | undefined {
  return quad(text, text.length);
}

/** Digit by digit: a table may have a million. */
function quad(text: string, end: number): Ipv4 | undefined {
  let address = 0;
  let at = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const start = at;
    let value = 0;
    for (let digit = text.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - ZERO) {
      value = value * 10 + digit;
      at++;
    }
    const isPlain = at > start && value <= 255 && (at - start === 1 || text.charCodeAt(start) !== ZERO);
    if (!isPlain) return undefined;
    address = address * 256 + value;
  }
  return at === end ? address : undefined;
}

/** What stands behind the slash, in one digit or two; -1 for anything else. */
function lengthBehind(text: string, slash: number): number {
  const first = text.charCodeAt(slash + 1) - ZERO;
  const second = text.charCodeAt(slash + 2) - ZERO;
  if (!(first >= 0 && first <= 9)) return -1;
  if (text.length === slash + 2) return first;
  const length = first * 10 + second;
  return text.length === slash + 3 && second >= 0 && second <= 9 && length <= 32 ? length : -1;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** `10.1.0.0/16`, `10.1.2.3` (/32), `default` or `0/0`; undefined if malformed or if host bits are set. */
export function parsePrefix(text: string): Prefix | undefined {
  if (text === 'default' || text === '0/0') return { network: 0, length: 0 };
  const parsed = parseInterfaceAddress(text.includes('/') ? text : `${text}/32`);
  if (parsed === undefined || (parsed.address & mask(parsed.length)) >>> 0 !== parsed.address) return undefined;
  return { network: parsed.address, length: parsed.length };
}

/** `10.1.2.3/24`; undefined if malformed or without a length. */
export function parseInterfaceAddress(text: string): InterfaceAddress | undefined {
  const slash = text.indexOf('/');
  const length = slash < 0 ? -1 : lengthBehind(text, slash);
  if (length < 0) return undefined;
  const address = quad(text, slash);
  return address === undefined ? undefined : { address, length };
}

export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatIpv4(prefix.network)}/${prefix.length}`;
}

/** The netmask of a prefix length (0 to 32) as a number. */
export function mask(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The prefix that an interface address lies in. */
export function prefixOf(address: Ipv4, length: number): Prefix {
  return { network: (address & mask(length)) >>> 0, length };
}

export function contains(prefix: Prefix, address: Ipv4): boolean {
  return (address & mask(prefix.length)) >>> 0 === prefix.network;
}

/** The last address of a prefix: its directed broadcast where the length is below 31. */
export function lastAddress(prefix: Prefix): Ipv4 {
  return (prefix.network | ~mask(prefix.length)) >>> 0;
}

/** 127.0.0.1 (INADDR_LOOPBACK). */
export const LOOPBACK = 0x7f000001;
/** 127.0.0.0/8 (the kernel's ipv4_is_loopback). */
export const isLoopback = (address: Ipv4): boolean => address >>> 24 === 127;
/** 224.0.0.0/4 (ipv4_is_multicast). */
export const isMulticast = (address: Ipv4): boolean => address >>> 28 === 0xe;
/** 0.0.0.0 alone: since Linux 5.3 the rest of 0.0.0.0/8 is ordinary (ipv4_is_zeronet). */
export const isZeronet = (address: Ipv4): boolean => address === 0;
/** 255.255.255.255 (ipv4_is_lbcast). */
export const isLimitedBroadcast = (address: Ipv4): boolean => address === LIMITED_BROADCAST;
