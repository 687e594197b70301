import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { netifReceive } from '../../sim/link/device.ts';
import { Packet } from '../../sim/packet/packet.ts';
import { put8, put16, put32 } from '../../sim/wire/bytes.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4 } from '../../sim/wire/ethernet.ts';
import { putIcmp } from '../../sim/wire/icmp.ts';
import { IP_MF, Ipv4Header, putIpv4 } from '../../sim/wire/ipv4.ts';
import { putMac } from '../../sim/wire/mac.ts';
import { putUdp } from '../../sim/wire/udp.ts';
import type { Lab } from '../bench.ts';
import { routerLab } from './router-lab.ts';

/* Frames that no decent stack sends: each is dropped for its own reason, none is an exception. */

const IP = ETHERNET_LENGTH;
const DATA = IP + 20;

/** A sound frame for r's eth0: ICMP echo request, or UDP to a closed port, from a to `destination`. */
function frame(protocol: 1 | 17, destination = 0x0a000101): Uint8Array {
  const bytes = new Uint8Array(DATA + 16);
  putMac(bytes, 0, 0x020000000001);
  putMac(bytes, 6, 0x02000000000a);
  put16(bytes, 12, ETHERTYPE_IPV4);
  const source = 0x0a000102;
  const fields = { tos: 0, totalLength: 36, identification: 7, fragment: 0, ttl: 64 };
  putIpv4(bytes, IP, { ...fields, protocol, source, destination });
  if (protocol === 1) putIcmp(bytes, DATA, 16, { type: 8, code: 0, word1: 1, word2: 1 });
  else putUdp(bytes, DATA, { sourcePort: 1000, destinationPort: 9, length: 16, source, destination });
  return bytes;
}

function inject(lab: Lab, bytes: Uint8Array): void {
  const device = lab.stack('r').net.device('eth0');
  if (device === undefined) throw new Error('r has eth0');
  netifReceive(Packet.of(lab.world.ledger, bytes), device);
  lab.world.audit();
}

/** The reasons for which r drops a frame, and its counters. */
function fate(bytes: Uint8Array): { readonly drops: readonly string[]; readonly counters: Record<string, number> } {
  const lab = routerLab();
  inject(lab, bytes);
  const drops = [...lab.world.ledger.drops.keys()].map((reason) => reason.replace('kernel:', ''));
  return { drops, counters: lab.counters('r') };
}

/** `bytes` changed, with a right header checksum after. */
function changed(bytes: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  change(bytes);
  new Ipv4Header(bytes, IP).writeChecksum();
  return bytes;
}

const at = (offset: number, value: number) => (bytes: Uint8Array) => put8(bytes, offset, value);
const echo = (): Uint8Array => frame(1);

describe('an IP header', () => {
  it.each([
    ['is not whole', echo().subarray(0, IP + 19), 'PKT_TOO_SMALL', 'IpInHdrErrors'],
    ['has version 5', changed(echo(), at(IP, 0x55)), 'IP_INHDR', 'IpInHdrErrors'],
    ['has 4 words', changed(echo(), at(IP, 0x44)), 'IP_INHDR', 'IpInHdrErrors'],
    ['has more words than there are bytes', echo().fill(0x4a, IP, IP + 1), 'PKT_TOO_SMALL', 'IpInHdrErrors'],
    ['has a wrong checksum', echo().fill(1, IP + 10, IP + 12), 'IP_CSUM', 'IpInHdrErrors'],
    ['promises more bytes than came', changed(echo(), at(IP + 3, 37)), 'PKT_TOO_SMALL', 'IpExtInTruncatedPkts'],
    ['promises less than itself', changed(echo(), at(IP + 3, 19)), 'IP_INHDR', 'IpInHdrErrors'],
  ])('that %s', (_, bytes, reason, counter) => {
    const { drops, counters } = fate(bytes);
    expect(drops).toEqual([reason]);
    expect(counters).toMatchObject({ IpInReceives: 1, [counter]: 1 });
  });

  it.each([
    ['a group', 0xe0000001, 'IP_INVALID_SOURCE'],
    ['255.255.255.255', 0xffffffff, 'IP_INVALID_SOURCE'],
    ['0.0.0.0', 0, 'IP_INVALID_SOURCE'],
    ['127.0.0.1', 0x7f000001, 'IP_LOCALNET'],
    ["the router's own address", 0x0a000101, 'IP_LOCAL_SOURCE'],
  ])('with %s as source', (_, source, reason) => {
    expect(fate(changed(echo(), (bytes) => put32(bytes, IP + 12, source))).drops).toEqual([reason]);
  });

  it.each([
    ['127.0.0.1', 0x7f000001, 'IP_LOCALNET'],
    ['0.0.0.0', 0, 'IP_INVALID_DEST'],
    ['a group nobody joined', 0xe0000105, 'IP_INVALID_DEST'],
  ])('with %s as destination', (_, destination, reason) => {
    expect(fate(changed(echo(), (bytes) => put32(bytes, IP + 16, destination))).drops).toEqual([reason]);
  });

  it('with TTL 0: delivered here, but not passed on', () => {
    expect(fate(changed(echo(), at(IP + 8, 0))).drops).toEqual([]);
    expect(fate(changed(frame(1, 0x0a000202), at(IP + 8, 0))).drops).toEqual(['IP_INHDR']);
  });

  it('in a frame that is padded: the padding is taken off', () => {
    const padded = new Uint8Array(64);
    padded.set(echo());
    expect(fate(padded)).toMatchObject({ drops: [], counters: { IcmpInEchos: 1, IcmpOutEchoReps: 1 } });
  });
});

describe('a frame', () => {
  it('shorter than an Ethernet header', () => {
    expect(fate(new Uint8Array(13)).drops).toHaveLength(1);
  });

  it('for another MAC', () => {
    const bytes = echo();
    put8(bytes, 5, 0x77);
    expect(fate(bytes)).toEqual({ drops: ['OTHERHOST'], counters: {} });
  });

  it('to everybody with a unicast packet in it is taken, but not passed on', () => {
    expect(fate(echo().fill(0xff, 0, 6))).toMatchObject({ drops: [], counters: { IcmpInEchos: 1 } });
    expect(fate(frame(1, 0x0a000202).fill(0xff, 0, 6)).drops).toEqual(['UNICAST_IN_L2_MULTICAST']);
  });

  it('to everybody with a unicast packet in it is not taken with drop_unicast_in_l2_multicast', () => {
    const lab = routerLab();
    lab.exec('r', 'sysctl -w net.ipv4.conf.eth0.drop_unicast_in_l2_multicast=1');
    inject(lab, echo().fill(0xff, 0, 6));
    expect([...lab.world.ledger.drops.keys()]).toEqual(['kernel:UNICAST_IN_L2_MULTICAST']);
  });

  it('of a type that nobody handles', () => {
    const bytes = echo();
    put16(bytes, 12, 0x88cc);
    expect(fate(bytes).drops).toEqual(['UNHANDLED_PROTO']);
  });
});

describe('what IP carries', () => {
  it('a protocol without a handler: protocol unreachable', () => {
    const { drops, counters } = fate(changed(echo(), at(IP + 9, 99)));
    expect(drops).toEqual(['IP_NOPROTO']);
    expect(counters).toMatchObject({ IpInUnknownProtos: 1, IcmpOutDestUnreachs: 1 });
  });

  it('ICMP with a wrong checksum', () => {
    const bytes = echo();
    put8(bytes, DATA + 9, 1);
    const { drops, counters } = fate(bytes);
    expect(drops).toEqual(['ICMP_CSUM']);
    expect(counters).toMatchObject({ IcmpInMsgs: 1, IcmpInErrors: 1, IcmpInCsumErrors: 1 });
  });

  it('ICMP of a type beyond 18', () => {
    const bytes = echo();
    putIcmp(bytes, DATA, 16, { type: 19, code: 0, word1: 0, word2: 0 });
    expect(fate(bytes)).toMatchObject({ drops: ['UNHANDLED_PROTO'], counters: { IcmpInErrors: 1 } });
  });

  it('an ICMP error that quotes too little', () => {
    const bytes = echo();
    putIcmp(bytes, DATA, 16, { type: 3, code: 3, word1: 0, word2: 0 });
    expect(fate(bytes)).toMatchObject({ drops: ['PKT_TOO_SMALL'], counters: { IcmpInErrors: 1 } });
  });

  it('an ICMP error is never answered with one', () => {
    const bytes = frame(1, 0x0a000909);
    putIcmp(bytes, DATA, 16, { type: 3, code: 3, word1: 0, word2: 0 });
    const { drops, counters } = fate(bytes);
    expect(drops).toEqual(['IP_INNOROUTES']);
    expect(counters).not.toHaveProperty('IcmpOutMsgs');
  });

  it.each([
    ['shorter than its header', 7],
    ['longer than the packet', 17],
  ])('UDP whose length is %s', (_, length) => {
    const bytes = frame(17);
    put16(bytes, DATA + 4, length);
    expect(fate(bytes)).toMatchObject({ drops: ['PKT_TOO_SMALL'], counters: { UdpInErrors: 1 } });
  });

  it('UDP with a wrong checksum, and with none', () => {
    const bytes = frame(17);
    put8(bytes, DATA + 9, 1);
    expect(fate(bytes)).toMatchObject({ drops: ['UDP_CSUM'], counters: { UdpInErrors: 1, UdpInCsumErrors: 1 } });
    put16(bytes, DATA + 6, 0);
    expect(fate(bytes)).toMatchObject({ drops: ['NO_SOCKET'], counters: { UdpNoPorts: 1 } });
  });
});

describe('whatever comes in by eth0', () => {
  const sound = fc.constantFrom(echo(), frame(17), frame(1, 0x0a000202), frame(17, 0x0a000202), frame(1, 0x0a000909));
  const headed = fc.record({
    base: sound,
    edits: fc.array(fc.tuple(fc.nat({ max: 49 }), fc.nat({ max: 255 })), { maxLength: 6 }),
    fragment: fc.option(fc.nat({ max: 0xffff }), { nil: undefined }),
    length: fc.nat({ max: 50 }),
    repairs: fc.boolean(),
  });
  const mutated = headed.map(({ base, edits, fragment, length, repairs }) => {
    const bytes = base.slice(0, edits.length % 2 === 0 ? base.length : length);
    for (const [offset, value] of edits) if (offset < bytes.length) put8(bytes, offset, value);
    if (bytes.length < DATA) return bytes;
    if (fragment !== undefined) put16(bytes, IP + 6, fragment & (IP_MF | 7));
    const header = new Ipv4Header(bytes, IP);
    if (repairs && IP + header.headerLength <= bytes.length && header.headerLength >= 20) header.writeChecksum();
    return bytes;
  });
  const noise = fc.uint8Array({ maxLength: 90 });
  const addressed = noise.map((bytes) => {
    const whole = new Uint8Array(ETHERNET_LENGTH + bytes.length);
    whole.set(echo().subarray(0, ETHERNET_LENGTH));
    whole.set(bytes, ETHERNET_LENGTH);
    if (bytes.length % 3 === 0) put16(whole, 12, 0x0806);
    return whole;
  });

  it('never throws, and every packet is consumed, dropped or held', () => {
    const frames = fc.array(fc.oneof(noise, addressed, mutated, mutated), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(frames, (sequence) => {
        const lab = routerLab();
        for (const bytes of sequence) inject(lab, bytes);
        lab.run({ wait: '40s' });
        expect(lab.world.held).toBe(0);
        // The router still works.
        expect(lab.ping('b', '10.0.2.1').probe.replies).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });
});
