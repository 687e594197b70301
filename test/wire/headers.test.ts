import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';
import { ARP_LENGTH, ARP_REPLY, ARP_REQUEST, ArpPacket, putArp } from '../../sim/wire/arp.ts';
import { checksum } from '../../sim/wire/checksum.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetHeader } from '../../sim/wire/ethernet.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO_REQUEST,
  ICMP_FRAG_NEEDED,
  ICMP_LENGTH,
  IcmpHeader,
  icmpQueryOf,
  icmpReplyTo,
  isIcmpError,
  putIcmp,
} from '../../sim/wire/icmp.ts';
import { IP_DF, IP_MF, IPV4_LENGTH, Ipv4Header, PROTOCOL_ICMP, PROTOCOL_UDP, putIpv4 } from '../../sim/wire/ipv4.ts';
import { putUdp, UDP_LENGTH, UdpHeader, udpChecksumHolds } from '../../sim/wire/udp.ts';

/*
 * Frames as Linux sent them, recorded with tcpdump. Getters must read from them what tshark reads; put* must lay down
 * the same bytes over a buffer full of 0xa5, so that a byte left out shows.
 */

/** Who has 10.0.0.2? Tell 10.0.0.1 */
const ARP_FRAME = bytesOf(`
  ff ff ff ff ff ff 02 00 00 00 00 0a 08 06 00 01
  08 00 06 04 00 01 02 00 00 00 00 0a 0a 00 00 01
  00 00 00 00 00 00 0a 00 00 02`);

/** 10.0.0.1 pings 10.0.0.2: id 0x62df, sequence 1, TTL 64, DF. */
const ECHO_FRAME = bytesOf(`
  02 00 00 00 00 0b 02 00 00 00 00 0a 08 00 45 00
  00 54 64 90 40 00 40 01 c2 16 0a 00 00 01 0a 00
  00 02 08 00 07 96 62 df 00 01 54 39 01 6b 00 00
  00 00 70 12 09 00 00 00 00 00 10 11 12 13 14 15
  16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25
  26 27 28 29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35
  36 37`);

/** 10.0.1.2:40001 to 10.0.2.2:9999, "0123456789abcdef0123". */
const UDP_FRAME = bytesOf(`
  02 00 00 00 00 01 02 00 00 00 00 0a 08 00 45 00
  00 30 a1 d4 40 00 40 11 81 e5 0a 00 01 02 0a 00
  02 02 9c 41 27 0f 00 1c 93 c6 30 31 32 33 34 35
  36 37 38 39 61 62 63 64 65 66 30 31 32 33`);

/** What 10.0.2.2 answered to it: port unreachable, TOS 0xc0, quoting it whole. */
const UNREACHABLE_FRAME = bytesOf(`
  02 00 00 00 00 0a 02 00 00 00 00 01 08 00 45 c0
  00 4c 0e 15 00 00 3f 01 55 d9 0a 00 02 02 0a 00
  01 02 03 03 14 2e 00 00 00 00 45 00 00 30 a1 d4
  40 00 3f 11 82 e5 0a 00 01 02 0a 00 02 02 9c 41
  27 0f 00 1c 93 c6 30 31 32 33 34 35 36 37 38 39
  61 62 63 64 65 66 30 31 32 33`);

const NETWORK = ETHERNET_LENGTH;
const TRANSPORT = NETWORK + IPV4_LENGTH;

const BLANK = {
  tos: 0,
  totalLength: 24,
  identification: 0,
  fragment: 0,
  ttl: 1,
  protocol: PROTOCOL_ICMP,
  source: 0,
  destination: 0,
};

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

function dirty(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xa5);
}

const ip = (text: string): number => parseIpv4(text) ?? Number.NaN;

/** Writes into the middle of a dirty buffer; what lies before and behind must stay as it is. */
function written(length: number, write: (bytes: Uint8Array, offset: number) => void): Uint8Array {
  const bytes = dirty(length + 32);
  write(bytes, 16);
  const beside = [...bytes.subarray(0, 16), ...bytes.subarray(16 + length)];
  expect(beside.every((byte) => byte === 0xa5)).toBe(true);
  return bytes.slice(16, 16 + length);
}

describe('Ethernet', () => {
  it('reads a frame', () => {
    const header = new EthernetHeader(ARP_FRAME, 0);
    expect([header.destination, header.source, header.etherType]).toEqual([
      0xffffffffffff,
      0x02000000000a,
      ETHERTYPE_ARP,
    ]);
    expect(new EthernetHeader(UDP_FRAME, 0).etherType).toBe(ETHERTYPE_IPV4);
  });

  it('writes the same bytes', () => {
    const bytes = written(ETHERNET_LENGTH, (buffer, offset) => {
      const header = new EthernetHeader(buffer, offset);
      header.destination = 0xffffffffffff;
      header.source = 0x02000000000a;
      header.etherType = ETHERTYPE_ARP;
    });
    expect(bytes).toEqual(ARP_FRAME.slice(0, ETHERNET_LENGTH));
  });
});

describe('ARP', () => {
  it('reads a request', () => {
    const arp = new ArpPacket(ARP_FRAME, NETWORK);
    expect([arp.hardwareType, arp.protocolType, arp.hardwareLength, arp.protocolLength]).toEqual([1, 0x0800, 6, 4]);
    expect([arp.operation, arp.senderMac, arp.targetMac]).toEqual([ARP_REQUEST, 0x02000000000a, 0]);
    expect([arp.senderAddress, arp.targetAddress].map(formatIpv4)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('writes the same bytes', () => {
    const fields = { senderMac: 0x02000000000a, senderAddress: ip('10.0.0.1'), targetMac: 0 };
    const bytes = written(ARP_LENGTH, (buffer, offset) =>
      putArp(buffer, offset, { ...fields, operation: ARP_REQUEST, targetAddress: ip('10.0.0.2') }),
    );
    expect(bytes).toEqual(ARP_FRAME.slice(NETWORK));
  });

  it('reads back any fields', () => {
    const mac = fc.nat({ max: 0xffffffffffff });
    const address = fc.nat({ max: 0xffffffff });
    const fields = fc.record({
      operation: fc.constantFrom(ARP_REQUEST, ARP_REPLY, 0xffff),
      senderMac: mac,
      senderAddress: address,
      targetMac: mac,
      targetAddress: address,
    });
    fc.assert(
      fc.property(fields, (expected) => {
        const bytes = written(ARP_LENGTH, (buffer, offset) => putArp(buffer, offset, expected));
        expect(new ArpPacket(bytes, 0)).toMatchObject(expected);
      }),
    );
  });
});

describe('IPv4', () => {
  it('reads a header', () => {
    expect(new Ipv4Header(UDP_FRAME, NETWORK)).toMatchObject({
      version: 4,
      headerLength: 20,
      tos: 0,
      totalLength: 48,
      identification: 0xa1d4,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      isFragment: false,
      ttl: 64,
      protocol: PROTOCOL_UDP,
      checksum: 0x81e5,
      source: ip('10.0.1.2'),
      destination: ip('10.0.2.2'),
    });
    expect(new Ipv4Header(UNREACHABLE_FRAME, NETWORK)).toMatchObject({ tos: 0xc0, fragment: 0, ttl: 63, protocol: 1 });
  });

  it('writes the same bytes, its checksum included', () => {
    const bytes = written(IPV4_LENGTH, (buffer, offset) =>
      putIpv4(buffer, offset, {
        tos: 0,
        totalLength: 48,
        identification: 0xa1d4,
        fragment: IP_DF,
        ttl: 64,
        protocol: PROTOCOL_UDP,
        source: ip('10.0.1.2'),
        destination: ip('10.0.2.2'),
      }),
    );
    expect(bytes).toEqual(UDP_FRAME.slice(NETWORK, TRANSPORT));
  });

  it('a router lowers the TTL and mends the checksum: the error quotes the header as the router left it', () => {
    const header = new Ipv4Header(UDP_FRAME.slice(NETWORK, TRANSPORT), 0);
    header.decreaseTtl();
    const quoted = TRANSPORT + ICMP_LENGTH;
    expect(header.bytes).toEqual(UNREACHABLE_FRAME.slice(quoted, quoted + IPV4_LENGTH));
  });

  const fields = fc.record({
    tos: fc.nat({ max: 255 }),
    totalLength: fc.nat({ max: 0xffff }),
    identification: fc.nat({ max: 0xffff }),
    fragment: fc.nat({ max: 0xffff }),
    ttl: fc.integer({ min: 1, max: 255 }),
    protocol: fc.nat({ max: 255 }),
    source: fc.nat({ max: 0xffffffff }),
    destination: fc.nat({ max: 0xffffffff }),
  });

  it('reads back any fields, and the checksum holds', () => {
    fc.assert(
      fc.property(fields, (expected) => {
        const bytes = written(IPV4_LENGTH, (buffer, offset) => putIpv4(buffer, offset, expected));
        expect(new Ipv4Header(bytes, 0)).toMatchObject(expected);
        expect(checksum(bytes, 0, IPV4_LENGTH)).toBe(0);
      }),
    );
  });

  it('mending the checksum at every hop is the same as computing it afresh', () => {
    fc.assert(
      fc.property(fields, (start) => {
        const hops = new Ipv4Header(dirty(IPV4_LENGTH), 0);
        putIpv4(hops.bytes, 0, start);
        for (let ttl = start.ttl - 1; ttl >= 0; ttl--) {
          hops.decreaseTtl();
          const fresh = dirty(IPV4_LENGTH);
          putIpv4(fresh, 0, { ...start, ttl });
          expect(hops.bytes).toEqual(fresh);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes the fragment field apart: DF, MF, and an offset in units of 8 bytes', () => {
    const header = new Ipv4Header(dirty(IPV4_LENGTH), 0);
    const parts = (fragment: number) => {
      header.fragment = fragment;
      return [header.dontFragment, header.moreFragments, header.fragmentOffset, header.isFragment];
    };
    expect(parts(0)).toEqual([false, false, 0, false]);
    expect(parts(IP_DF)).toEqual([true, false, 0, false]);
    expect(parts(IP_MF)).toEqual([false, true, 0, true]);
    expect(parts(185)).toEqual([false, false, 1480, true]);
    expect(parts(0x1fff)).toEqual([false, false, 65528, true]);
  });

  it('its checksum covers the options', () => {
    const header = new Ipv4Header(dirty(24), 0);
    putIpv4(header.bytes, 0, BLANK);
    header.bytes[0] = 0x46;
    header.writeChecksum();
    expect(checksum(header.bytes, 0, 24)).toBe(0);
    expect(checksum(header.bytes, 0, 20)).not.toBe(0);
  });
});

describe('ICMP', () => {
  it('reads an echo request, and an error', () => {
    expect(new IcmpHeader(ECHO_FRAME, TRANSPORT)).toMatchObject({
      type: ICMP_ECHO_REQUEST,
      code: 0,
      checksum: 0x0796,
      identifier: 0x62df,
      sequence: 1,
    });
    expect(new IcmpHeader(UNREACHABLE_FRAME, TRANSPORT)).toMatchObject({ type: 3, code: 3, checksum: 0x142e });
    const tooBig = new IcmpHeader(bytesOf('03 04 f0 56 00 00 05 78'), 0);
    expect([tooBig.type, tooBig.code, tooBig.nextHopMtu]).toEqual([ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1400]);
  });

  it.each([
    ['echo request', ECHO_FRAME, { type: 8, code: 0, word1: 0x62df, word2: 1 }],
    ['port unreachable', UNREACHABLE_FRAME, { type: 3, code: 3, word1: 0, word2: 0 }],
  ])('writes the same bytes: %s', (_, frame, fields) => {
    const expected = frame.slice(TRANSPORT);
    const bytes = written(expected.length, (buffer, offset) => {
      buffer.set(expected.subarray(ICMP_LENGTH), offset + ICMP_LENGTH);
      putIcmp(buffer, offset, expected.length, fields);
    });
    expect(bytes).toEqual(expected);
  });

  it('pairs each query with its reply: echo, timestamp, information, address mask', () => {
    const types = Array.from({ length: 256 }, (_, type) => type);
    const answered = types.filter((type) => icmpReplyTo(type) !== undefined);
    expect(answered.map((type) => [type, icmpReplyTo(type)])).toEqual([
      [8, 0],
      [13, 14],
      [15, 16],
      [17, 18],
    ]);
    const replies = types.filter((type) => icmpQueryOf(type) !== undefined);
    expect(replies.map((type) => [icmpQueryOf(type), type])).toEqual([
      [8, 0],
      [13, 14],
      [15, 16],
      [17, 18],
    ]);
  });

  it('tells errors from queries: only a query may be answered by an error', () => {
    const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpError);
    expect(errors).toEqual([3, 4, 5, 11, 12]);
  });
});

describe('UDP', () => {
  const length = UDP_FRAME.length - TRANSPORT;
  const ends = { source: ip('10.0.1.2'), destination: ip('10.0.2.2') };

  it('reads a header', () => {
    expect(new UdpHeader(UDP_FRAME, TRANSPORT)).toMatchObject({
      sourcePort: 40001,
      destinationPort: 9999,
      length: 28,
      checksum: 0x93c6,
    });
    expect(udpChecksumHolds(UDP_FRAME, TRANSPORT, length, ends.source, ends.destination)).toBe(true);
  });

  it('writes the same bytes, its checksum included', () => {
    const bytes = written(length, (buffer, offset) => {
      buffer.set(UDP_FRAME.subarray(TRANSPORT + UDP_LENGTH), offset + UDP_LENGTH);
      putUdp(buffer, offset, { sourcePort: 40001, destinationPort: 9999, length, ...ends });
    });
    expect(bytes).toEqual(UDP_FRAME.slice(TRANSPORT));
  });

  it('a checksum of 0 means none and holds, whatever the data', () => {
    const bytes = UDP_FRAME.slice(TRANSPORT);
    bytes.set([0, 0], 6);
    bytes.fill(0xff, 8);
    expect(udpChecksumHolds(bytes, 0, length, ends.source, ends.destination)).toBe(true);
  });

  it('a computed checksum of 0 is sent as 0xffff, and holds', () => {
    const payload = fc.uint8Array({ maxLength: 40 });
    const port = fc.nat({ max: 0xffff });
    fc.assert(
      fc.property(payload, port, port, (data, sourcePort, destinationPort) => {
        const all = UDP_LENGTH + data.length + (data.length & 1) + 2;
        const bytes = dirty(all);
        bytes.set(data, UDP_LENGTH);
        const put = () => putUdp(bytes, 0, { sourcePort, destinationPort, length: all, ...ends });
        // Two bytes at the end that bring the sum to zero: the checksum of the data with zeros in their place.
        bytes.set([0, 0], all - 2);
        put();
        const { checksum: rest } = new UdpHeader(bytes, 0);
        bytes.set([rest >>> 8, rest & 255], all - 2);
        put();
        expect(new UdpHeader(bytes, 0).checksum).toBe(0xffff);
        expect(udpChecksumHolds(bytes, 0, all, ends.source, ends.destination)).toBe(true);
      }),
    );
  });

  it('notices any single byte that changed, in the header, the data or the pseudo header', () => {
    fc.assert(
      fc.property(fc.nat({ max: length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = UDP_FRAME.slice(TRANSPORT);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        fc.pre(new UdpHeader(bytes, 0).checksum !== 0);
        expect(udpChecksumHolds(bytes, 0, length, ends.source, ends.destination)).toBe(false);
      }),
    );
    expect(udpChecksumHolds(UDP_FRAME, TRANSPORT, length, ends.source, ends.destination + 1)).toBe(false);
  });
});

describe('a header view outside its buffer', () => {
  it('is a bug at the first byte that is not there', () => {
    const short = new Uint8Array(IPV4_LENGTH - 1);
    expect(() => new Ipv4Header(short, 0).destination).toThrow(SimulatorBug);
    expect(() => new UdpHeader(new Uint8Array(7), 0).checksum).toThrow(SimulatorBug);
    expect(() => new ArpPacket(new Uint8Array(27), 0).targetAddress).toThrow(SimulatorBug);
    expect(() => putIpv4(short, 0, BLANK)).toThrow(SimulatorBug);
  });
});
