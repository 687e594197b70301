import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rewritten, rewriteAddress, rewritePort } from '../../sim/comware/forwarding/nat/rewrite.ts';
import { must } from '../../sim/core/assert.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { quotedPacket } from '../../sim/transport/icmp-error.ts';
import { u16 } from '../../sim/wire/bytes.ts';
import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import { icmpError, ipv4, packet as made } from './nat-lab.ts';

/* What Comware's NAT does to the bytes, and which checksums it mends. */

function packetOf(bytes: Uint8Array): Packet {
  const packet = Packet.of(new Ledger(), Uint8Array.from(bytes));
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + 20;
  return packet;
}

/** Whether the IP header's checksum and that of the transport behind it hold. */
function holds({ bytes, head, tail }: Packet): [boolean, boolean] {
  const ip = new Ipv4Header(bytes, head);
  const at = head + 20;
  const pseudo = ip.protocol === 1 ? 0 : pseudoHeader(ip.source, ip.destination, ip.protocol, tail - at);
  return [checksum(bytes, head, 20) === 0, checksum(bytes, at, tail - at, pseudo) === 0];
}

const FROM = '10.0.2.2:5000';
const TO = '203.0.113.9:80';
const address = fc.nat(0xffffffff);
const port = fc.nat(0xffff);

describe('a packet that NAT rewrites', () => {
  it('keeps right checksums, and is the same again when it is rewritten back (law)', () => {
    const kind = fc.constantFrom('tcp', 'udp', 'icmp', 'reply');
    const side = fc.constantFrom('source' as const, 'destination' as const);
    fc.assert(
      fc.property(kind, side, address, port, fc.uint8Array({ maxLength: 9 }), (protocol, end, to, newPort, payload) => {
        const packet = packetOf(made(protocol, FROM, TO, 'S', { payload }));
        const before = packet.bytes.slice(packet.head, packet.tail);
        const target = new Rewritten().aim(packet, true);
        const isIcmp = target.protocol === 1;
        const at = packet.head + 20 + (isIcmp ? 4 : end === 'source' ? 0 : 2);
        const [oldAddress, oldPort] = [
          end === 'source' ? packet.ip.source : packet.ip.destination,
          u16(packet.bytes, at),
        ];
        rewriteAddress(target, end, to);
        rewritePort(target, end, newPort);
        expect(end === 'source' ? packet.ip.source : packet.ip.destination).toBe(to);
        expect([u16(packet.bytes, at), holds(packet)]).toEqual([newPort, [true, true]]);
        rewriteAddress(target, end, oldAddress);
        rewritePort(target, end, oldPort);
        expect(packet.bytes.slice(packet.head, packet.tail)).toEqual(before);
      }),
    );
  });

  it('without ports has its address changed alone: a later fragment, another protocol', () => {
    for (const [bytes, hasTransport] of [
      [made('udp', FROM, TO, '', { fragment: 100 }), false],
      [made('47', FROM, TO, '', { payload: new Uint8Array(8).fill(7) }), true],
    ] as const) {
      const packet = packetOf(bytes);
      const target = new Rewritten().aim(packet, hasTransport);
      rewriteAddress(target, 'source', ipv4('192.0.2.1'));
      if (!hasTransport) rewritePort(target, 'source', 9);
      expect([packet.ip.source, holds(packet)[0]]).toEqual([ipv4('192.0.2.1'), true]);
      expect(packet.bytes.slice(packet.head + 20, packet.tail)).toEqual(bytes.slice(20));
      expect(packet.bytes.slice(packet.head, packet.head + 10)).toEqual(bytes.slice(0, 10));
    }
  });

  it('of UDP without a checksum is left without one; a computed 0 is written as all ones', () => {
    const none = packetOf(made('udp', FROM, TO));
    none.bytes.fill(0, none.head + 26, none.head + 28);
    rewriteAddress(new Rewritten().aim(none, true), 'source', 1);
    expect(u16(none.bytes, none.head + 26)).toBe(0);
    const packet = packetOf(made('udp', FROM, TO));
    const sum = u16(packet.bytes, packet.head + 26);
    rewritePort(new Rewritten().aim(packet, true), 'source', (5000 + sum) % 0xffff);
    expect(u16(packet.bytes, packet.head + 26)).toBe(0xffff);
  });
});

describe('a packet that an ICMP error quotes', () => {
  it.each([
    ['tcp', 28],
    ['tcp', 37],
    ['tcp', 38],
    ['tcp', 40],
    ['udp', 28],
    ['icmp', 28],
  ] as const)('%s of which %i bytes are there: every checksum that is there holds, the error’s too', (kind, length) => {
    const whole = made(kind, FROM, TO, 'S');
    const error = packetOf(icmpError('203.0.113.9', '10.0.2.2', 3, 1, whole, length));
    const target = new Rewritten().aimAtQuoted(error, must(quotedPacket(error), 'it quotes'));
    rewriteAddress(target, 'source', ipv4('192.0.2.1'));
    rewritePort(target, 'source', 0x1234);
    expect(holds(error)).toEqual([true, true]);
    const quoted = packetOf(error.bytes.slice(error.head + 28, error.tail));
    expect([quoted.ip.source, checksum(quoted.bytes, quoted.head, 20)]).toEqual([ipv4('192.0.2.1'), 0]);
    expect(u16(quoted.bytes, quoted.head + (kind === 'icmp' ? 24 : 20))).toBe(0x1234);
    // Where the whole packet is quoted its checksum holds; TCP's lies in bytes 36 and 37.
    if (length === whole.length) expect(holds(quoted)).toEqual([true, true]);
    const changed = [...quoted.bytes.subarray(quoted.head, quoted.tail)].flatMap((byte, at) =>
      byte === whole[at] ? [] : [at],
    );
    const sum = kind === 'tcp' ? (length >= 38 ? [36, 37] : []) : kind === 'udp' ? [26, 27] : [22, 23];
    const field = kind === 'icmp' ? [24, 25] : [20, 21];
    expect(changed.every((at) => [10, 11, 12, 13, 14, 15, ...field, ...sum].includes(at))).toBe(true);
    if (sum.length > 0) expect(changed.some((at) => sum.includes(at))).toBe(true);
  });
});
