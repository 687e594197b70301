import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contains,
  formatIpv4,
  formatPrefix,
  isLimitedBroadcast,
  isLoopback,
  isMulticast,
  isZeronet,
  lastAddress,
  mask,
  parseInterfaceAddress,
  parseIpv4,
  parsePrefix,
  prefixOf,
} from '../../sim/wire/address.ts';

const address = fc.oneof(
  fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const length = fc.integer({ min: 0, max: 32 });

describe('IPv4 addresses', () => {
  it('192.0.2.1 is 0xc0000201', () => {
    expect(parseIpv4('192.0.2.1')).toBe(0xc0000201);
    expect(formatIpv4(0xc0000201)).toBe('192.0.2.1');
  });

  it('every address is read back as it was printed', () => {
    fc.assert(
      fc.property(address, (value) => {
        expect(parseIpv4(formatIpv4(value))).toBe(value);
      }),
    );
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.256.0.1',
    '1.2.3.256',
    '1.2.3.4294967296',
    '1.2.3.',
    '1..3.4',
    '1.2.3,4',
    '1.2.3./',
    '1.2.3.:',
    '1.2.3.4.',
    '1.2.3.-4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '0x7f.0.0.1',
    '1.2.3.4/24',
    '::1',
  ])('refuses "%s"', (text) => expect(parseIpv4(text)).toBeUndefined());

  it('takes each part from 0 to 255, and a lone zero', () => {
    for (const part of [0, 9, 10, 99, 100, 255]) {
      expect(parseIpv4(`${part}.0.${part}.0`)).toBe((part * 0x1000000 + part * 0x100) >>> 0);
      expect(parseIpv4(`0.${part}.0.${part}`)).toBe(part * 0x10000 + part);
    }
  });

  it('refuses leading zeros, which some read as octal', () => {
    expect(parseIpv4('010.0.0.1')).toBeUndefined();
    expect(parseIpv4('10.0.0.01')).toBeUndefined();
    expect(parseIpv4('10.0.0.00')).toBeUndefined();
  });

  it('never reads anything else as an address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseIpv4(text);
        if (value !== undefined) expect(formatIpv4(value)).toBe(text);
      }),
    );
  });

  it('knows the special blocks by their edges', () => {
    const inside = (block: (address: number) => boolean, ...texts: string[]) =>
      texts.map((t) => block(parseIpv4(t) ?? 0));
    expect(inside(isLoopback, '126.255.255.255', '127.0.0.0', '127.255.255.255', '128.0.0.0')).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(inside(isMulticast, '223.255.255.255', '224.0.0.0', '239.255.255.255', '240.0.0.0')).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(inside(isZeronet, '0.0.0.0', '0.0.0.1', '1.0.0.0')).toEqual([true, false, false]);
    expect(inside(isLimitedBroadcast, '255.255.255.254', '255.255.255.255')).toEqual([false, true]);
  });
});

describe('prefixes', () => {
  it('every prefix is read back as it was printed', () => {
    fc.assert(
      fc.property(address, length, (value, bits) => {
        const prefix = prefixOf(value, bits);
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });

  it('a netmask has `length` ones in front and zeros behind', () => {
    for (let bits = 0; bits <= 32; bits++) {
      expect(mask(bits).toString(2).padStart(32, '0')).toBe('1'.repeat(bits).padEnd(32, '0'));
    }
  });

  it('holds the address it was made from, and all between its first and its last, no others', () => {
    fc.assert(
      fc.property(address, address, length, (value, other, bits) => {
        const prefix = prefixOf(value, bits);
        const last = lastAddress(prefix);
        expect([contains(prefix, value), contains(prefix, prefix.network), contains(prefix, last)]).toEqual([
          true,
          true,
          true,
        ]);
        expect(contains(prefix, other)).toBe(prefix.network <= other && other <= last);
        expect(last - prefix.network + 1).toBe(2 ** (32 - bits));
      }),
    );
  });

  it('a longer prefix of the same address lies within the shorter one', () => {
    fc.assert(
      fc.property(address, length, length, (value, one, other) => {
        const outer = prefixOf(value, Math.min(one, other));
        const inner = prefixOf(value, Math.max(one, other));
        expect(contains(outer, inner.network) && contains(outer, lastAddress(inner))).toBe(true);
      }),
    );
  });

  it('reads the forms that ip route takes', () => {
    expect(parsePrefix('default')).toEqual({ network: 0, length: 0 });
    expect(parsePrefix('0/0')).toEqual({ network: 0, length: 0 });
    expect(parsePrefix('0.0.0.0/0')).toEqual({ network: 0, length: 0 });
    expect(parsePrefix('10.1.2.3')).toEqual({ network: 0x0a010203, length: 32 });
    expect(parsePrefix('10.1.0.0/16')).toEqual({ network: 0x0a010000, length: 16 });
  });

  it.each(['10.1.2.3/24', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '/8', '10/8', '10.0.0.0/ 8'])(
    'refuses "%s" as a prefix',
    (text) => expect(parsePrefix(text)).toBeUndefined(),
  );

  it('an interface address keeps its host bits and must state its length', () => {
    expect(parseInterfaceAddress('10.1.2.3/24')).toEqual({ address: 0x0a010203, length: 24 });
    expect(parseInterfaceAddress('10.1.2.3')).toBeUndefined();
    expect(parseInterfaceAddress('10.1.2.3/32')).toEqual({ address: 0x0a010203, length: 32 });
    expect(parseInterfaceAddress('10.1.2.3/33')).toBeUndefined();
    expect(parseInterfaceAddress('/32')).toBeUndefined();
  });
});
