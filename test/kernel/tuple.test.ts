import { describe, expect, it } from 'vitest';
import { icmpOpens, isUdpTruncated } from '../../sim/kernel/forwarding/conntrack/datagram-track.ts';
import { TcpSegment } from '../../sim/kernel/forwarding/conntrack/tcp-segment.ts';
import { Tuple } from '../../sim/kernel/forwarding/conntrack/tuple.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { put16, put32 } from '../../sim/wire/bytes.ts';
import { putIpv4 } from '../../sim/wire/ipv4.ts';

/* What tracking reads of a packet, to the last byte that it needs. */

/** An IPv4 packet from 10.0.1.2 to 10.0.2.2 with these bytes behind its header. */
function packetOf(protocol: number, data: readonly number[], fragment = 0): Uint8Array {
  const bytes = new Uint8Array(20 + data.length);
  const fields = { tos: 0, totalLength: bytes.length, identification: 1, fragment, ttl: 64, protocol };
  putIpv4(bytes, 0, { ...fields, source: 0x0a000102, destination: 0x0a000202 });
  bytes.set(data, 20);
  return bytes;
}

function read(bytes: Uint8Array, end = bytes.length): Tuple | undefined {
  const tuple = new Tuple();
  return tuple.read(bytes, 0, end) ? tuple : undefined;
}

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
const ends = { source: 0x0a000102, destination: 0x0a000202 };

describe('a tuple', () => {
  it.each([
    ['TCP', 6, { sourceKey: 0x0102, destinationKey: 0x0304 }],
    ['UDP', 17, { sourceKey: 0x0102, destinationKey: 0x0304 }],
    ['ICMP', 1, { sourceKey: 0x0506, destinationKey: 0x0102 }],
    ['GRE', 47, { sourceKey: 0, destinationKey: 0 }],
  ])('of %s', (_, protocol, keys) => {
    expect(read(packetOf(protocol, EIGHT))).toMatchObject({ ...ends, protocol, ...keys });
    const isShort = read(packetOf(protocol, EIGHT.slice(1))) === undefined;
    expect(isShort).toBe(protocol !== 47);
  });

  it('is read of a header alone where the protocol has no ports, and of nothing shorter', () => {
    expect(read(packetOf(47, []))).toMatchObject({ ...ends, protocol: 47 });
    expect(read(packetOf(47, []), 19)).toBeUndefined();
    const tooShort = packetOf(47, []);
    tooShort[0] = 0x44;
    expect(read(tooShort)).toBeUndefined();
    tooShort[0] = 0x45;
    expect(read(tooShort)).toBeDefined();
  });

  it('is read behind the options, and of a first fragment alone', () => {
    const options = packetOf(17, [1, 1, 1, 0, ...EIGHT]);
    options[0] = 0x46;
    expect(read(options)).toMatchObject({ sourceKey: 0x0102 });
    expect(read(packetOf(17, EIGHT, 0x2000))).toBeDefined();
    expect(read(packetOf(17, EIGHT, 1))).toBeUndefined();
    expect(read(packetOf(17, EIGHT, 0x1fff))).toBeUndefined();
  });

  it('is told from another by each of its parts', () => {
    const one = Object.assign(new Tuple(), { source: 1, destination: 2, protocol: 3, sourceKey: 4, destinationKey: 5 });
    expect(one.equals(one.copy())).toBe(true);
    for (const part of ['source', 'destination', 'protocol', 'sourceKey', 'destinationKey'] as const) {
      const other = Object.assign(one.copy(), { [part]: 9 });
      expect([part, one.equals(other), one.hash() === other.hash()]).toEqual([part, false, false]);
    }
  });

  it('is inverted: both ends change places, an ICMP query has its answer for a type', () => {
    const answer = (bytes: Uint8Array): Tuple | undefined => {
      const tuple = read(bytes) ?? new Tuple();
      const inverse = new Tuple();
      return inverse.invert(tuple) ? inverse : undefined;
    };
    expect(answer(packetOf(17, EIGHT))).toMatchObject({
      ...{
        source: ends.destination,
        destination: ends.source,
        protocol: 17,
        sourceKey: 0x0304,
        destinationKey: 0x0102,
      },
    });
    expect(answer(packetOf(1, [8, 7, 0, 0, 5, 6, 0, 1]))).toMatchObject({ sourceKey: 0x0506, destinationKey: 0x0007 });
    expect(answer(packetOf(1, [0, 0, 0, 0, 5, 6, 0, 1]))).toMatchObject({ destinationKey: 0x0800 });
    expect(answer(packetOf(1, [18, 0, 0, 0, 5, 6, 0, 1]))).toMatchObject({ destinationKey: 0x1100 });
    expect(answer(packetOf(1, [3, 1, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
  });
});

describe('a TCP segment that is tracked', () => {
  const segment = (flags: number, data: readonly number[] = [], offset = 5): TcpSegment => {
    const bytes = new Uint8Array(20 + data.length);
    put32(bytes, 4, 0xffffffff);
    put32(bytes, 8, 100);
    bytes[12] = offset << 4;
    bytes[13] = flags;
    bytes.set(data, 20);
    return new TcpSegment(bytes, 0, bytes.length);
  };

  it('has flags that a TCP may send; PSH, ECE and CWR beside them mean nothing', () => {
    const valid = Array.from({ length: 64 }, (_, flags) => flags).filter((flags) => segment(flags).hasValidFlags);
    // SYN, SYN URG, SYN ACK, RST, RST ACK, FIN ACK, FIN ACK URG, ACK, ACK URG; each with and without PSH.
    const without = [0x02, 0x04, 0x10, 0x11, 0x12, 0x14, 0x22, 0x30, 0x31];
    expect(valid).toEqual([...without, ...without.map((flags) => flags | 8)].sort((a, b) => a - b));
    expect(segment(0xd0).hasValidFlags).toBe(true);
  });

  it('has a kind: RST before SYN before FIN before ACK', () => {
    const kinds = [0x16, 0x14, 0x12, 0x03, 0x11, 0x10, 0x08].map((flags) => segment(flags).kind);
    expect(kinds).toEqual(['rst', 'rst', 'synack', 'syn', 'fin', 'ack', 'none']);
  });

  it('is whole where its header is: 20 bytes at least, and no more than there are', () => {
    const whole = [4, 5, 6, 7].map((words) => segment(16, [0, 0, 0, 0], words).isWhole);
    expect(whole).toEqual([false, true, true, false]);
  });

  it('ends behind its data, SYN and FIN counting one each, beyond the largest number too', () => {
    const end = (flags: number, data: readonly number[] = []) => segment(flags, data).sequenceEnd;
    expect([end(16), end(2), end(17), end(3), end(16, [1, 2, 3]), end(17, [1])]).toEqual([0xffffffff, 0, 0, 1, 2, 1]);
  });

  it('tells of the highest block of SACK beyond what it acknowledges', () => {
    const sack = (end: number): number[] => [1, 1, 5, 10, 0, 0, 0, 0, 0, 0, end >>> 8, end & 255];
    expect([segment(16, sack(99), 8).highestSack, segment(16, sack(101), 8).highestSack]).toEqual([100, 101]);
    expect(segment(16, sack(101)).highestSack).toBe(100);
  });
});

describe('a datagram that is tracked', () => {
  it('has a length that fits into its packet', () => {
    const isTruncated = (length: number, available: number): boolean => {
      const bytes = new Uint8Array(available);
      if (available >= 6) put16(bytes, 4, length);
      const packet = Packet.of(new Ledger(), bytes);
      return isUdpTruncated(packet, packet.head);
    };
    expect([isTruncated(8, 8), isTruncated(12, 12), isTruncated(8, 12)]).toEqual([false, false, false]);
    expect([isTruncated(7, 8), isTruncated(9, 8), isTruncated(13, 12), isTruncated(8, 7)]).toEqual(Array(4).fill(true));
  });

  it('of ICMP opens something where it is a query', () => {
    expect(Array.from({ length: 20 }, (_, type) => type).filter(icmpOpens)).toEqual([8, 13, 15, 17]);
  });
});
