import { array, assert, boolean, constantFrom, integer, option, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  putTcp,
  TCP_ACK,
  TCP_LENGTH,
  TCP_SYN,
  TcpHeader,
  tcpChecksumHolds,
  writeTcpChecksum,
} from '../../sim/wire/tcp.ts';
import { readTcpOptions, tcpOptionsLength, writeTcpOptions } from '../../sim/wire/tcp-options.ts';

const u16 = integer({ min: 0, max: 0xffff });
const u32 = integer({ min: 0, max: 0xffffffff });

/** A header with `options` behind it. */
function header(options: readonly number[], flags = TCP_SYN): Uint8Array {
  const bytes = new Uint8Array(TCP_LENGTH + options.length);
  putTcp(bytes, 0, {
    ...{ sourcePort: 1, destinationPort: 2, sequence: 3, acknowledgment: 4, window: 5 },
    headerLength: bytes.length,
    flags,
  });
  bytes.set(options, TCP_LENGTH);
  return bytes;
}

describe('the TCP header', () => {
  it('gives back every field, and its checksum finds every changed byte', () => {
    const fields = record({
      ...{ sourcePort: u16, destinationPort: u16, window: u16, sequence: u32, acknowledgment: u32 },
      headerLength: constantFrom(20, 24, 60),
      flags: integer({ min: 0, max: 255 }),
    });
    assert(
      property(fields, uint8Array({ maxLength: 50 }), integer({ min: 0, max: 200 }), (written, data, where) => {
        const bytes = new Uint8Array(60 + data.length);
        bytes.set(data, 60);
        putTcp(bytes, 0, written);
        writeTcpChecksum(bytes, 0, bytes.length, 0x0a000001, 0x0a000002);
        const read = new TcpHeader(bytes, 0);
        const { sourcePort, destinationPort, sequence, acknowledgment, headerLength, flags, window } = read;
        expect({ sourcePort, destinationPort, sequence, acknowledgment, headerLength, flags, window }).toEqual(written);
        expect(tcpChecksumHolds(bytes, 0, bytes.length, 0x0a000001, 0x0a000002)).toBe(true);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ 0x10;
        expect(tcpChecksumHolds(bytes, 0, bytes.length, 0x0a000001, 0x0a000002)).toBe(false);
      }),
    );
  });
});

describe('a header laid down by hand', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 0xf1, 0xf2, 0xf3, 0xf4, 0xe1, 0xe2, 0xe3, 0xe4, 0x60, 0, 5, 6, 7, 8, 9, 10);

  it('is read field by field', () => {
    expect(new TcpHeader(bytes, 0)).toMatchObject({
      ...{ sourcePort: 0x102, destinationPort: 0x304, sequence: 0xf1f2f3f4, acknowledgment: 0xe1e2e3e4 },
      ...{ headerLength: 24, flags: 0, window: 0x506, checksum: 0x708, urgentPointer: 0x90a },
    });
  });

  it.each(['fin', 'syn', 'rst', 'psh', 'ack'] as const)('says %s where its bit is set, and only there', (name) => {
    const bit = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 }[name];
    expect(new TcpHeader(bytes.with(13, bit), 0)[name]).toBe(true);
    expect(new TcpHeader(bytes.with(13, 255 - bit), 0)[name]).toBe(false);
  });
});

describe('TCP options', () => {
  it('are read as they were written', () => {
    const options = record({
      mss: option(integer({ min: 1, max: 0xffff }), { nil: undefined }),
      windowScale: option(integer({ min: 0, max: 14 }), { nil: undefined }),
      sackPermitted: boolean(),
      timestamp: option(record({ value: u32, echo: u32 }), { nil: undefined }),
    });
    assert(
      property(options, (written) => {
        const bytes = header(new Array(40).fill(0));
        const all = { ...written, sack: [] };
        expect(writeTcpOptions(bytes, TCP_LENGTH, all)).toBe(tcpOptionsLength(all));
        expect(tcpOptionsLength(all) % 4).toBe(0);
        expect(readTcpOptions(bytes, 0)).toEqual(all);
      }),
    );
  });

  it('tell SACK blocks outside of a SYN', () => {
    assert(
      property(array(record({ start: u32, end: u32 }), { minLength: 1, maxLength: 3 }), u32, (sack, value) => {
        const bytes = header(new Array(40).fill(0), TCP_ACK);
        const all = {
          ...{ mss: undefined, windowScale: undefined, sackPermitted: false, sack },
          timestamp: { value, echo: 7 },
        };
        expect(writeTcpOptions(bytes, TCP_LENGTH, all)).toBe(12 + 4 + 8 * sack.length);
        expect(readTcpOptions(bytes, 0)).toEqual(all);
      }),
    );
  });

  it.each<[string, number[], object]>([
    ['a length of 0 ends the reading', [2, 4, 5, 180, 9, 0, 4, 2], { mss: 1460, sackPermitted: false }],
    ['a length of 1 ends it', [3, 1, 7, 0], { windowScale: undefined }],
    ['an option that runs over the end is not read', [2, 4, 5, 180, 8, 10, 0, 0], { mss: 1460, timestamp: undefined }],
    ['an option without its length byte is not read', [1, 1, 1, 2], { mss: undefined }],
    ['an unknown one is passed over', [253, 4, 1, 2, 4, 2, 0, 0], { sackPermitted: true }],
    ['an MSS of the wrong length is passed over', [2, 3, 5, 1, 4, 2, 0, 0], { mss: undefined, sackPermitted: true }],
    ['a scale of 14 is the largest', [3, 3, 14, 0], { windowScale: 14 }],
    ['a scale of the wrong length is passed over', [3, 4, 7, 0], { windowScale: undefined }],
    ['a timestamp of the wrong length is passed over', [8, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1], { timestamp: undefined }],
    ['SACK is permitted by two bytes, not three', [4, 3, 0, 1], { sackPermitted: false }],
    ['SACK blocks in a SYN are none', [5, 10, 0, 0, 0, 1, 0, 0, 0, 9, 1, 1], { sack: [] }],
    ['an option may end with the list', [1, 1, 4, 2], { sackPermitted: true }],
    ['an MSS of 0 is none', [2, 4, 0, 0], { mss: undefined }],
    ['a scale over 14 counts as 14', [3, 3, 200, 0], { windowScale: 14 }],
    ['nothing is read behind the end of the list', [0, 0, 4, 2], { sackPermitted: false }],
  ])('%s', (_, options, expected) => {
    expect(readTcpOptions(header(options), 0)).toMatchObject(expected);
  });

  it.each<[string, number[], object]>([
    ['MSS', [2, 4, 5, 180], { mss: undefined }],
    ['a window scale', [3, 3, 7, 0], { windowScale: undefined }],
    ['permission of SACK', [4, 2, 0, 0], { sackPermitted: false }],
    ['SACK of nine bytes', [5, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1], { sack: [] }],
    ['SACK of no block', [5, 2, 1, 1], { sack: [] }],
    ['half a block of SACK', [5, 14, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 1, 1], { sack: [] }],
  ])('%s outside of a SYN is not looked at', (_, options, expected) => {
    expect(readTcpOptions(header(options, TCP_ACK), 0)).toMatchObject(expected);
  });

  it('are written in the order and with the padding of Linux', () => {
    const none = { mss: undefined, windowScale: undefined, sackPermitted: false, timestamp: undefined, sack: [] };
    const laid = (options: object): number[] => {
      const bytes = new Uint8Array(44).fill(0xa5);
      const length = writeTcpOptions(bytes, 2, { ...none, ...options });
      expect([bytes[0], bytes[1], bytes[2 + length]]).toEqual([0xa5, 0xa5, 0xa5]);
      return [...bytes.subarray(2, 2 + length)];
    };
    const timestamp = { value: 0x01020304, echo: 0x05060708 };
    const stamp = [8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(laid({ mss: 1460, windowScale: 7, sackPermitted: true, timestamp })).toEqual([
      ...[2, 4, 5, 180, 4, 2],
      ...stamp,
      ...[1, 3, 3, 7],
    ]);
    expect(laid({ mss: 0x1234, sackPermitted: true })).toEqual([2, 4, 0x12, 0x34, 1, 1, 4, 2]);
    const sack = [{ start: 0x01000002, end: 0x03000004 }];
    expect(laid({ timestamp, sack })).toEqual([1, 1, ...stamp, 1, 1, 5, 10, 1, 0, 0, 2, 3, 0, 0, 4]);
  });

  it('of any bytes are read without looking outside the header', () => {
    assert(
      property(array(integer({ min: 0, max: 255 }), { maxLength: 40 }), boolean(), (options, syn) => {
        const padded = [...options, ...new Array((4 - (options.length % 4)) % 4).fill(1)];
        readTcpOptions(header(padded, syn ? TCP_SYN : TCP_ACK), 0);
      }),
    );
  });
});
