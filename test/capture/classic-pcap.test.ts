import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { ns } from '../../sim/core/time.ts';
import { anyCaptures, ETH1, frame, hex, VRFIF0 } from './frames.ts';
import { readPcap } from './read-captures.ts';

describe('a classic pcap file', () => {
  it('is a header with the nanosecond magic and a record a frame, byte by byte', () => {
    const one = frame({ time: ns(2_000_000_001), bytes: hex('de ad be ef 01'), comment: 'not kept' });
    expect(writePcap(ETH1, [one])).toEqual(
      hex(`4d 3c b2 a1  02 00 04 00  00 00 00 00  00 00 00 00  00 00 04 00  01 00 00 00
           02 00 00 00  01 00 00 00  05 00 00 00  05 00 00 00  de ad be ef 01`),
    );
  });

  it('of a device without a link header says raw IP', () => {
    expect(readPcap(writePcap(VRFIF0, []))).toEqual({ linkType: 101, snaplen: 262144, frames: [] });
  });

  it('keeps the last moment of simulated time', () => {
    const file = readPcap(writePcap(ETH1, [frame({ time: ns(Number.MAX_SAFE_INTEGER) })]));
    expect(file.frames.map(({ time }) => time)).toEqual([BigInt(Number.MAX_SAFE_INTEGER)]);
  });

  it('gives back every frame, by time and then by the order of capture (law)', () => {
    fc.assert(
      fc.property(anyCaptures, (captures) => {
        for (const { point, frames } of captures) {
          const inOrder = frames.toSorted((a, b) => a.time - b.time || a.serial - b.serial);
          expect(readPcap(writePcap(point, frames)).frames).toEqual(
            inOrder.map(({ time, bytes }) => ({ time: BigInt(time), bytes: [...bytes] })),
          );
        }
      }),
    );
  });
});
