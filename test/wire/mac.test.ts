import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BROADCAST_MAC,
  formatMac,
  formatMacComware,
  isGroupMac,
  parseMac,
  putMac,
  readMac,
  ZERO_MAC,
} from '../../sim/wire/mac.ts';

const mac = fc.oneof(fc.constantFrom(ZERO_MAC, BROADCAST_MAC), fc.nat({ max: 0xffffffffffff }));

describe('MAC addresses', () => {
  it('are printed in the way of Linux and in the way of Comware', () => {
    expect(formatMac(0x020000000001)).toBe('02:00:00:00:00:01');
    expect(formatMacComware(0x020000000001)).toBe('0200-0000-0001');
    expect(formatMac(ZERO_MAC)).toBe('00:00:00:00:00:00');
  });

  it('are read back as they were printed, in capitals too', () => {
    fc.assert(
      fc.property(mac, (value) => {
        expect(parseMac(formatMac(value))).toBe(value);
        expect(parseMac(formatMac(value).toUpperCase())).toBe(value);
      }),
    );
  });

  it('lie in six bytes, and touch no others', () => {
    fc.assert(
      fc.property(mac, (value) => {
        const bytes = new Uint8Array(8).fill(0xa5);
        putMac(bytes, 1, value);
        expect(readMac(bytes, 1)).toBe(value);
        expect([bytes[0], bytes[7]]).toEqual([0xa5, 0xa5]);
        const text = [...bytes.subarray(1, 7)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
        expect(text).toBe(formatMac(value));
      }),
    );
  });

  it('tell a group by the lowest bit of the first byte', () => {
    const groups = ['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '33:33:00:00:00:01'];
    const single = ['00:00:00:00:00:00', '02:42:ac:11:00:02', 'fe:ff:ff:ff:ff:ff'];
    expect(groups.map((text) => isGroupMac(parseMac(text) ?? 0))).toEqual([true, true, true]);
    expect(single.map((text) => isGroupMac(parseMac(text) ?? 0))).toEqual([false, false, false]);
  });

  it.each([
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:00:01',
    '2:0:0:0:0:1',
    '0200-0000-0001',
    '02-00-00-00-00-01',
    'g2:00:00:00:00:01',
  ])('refuses "%s"', (text) => expect(parseMac(text)).toBeUndefined());
});
