import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tuple } from '../../sim/kernel/forwarding/conntrack/tuple.ts';
import { manipulate } from '../../sim/kernel/forwarding/nat/manipulate.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { put16, put32, u16 } from '../../sim/wire/bytes.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { IcmpHeader, putIcmp } from '../../sim/wire/icmp.ts';
import { Ipv4Header, putIpv4 } from '../../sim/wire/ipv4.ts';
import { putTcp, writeTcpChecksum } from '../../sim/wire/tcp.ts';
import { putUdp } from '../../sim/wire/udp.ts';

/* What translation does to the bytes of a packet, and what it leaves alone (nf_nat_ipv4_manip_pkt()). */

const A = 0x0a000102;
const B = 0xc6336402;
const LENGTHS: Readonly<Record<number, number>> = { 6: 24, 17: 13, 1: 12 };

/** A packet from A:1111 to B:80 with four or five bytes of data, or an echo with identifier 1111. */
function packetOf(protocol: number, type = 8): Packet {
  const length = LENGTHS[protocol] ?? 7;
  const bytes = new Uint8Array(20 + length).fill(0x5a);
  const fields = { tos: 0, totalLength: bytes.length, identification: 7, fragment: 0, ttl: 64 };
  putIpv4(bytes, 0, { ...fields, protocol, source: A, destination: B });
  if (protocol === 17) putUdp(bytes, 20, { sourcePort: 1111, destinationPort: 80, length, source: A, destination: B });
  if (protocol === 1) putIcmp(bytes, 20, length, { type, code: 0, word1: 1111, word2: 3 });
  if (protocol === 6) {
    const numbers = { sequence: 5, acknowledgment: 6, headerLength: 20, flags: 16, window: 9 };
    putTcp(bytes, 20, { sourcePort: 1111, destinationPort: 80, ...numbers });
    writeTcpChecksum(bytes, 20, length, A, B);
  }
  return Packet.of(new Ledger(), bytes);
}

function target(source: number, sourceKey: number, destination: number, destinationKey: number): Tuple {
  return Object.assign(new Tuple(), { source, sourceKey, destination, destinationKey });
}

/** Addresses, the first two words behind the header, and whether both checksums hold. */
function seen(packet: Packet): object {
  const ip = new Ipv4Header(packet.bytes, packet.head);
  const at = packet.head + ip.headerLength;
  const length = packet.tail - at;
  const pseudo = ip.protocol === 1 ? 0 : pseudoHeader(ip.source, ip.destination, ip.protocol, length);
  return {
    ends: [ip.source, ip.destination],
    words: [u16(packet.bytes, at), u16(packet.bytes, at + 2)],
    holds:
      checksum(packet.bytes, packet.head, ip.headerLength) === 0 && checksum(packet.bytes, at, length, pseudo) === 0,
  };
}

describe('a translated packet', () => {
  it.each([
    ['UDP', 17],
    ['TCP', 6],
  ])('of %s has one end changed, address and port, and its checksums hold', (_, protocol) => {
    const source = packetOf(protocol);
    manipulate(source, source.head, target(1, 2, 3, 4), 'source');
    expect(seen(source)).toEqual({ ends: [1, B], words: [2, 80], holds: true });
    const destination = packetOf(protocol);
    manipulate(destination, destination.head, target(1, 2, 3, 4), 'destination');
    expect(seen(destination)).toEqual({ ends: [A, 3], words: [1111, 4], holds: true });
  });

  it('there and back is what it was, whatever the addresses (law)', () => {
    const u32 = fc.nat(0xffffffff);
    const port = fc.nat(0xffff);
    fc.assert(
      fc.property(fc.constantFrom(1, 6, 17, 47), u32, port, (protocol, address, key) => {
        const packet = packetOf(protocol);
        const before = packet.bytes.slice(packet.head, packet.tail);
        manipulate(packet, packet.head, target(address, key, 0, 0), 'source');
        if (protocol !== 47) expect(seen(packet)).toMatchObject({ holds: true });
        manipulate(packet, packet.head, target(A, 1111, 0, 0), 'source');
        expect(packet.bytes.slice(packet.head, packet.tail)).toEqual(before);
      }),
    );
  });

  it.each([8, 0, 13, 14, 17, 18])('of ICMP type %i has an identifier for a port', (type) => {
    const packet = packetOf(1, type);
    manipulate(packet, packet.head, target(1, 0x2222, 3, 4), 'source');
    const icmp = new IcmpHeader(packet.bytes, packet.head + 20);
    expect([seen(packet), icmp.identifier, icmp.sequence]).toEqual([
      expect.objectContaining({ ends: [1, B], holds: true }),
      0x2222,
      3,
    ]);
  });

  it.each([3, 5, 11, 12])('of ICMP type %i has none', (type) => {
    const packet = packetOf(1, type);
    manipulate(packet, packet.head, target(1, 0x2222, 3, 4), 'source');
    expect([seen(packet), new IcmpHeader(packet.bytes, packet.head + 20).identifier]).toEqual([
      expect.objectContaining({ ends: [1, B], holds: true }),
      1111,
    ]);
  });

  it('of another protocol has only its address changed', () => {
    const packet = packetOf(47);
    const rest = packet.bytes.slice(packet.head + 20, packet.tail);
    manipulate(packet, packet.head, target(1, 2, 3, 4), 'destination');
    expect(seen(packet)).toMatchObject({ ends: [A, 3] });
    expect(packet.bytes.slice(packet.head + 20, packet.tail)).toEqual(rest);
  });

  it('of UDP without a checksum is left without one, and none that is computed becomes 0', () => {
    const without = packetOf(17);
    put16(without.bytes, without.head + 26, 0);
    manipulate(without, without.head, target(1, 2, 3, 4), 'source');
    expect(u16(without.bytes, without.head + 26)).toBe(0);
    // The port that would bring the sum to zero.
    const packet = packetOf(17);
    const sum = u16(packet.bytes, packet.head + 26);
    manipulate(packet, packet.head, target(A, (1111 + sum) % 0xffff, B, 80), 'source');
    expect(u16(packet.bytes, packet.head + 26)).toBe(0xffff);
  });

  it('that an error quotes with eight bytes of TCP has its ports changed and no byte behind them', () => {
    const whole = packetOf(6);
    const quoted = Packet.of(new Ledger(), whole.bytes.slice(whole.head, whole.head + 28));
    const behind = quoted.bytes.slice(quoted.head + 24, quoted.tail);
    manipulate(quoted, quoted.head, target(1, 2, 3, 4), 'source');
    expect([u16(quoted.bytes, quoted.head + 20), u16(quoted.bytes, quoted.head + 22)]).toEqual([2, 80]);
    expect(quoted.bytes.slice(quoted.head + 24, quoted.tail)).toEqual(behind);
    expect(checksum(quoted.bytes, quoted.head, 20)).toBe(0);
    // With 19 bytes the checksum would lie there, but its header is not whole.
    const longer = Packet.of(new Ledger(), whole.bytes.slice(whole.head, whole.head + 39));
    const sum = u16(longer.bytes, longer.head + 36);
    manipulate(longer, longer.head, target(1, 2, 3, 4), 'source');
    expect(u16(longer.bytes, longer.head + 36)).toBe(sum);
  });

  it('with options is changed behind them', () => {
    const plain = packetOf(17);
    const bytes = new Uint8Array(plain.length + 4);
    bytes.set(plain.bytes.subarray(plain.head, plain.head + 20));
    bytes.set(plain.bytes.subarray(plain.head + 20, plain.tail), 24);
    bytes[0] = 0x46;
    put32(bytes, 20, 0x01010100);
    const ip = new Ipv4Header(bytes, 0);
    ip.totalLength = bytes.length;
    ip.writeChecksum();
    const packet = Packet.of(new Ledger(), bytes);
    manipulate(packet, packet.head, target(1, 2, 3, 4), 'source');
    expect(seen(packet)).toEqual({ ends: [1, B], words: [2, 80], holds: true });
  });
});
