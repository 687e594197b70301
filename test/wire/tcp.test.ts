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
    ['an MSS of 0 is none', [2, 4, 0, 0], { mss: undefined }],
    ['a scale over 14 counts as 14', [3, 3, 200, 0], { windowScale: 14 }],
    ['nothing is read behind the end of the list', [0, 0, 4, 2], { sackPermitted: false }],
  ])('%s', (_, options, expected) => {
    expect(readTcpOptions(header(options), 0)).toMatchObject(expected);
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
