import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapturedFrame, SNAPLEN } from '../../sim/capture/captured-frame.ts';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { PcapStream } from '../../sim/capture/pcap-stream.ts';
import { ns } from '../../sim/core/time.ts';

/** From an acknowledgement to more than a chunk of the file takes, each of one byte: many of them are soon compared. */
const LENGTHS = [0, 1, 60, 142, 1514, 65549, SNAPLEN - 1, SNAPLEN];
const frames = fc.array(
  fc.record({ gap: fc.nat(3_000_000_000), length: fc.constantFrom(...LENGTHS), filler: fc.nat(255) }),
  { maxLength: 30 },
);

describe('a capture that is written while the run goes on', () => {
  it('is the file that is written at its end, however long it gets', () => {
    fc.assert(
      fc.property(frames, fc.constantFrom('ether' as const, 'raw' as const), (list, linkType) => {
        const pieces: Uint8Array[] = [];
        const stream = new PcapStream(linkType, (chunk) => pieces.push(chunk.slice()));
        const kept: CapturedFrame[] = [];
        let now = 0;
        for (const [serial, { gap, length, filler }] of list.entries()) {
          now += gap;
          const bytes = new Uint8Array(length).fill(filler);
          stream.record(ns(now), bytes);
          kept.push({ serial, time: ns(now), direction: 'in', packet: serial, bytes, comment: undefined });
        }
        stream.flush();
        stream.flush();
        const whole = writePcap({ name: 'a:eth0', description: '', mac: undefined, linkType }, kept);
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        // A file is written page by page, each once.
        expect(pieces.slice(0, -1).filter((piece) => piece.length % 4096 !== 0)).toEqual([]);
      }),
    );
  });

  it('takes no frame that is longer than its header says', () => {
    const stream = new PcapStream('raw', () => undefined);
    expect(() => stream.record(ns(0), new Uint8Array(SNAPLEN + 1))).toThrow('a frame of 262145 bytes in a capture');
  });

  it('hands on nothing but its header where nothing passed', () => {
    const pieces: Uint8Array[] = [];
    new PcapStream('ether', (chunk) => pieces.push(chunk.slice())).flush();
    expect(pieces.map((piece) => piece.length)).toEqual([24]);
  });
});
