import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { ns, seconds } from '../../sim/core/time.ts';
import { readMac } from '../../sim/wire/mac.ts';
import { anyCaptures, ETH1, frame, hex, VRFIF0 } from './frames.ts';
import { octets, readPcapng, text } from './read-captures.ts';

const SECTION = `
  0a 0d 0d 0a  2c 00 00 00  4d 3c 2b 1a  01 00 00 00  ff ff ff ff ff ff ff ff
  04 00 07 00 63 75 74 61 77 61 79 00  00 00 00 00  2c 00 00 00`;

describe('a pcapng file, byte by byte', () => {
  it('without a point is one section header that names the program', () => {
    expect(writePcapng([])).toEqual(hex(SECTION));
  });

  it('describes an interface and holds a frame with comment, direction and packet number', () => {
    const point = { name: 'a:e0', description: 'port', mac: 0x02a1b2c3d4e5, linkType: 'ether' as const };
    const one = frame({
      time: ns(0x1_0000_0002),
      direction: 'out',
      packet: 0x3_0000_0004,
      bytes: hex('de ad be ef 01'),
      comment: 'é!',
    });
    expect(writePcapng([{ point, frames: [one] }])).toEqual(
      hex(`${SECTION}
        01 00 00 00  3c 00 00 00  01 00 00 00  00 00 04 00
        02 00 04 00 61 3a 65 30
        03 00 04 00 70 6f 72 74
        06 00 06 00 02 a1 b2 c3 d4 e5 00 00
        09 00 01 00 09 00 00 00
        00 00 00 00  3c 00 00 00
        06 00 00 00  48 00 00 00  00 00 00 00  01 00 00 00 02 00 00 00  05 00 00 00  05 00 00 00
        de ad be ef 01 00 00 00
        01 00 03 00 c3 a9 21 00
        02 00 04 00 02 00 00 00
        05 00 08 00 04 00 00 00 03 00 00 00
        00 00 00 00  48 00 00 00`),
    );
  });

  it('leaves out what a point does not have: a raw IP device without description and MAC', () => {
    const { interfaces } = readPcapng(writePcapng([{ point: VRFIF0, frames: [] }]));
    expect(interfaces.map(({ linkType, snaplen }) => ({ linkType, snaplen }))).toEqual([
      { linkType: 101, snaplen: 262144 },
    ]);
    expect([...(interfaces[0]?.options.keys() ?? [])]).toEqual([2, 9]);
  });
});

describe('frames of several points in one file', () => {
  it('come by time, and by the order they were captured where times are equal', () => {
    const file = writePcapng([
      {
        point: ETH1,
        frames: [
          frame({ time: ns(5), serial: 4, packet: 14 }),
          frame({ time: ns(5), serial: 2, packet: 12 }),
          frame({ time: ns(9), serial: 5, packet: 15 }),
        ],
      },
      {
        point: VRFIF0,
        frames: [frame({ time: ns(5), serial: 3, packet: 13 }), frame({ time: ns(1), serial: 1, packet: 11 })],
      },
    ]);
    const rows = readPcapng(file).frames.map((one) => [packetOf(one.options), one.interfaceId]);
    expect(rows).toEqual([
      [11n, 1],
      [12n, 0],
      [13n, 1],
      [14n, 0],
      [15n, 0],
    ]);
  });

  it('keep nanoseconds far beyond 2^32 of them, up to the end of simulated time', () => {
    const times = [ns(2 ** 32 - 1), ns(2 ** 32), seconds(8_999_999.5), ns(Number.MAX_SAFE_INTEGER)];
    const frames = times.map((time, serial) => frame({ time, serial }));
    expect(readPcapng(writePcapng([{ point: ETH1, frames }])).frames.map(({ time }) => time)).toEqual(
      times.map(BigInt),
    );
  });
});

describe('comments', () => {
  const commentOf = (comment: string | undefined) =>
    text(readPcapng(writePcapng([{ point: ETH1, frames: [frame({ comment })] }])).frames[0]?.options.get(1));

  it('are UTF-8, in any script', () => {
    expect(commentOf('规则 3 → DROP 🚧 é')).toBe('规则 3 → DROP 🚧 é');
  });

  it('are absent when there is nothing to say', () => {
    expect(commentOf('')).toBeUndefined();
    expect(commentOf(undefined)).toBeUndefined();
  });

  it('are cut between characters where the 16-bit length of an option ends', () => {
    expect(commentOf('x'.repeat(65535))).toHaveLength(65535);
    expect(commentOf(`${'x'.repeat(65533)}规`)).toBe('x'.repeat(65533));
  });
});

describe('laws', () => {
  it('what was written is read back: no frame lost, none invented, in order', () => {
    fc.assert(
      fc.property(anyCaptures, (captures) => {
        const file = readPcapng(writePcapng(captures));
        expect(text(file.section.get(4))).toBe('cutaway');
        expect(
          file.interfaces.map(({ linkType, options }) => {
            const mac = options.get(6);
            return {
              linkType: linkType === 1 ? 'ether' : 'raw',
              name: text(options.get(2)),
              description: text(options.get(3)) ?? '',
              mac: mac === undefined ? undefined : readMac(Uint8Array.from(octets(mac)), 0),
              resolution: options.get(9)?.getUint8(0),
            };
          }),
        ).toEqual(captures.map(({ point }) => ({ ...point, description: readable(point.description), resolution: 9 })));
        const expected = captures
          .flatMap(({ frames }, interfaceId) => frames.map((one) => ({ one, interfaceId })))
          .sort((a, b) => a.one.time - b.one.time || a.one.serial - b.one.serial);
        expect(
          file.frames.map(({ interfaceId, time, bytes, options }) => ({
            interfaceId,
            time,
            bytes,
            comment: text(options.get(1)) ?? '',
            flags: options.get(2)?.getUint32(0, true),
            packet: packetOf(options),
          })),
        ).toEqual(
          expected.map(({ one, interfaceId }) => ({
            interfaceId,
            time: BigInt(one.time),
            bytes: [...one.bytes],
            comment: readable(one.comment ?? ''),
            flags: one.direction === 'in' ? 1 : 2,
            packet: BigInt(one.packet),
          })),
        );
      }),
    );
  });

  it('the same frames are the same bytes, in whatever order they were collected', () => {
    fc.assert(
      fc.property(anyCaptures, (captures) => {
        const reversed = captures.map(({ point, frames }) => ({ point, frames: frames.toReversed() }));
        expect(writePcapng(reversed)).toEqual(writePcapng(captures));
      }),
    );
  });
});

/** What is left of a text with lone surrogates after it was UTF-8. */
function readable(any: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(any));
}

function packetOf(options: ReadonlyMap<number, DataView>): bigint | undefined {
  return options.get(5)?.getBigUint64(0, true);
}
