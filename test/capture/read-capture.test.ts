import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { readCapture } from '../../sim/capture/read-capture.ts';
import type { CaptureFault, ReadFrame } from '../../sim/capture/read-frame.ts';
import { ns } from '../../sim/core/time.ts';
import { ARP_REQUEST, anyCaptures, ETH1, frame, hex, UDP_PACKET, VRFIF0 } from './frames.ts';

function read(file: Uint8Array): { frames: ReadFrame[]; fault: CaptureFault | undefined } {
  const frames: ReadFrame[] = [];
  const reader = readCapture(file);
  for (;;) {
    const next = reader.next();
    if (next.done === true) return { frames, fault: next.value };
    frames.push(next.value);
  }
}

const text = (content: string) => new TextEncoder().encode(content);
const summary = (file: Uint8Array) =>
  read(file).frames.map(({ time, linkType, bytes, wireLength }) => [time, linkType, [...bytes], wireLength]);

/** Two bytes of a frame on Ethernet at 1.5 s, as pcap in the big or small end first, in micro- or nanoseconds. */
const PCAPS = {
  'little endian, microseconds':
    'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000 01000000 20a10700 02000000 3c000000 abcd',
  'big endian, microseconds':
    'a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001 00000001 0007a120 00000002 0000003c abcd',
  'little endian, nanoseconds':
    '4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000 01000000 0065cd1d 02000000 3c000000 abcd',
  'big endian, nanoseconds':
    'a1b23c4d 0002 0004 00000000 00000000 00040000 00000001 00000001 1dcd6500 00000002 0000003c abcd',
} as const;

const SECTION_LITTLE = '0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000';
const SECTION_BIG = '0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c';

describe('a capture file is read', () => {
  it.each(Object.entries(PCAPS))('as pcap, %s', (_, digits) => {
    expect(summary(hex(digits))).toEqual([[1_500_000_000n, 1, [0xab, 0xcd], 60]]);
  });

  it('as pcapng with sections of either byte order, resolutions, unknown blocks and frames of every kind', () => {
    const file = hex(`
      ${SECTION_LITTLE}
      01000000 20000000 0100 0000 00000400 0900 0100 03000000 0000 0000 20000000
      ad0b0000 10000000 deadbeef 10000000
      06000000 24000000 00000000 00000000 dc050000 02000000 3c000000 abcd0000 24000000
      03000000 14000000 02000000 ef010000 14000000
      ${SECTION_BIG}
      00000001 00000018 0065 0000 00000000 00000000 00000018
      00000002 00000024 0000 0000 00000000 0016e360 00000002 00000002 ab120000 00000024`);
    expect(read(file).fault).toBeUndefined();
    expect(summary(file)).toEqual([
      [1_500_000_000n, 1, [0xab, 0xcd], 60],
      // A simple packet has no time of its own.
      [1_500_000_000n, 1, [0xef, 0x01], 2],
      [1_500_000_000n, 101, [0xab, 0x12], 2],
    ]);
  });

  it('law: what the writers wrote', () => {
    fc.assert(
      fc.property(anyCaptures, (captures) => {
        const { frames, fault } = read(writePcapng(captures));
        expect(fault).toBeUndefined();
        const all = captures.flatMap(({ point, frames: own }) => own.map((one) => ({ point, one })));
        expect(frames.map(({ time, bytes }) => `${time} ${bytes}`).sort()).toEqual(
          all.map(({ one }) => `${one.time} ${one.bytes}`).sort(),
        );
      }),
    );
  });

  it('law: cut off anywhere, or with any byte changed, it ends in frames or in a fault inside the file', () => {
    const whole = writePcapng([
      { point: ETH1, frames: [frame({ time: ns(5) })] },
      { point: VRFIF0, frames: [frame({ time: ns(7), bytes: UDP_PACKET })] },
    ]);
    const classic = writePcap(ETH1, [frame({ time: ns(5) }), frame({ time: ns(6) })]);
    fc.assert(
      fc.property(fc.constantFrom(whole, classic), fc.nat(), fc.nat(255), fc.boolean(), (file, at, byte, isCut) => {
        const place = at % file.length;
        const broken = isCut ? file.slice(0, place) : file.with(place, byte);
        const { frames, fault } = read(broken);
        expect(frames.length).toBeLessThan(3);
        if (fault !== undefined) expect(fault.offset).toBeLessThanOrEqual(broken.length);
      }),
    );
  });
});

describe('what is no capture is told with the byte where it shows', () => {
  const pcapng = writePcapng([{ point: ETH1, frames: [frame({})] }]);
  const pcap = writePcap(ETH1, [frame({})]);
  it.each<[string, Uint8Array, number, string]>([
    ['nothing', new Uint8Array(0), 0, 'the file is empty'],
    ['gzip', hex('1f8b0800'), 0, 'this is compressed by gzip: unpack it first (gunzip)'],
    ['zip', hex('504b0304'), 0, 'this is a zip archive: unpack it first'],
    ['text', text('topology:\n  nodes: {}\n'), 0, 'this is text'],
    [
      'other bytes',
      hex('00010203 04'),
      0,
      'this is no capture: its first four bytes are those of neither pcap nor pcapng',
    ],
    ['a header cut off', pcap.slice(0, 20), 20, 'the file ends inside its header: 20 bytes of 24'],
    ['a record cut off', pcap.slice(0, 30), 24, 'the file is cut off inside the header of a frame'],
    [
      'a frame cut off',
      pcap.slice(0, 50),
      40,
      `the file is cut off inside a frame: 10 of its ${ARP_REQUEST.length} bytes are there`,
    ],
    ['a length without measure', pcap.with(35, 0x7f), 32, 'a frame of 2130706474 bytes: the file is damaged'],
    [
      'a block cut off',
      pcapng.slice(0, -2),
      pcapng.length - 100,
      'the file is cut off inside a block: 98 of its 100 bytes are there',
    ],
    [
      'lengths that differ',
      pcapng.with(-4, 96),
      pcapng.length - 4,
      'a block of 100 bytes says at its end that it has 96',
    ],
    [
      'a length of no block',
      hex(`${SECTION_LITTLE} 06000000 0a000000 00000000`),
      32,
      'a block of 10 bytes: the file is damaged',
    ],
    [
      'no byte order',
      hex('0a0d0d0a 1c000000 00000000 01000000'),
      8,
      'the byte order of a section is neither big nor little endian',
    ],
    [
      'a frame of nobody',
      hex(`${SECTION_LITTLE} 03000000 14000000 02000000 ef010000 14000000`),
      36,
      'a frame before any interface was described',
    ],
  ])('%s', (_, file, offset, message) => expect(read(file).fault).toEqual({ offset, message }));
});
