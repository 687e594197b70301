import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mask6, parseIpv6 } from '../../sim/wire/ipv6.ts';

describe('an IPv6 address', () => {
  it.each<[string, readonly [number, number, number, number]]>([
    ['::', [0, 0, 0, 0]],
    ['::1', [0, 0, 0, 1]],
    ['1::', [0x10000, 0, 0, 0]],
    ['2001:db8::1', [0x20010db8, 0, 0, 1]],
    ['2001:DB8:0:1:2:3:4:5', [0x20010db8, 1, 0x20003, 0x40005]],
    ['1:2:3:4:5:6:7::', [0x10002, 0x30004, 0x50006, 0x70000]],
    ['::2:3:4:5:6:7:8', [2, 0x30004, 0x50006, 0x70008]],
    ['fe80::f00:abcd', [0xfe800000, 0, 0, 0xf00abcd]],
    ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc0000201]],
    ['1:2:3:4:5:6:255.254.253.252', [0x10002, 0x30004, 0x50006, 0xfffefdfc]],
  ])('%s is read (RFC 4291 2.2)', (text, words) => expect(parseIpv6(text)).toEqual(words));

  it.each([
    ...['', '1', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1:2:3:4:5:6:7:8'],
    ...['12345::', 'g::', ':1', '1:', '::1%eth0', '1.2.3.4', '::1.2.3', '::1.2.3.4:5', '1:2:3:4:5:6:7:1.2.3.4', ' ::1'],
  ])('"%s" is none', (text) => expect(parseIpv6(text)).toBeUndefined());

  it('written out in full is read as it was written (law)', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const words = parseIpv6(groups.map((group) => group.toString(16)).join(':')) ?? [];
        expect(words.flatMap((word) => [word >>> 16, word & 0xffff])).toEqual(groups);
      }),
    );
  });
});

it('a netmask of 0 to 128 bits has as many ones in front', () => {
  for (let bits = 0; bits <= 128; bits++) {
    const text = mask6(bits).map((word) => word.toString(2).padStart(32, '0'));
    expect(text.join('')).toBe('1'.repeat(bits).padEnd(128, '0'));
  }
});
