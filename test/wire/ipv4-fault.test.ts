import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPV4_LENGTH, Ipv4Header, ipv4Fault, putIpv4 } from '../../sim/wire/ipv4.ts';

/** A sound datagram of 40 bytes, changed by `change`, with its checksum right again unless `change` says otherwise. */
function faultOf(change: (header: Ipv4Header) => void, available = 40, mends = true): string | undefined {
  const header = new Ipv4Header(new Uint8Array(96), 8);
  putIpv4(header.bytes, 8, {
    tos: 0,
    totalLength: 40,
    identification: 1,
    fragment: 0,
    ttl: 64,
    protocol: 17,
    source: 0x0a000001,
    destination: 0x0a000002,
  });
  change(header);
  if (mends) header.writeChecksum();
  return ipv4Fault(header.bytes, 8, available);
}

const put = (at: number, value: number) => (header: Ipv4Header) => {
  header.bytes[header.offset + at] = value;
};

describe('what ip_rcv_core() finds wrong with a header', () => {
  it('nothing, when it is sound', () => {
    expect(faultOf(() => {})).toBeUndefined();
  });

  it('nothing, when the frame is longer than the datagram: Ethernet pads', () => {
    expect(faultOf(() => {}, 46)).toBeUndefined();
  });

  it('a packet too small for 20 bytes', () => {
    for (const available of [0, 1, 19]) expect(faultOf(() => {}, available)).toBe('PKT_TOO_SMALL');
  });

  it('a version other than 4', () => {
    expect(faultOf(put(0, 0x65))).toBe('IP_INHDR');
    expect(faultOf(put(0, 0x05))).toBe('IP_INHDR');
  });

  it('a header length below 20 bytes', () => {
    expect(faultOf(put(0, 0x44))).toBe('IP_INHDR');
    expect(faultOf(put(0, 0x40))).toBe('IP_INHDR');
  });

  it('options that did not arrive', () => {
    expect(faultOf(put(0, 0x4f))).toBe('PKT_TOO_SMALL');
    expect(faultOf(put(0, 0x4a))).toBeUndefined();
  });

  it('a wrong checksum', () => {
    expect(faultOf(put(8, 63), 40, false)).toBe('IP_CSUM');
  });

  it('a total length beyond what arrived', () => {
    expect(faultOf((header) => (header.totalLength = 41))).toBe('PKT_TOO_SMALL');
  });

  it('a total length below the header', () => {
    expect(faultOf((header) => (header.totalLength = 19))).toBe('IP_INHDR');
    expect(faultOf((header) => (header.totalLength = 20))).toBeUndefined();
  });

  it('the checksum before the lengths: a header that lies about both is a matter of its checksum', () => {
    expect(faultOf((header) => (header.totalLength = 9999), 40, false)).toBe('IP_CSUM');
  });

  it('never reads beyond what is available, and finds nothing only where every claim holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, mends) => {
        const header = new Ipv4Header(bytes, 0);
        if (bytes.length >= IPV4_LENGTH) {
          bytes[0] = 0x40 | ((bytes[0] ?? 0) & 15);
          if (mends && header.headerLength >= IPV4_LENGTH && header.headerLength <= bytes.length)
            header.writeChecksum();
        }
        if (ipv4Fault(bytes, 0, bytes.length) !== undefined) return;
        expect(header.version).toBe(4);
        expect(header.headerLength).toBeLessThanOrEqual(header.totalLength);
        expect(header.totalLength).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
