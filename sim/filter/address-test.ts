import { nearest } from '../core/nearest.ts';
import { type Ipv4, mask } from '../wire/address.ts';
import { type Ipv6, mask6, parseIpv6 } from '../wire/ipv6.ts';
import type { Expression } from './expression.ts';
import type { FilterNames } from './names.ts';
import type { Qualifiers } from './qualifiers.ts';
import type { Token } from './token.ts';
import type { TokenReader } from './token-reader.ts';

interface Range {
  readonly value: Ipv4;
  readonly mask: Ipv4;
}

/** `net 10.0.0.0/8` and `net 10.0.0.0 mask 255.0.0.0`; undefined where neither `/` nor `mask` follows. */
export function networkTest(reader: TokenReader, qualifiers: Qualifiers, token: Token): Expression | undefined {
  const isSix = token.kind === 'address6';
  if (token.kind !== 'address' && !isSix) return undefined;
  const slash = reader.takeIf('/');
  const word = slash === undefined && !isSix ? reader.takeIf('mask') : undefined;
  if (slash === undefined && word === undefined) return undefined;
  const given = reader.take();
  const length = slash === undefined ? undefined : lengthOf(reader, given, isSix ? 128 : 32);
  if (isSix) return length === undefined ? undefined : test6(reader, qualifiers, token, length);
  const network = rangeOf(reader, token);
  const bits = slash === undefined ? maskOf(reader, given) : length === undefined ? undefined : mask(length);
  if (network === undefined || bits === undefined) return undefined;
  if ((network.value & ~bits) !== 0) {
    return reader.wrong(token, `${token.text} has bits outside its mask`, 'host bits are 0 in a network');
  }
  if (qualifiers.type !== 'net') return reader.wrong(token, 'a network has "net" before it');
  return test4(reader, qualifiers, token, [{ value: network.value, mask: bits }]);
}

/** `host 10.0.0.1`, `net 10.0`, `net 10`, `host 2001:db8::1`. */
export function addressTest(reader: TokenReader, qualifiers: Qualifiers, token: Token): Expression | undefined {
  // A fault of networkTest() has been told.
  if (reader.fault !== undefined) return undefined;
  if (token.kind === 'address6') return test6(reader, qualifiers, token, 128);
  const range = token.kind === 'number' ? numberRange(token, qualifiers) : rangeOf(reader, token);
  return range && test4(reader, qualifiers, token, [range]);
}

/** `host gw`: any address of a name; `ether host gw`: any MAC of it. */
export function nameTest(
  reader: TokenReader,
  names: FilterNames,
  qualifiers: Qualifiers,
  token: Token,
): Expression | undefined {
  const { protocol, direction, type } = qualifiers;
  const isLink = protocol === 'ether';
  const macs = isLink ? names.macs.get(token.text) : undefined;
  if (macs !== undefined) return { kind: 'mac', direction, macs };
  const addresses = isLink || type === 'net' ? undefined : names.addresses.get(token.text);
  if (addresses !== undefined) {
    const ranges = addresses.map((value) => ({ value, mask: 0xffffffff }));
    return test4(reader, qualifiers, token, ranges);
  }
  const close = nearest(token.text, isLink ? names.macs.keys() : names.addresses.keys());
  const hint = close === undefined || type === 'net' ? 'write an address' : `did you mean "${close}"?`;
  return reader.wrong(token, `unknown ${type} "${token.text}"`, hint);
}

function test4(
  reader: TokenReader,
  { protocol, direction, type }: Qualifiers,
  token: Token,
  ranges: readonly Range[],
): Expression | undefined {
  if (protocol === '') return { kind: 'host', protocol: 'any', direction, ranges };
  if (protocol === 'ip' || protocol === 'arp' || protocol === 'rarp')
    return { kind: 'host', protocol, direction, ranges };
  const wanted = protocol === 'ether' ? 'a MAC address' : 'an IPv6 address';
  return reader.wrong(token, `"${token.text}" where ${wanted} is wanted: ${protocol} ${type}`);
}

function test6(
  reader: TokenReader,
  { protocol, direction, type }: Qualifiers,
  token: Token,
  length: number,
): Expression | undefined {
  const address = parseIpv6(token.text);
  if (address === undefined) return reader.wrong(token, `"${token.text}" is no IPv6 address`);
  if (protocol !== '' && protocol !== 'ip6') {
    return reader.wrong(token, `an IPv6 address where there is "${protocol}" before it`);
  }
  const bits = mask6(length);
  if (address.some((word, index) => (word & ~(bits[index] ?? 0)) !== 0)) {
    return reader.wrong(token, `${token.text} has bits outside its mask`, 'host bits are 0 in a network');
  }
  if (type !== 'net' && length < 128) return reader.wrong(token, 'a network has "net" before it');
  return { kind: 'host6', direction, value: address satisfies Ipv6, mask: bits };
}

function lengthOf(reader: TokenReader, token: Token, most: number): number | undefined {
  if (token.kind === 'number' && token.value <= most) return token.value;
  return reader.wrong(token, `a prefix length is a number of ${most} at most`);
}

function maskOf(reader: TokenReader, token: Token): Ipv4 | undefined {
  return token.kind === 'address' ? rangeOf(reader, token)?.value : reader.wrong(token, 'a mask is written 255.0.0.0');
}

/** One to four numbers, those left out being the last (inet_aton it is not: pcapint_atoin). */
function rangeOf(reader: TokenReader, token: Token): Range | undefined {
  const parts = token.text.split('.').map(Number);
  if (token.kind !== 'address' || parts.some((part) => part > 255)) {
    return reader.wrong(token, `"${token.text}" is no IPv4 address`);
  }
  let value = 0;
  for (let index = 0; index < 4; index++) value = value * 256 + (parts[index] ?? 0);
  return { value, mask: mask(8 * parts.length) };
}

/** `net 10` is 10.0.0.0/8; `host 167772161` is one address in 32 bits. */
function numberRange({ value }: Token, { type }: Qualifiers): Range {
  if (type === 'host' || value === 0) return { value, mask: 0xffffffff };
  let shift = 0;
  while (shift < 24 && value < 2 ** (24 - shift)) shift += 8;
  return { value: (value << shift) >>> 0, mask: mask(32 - shift) };
}
