import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapturedFrame } from '../../sim/capture/captured-frame.ts';
import { writePcap } from '../../sim/capture/classic-pcap.ts';
import { PcapStream } from '../../sim/capture/pcap-stream.ts';
import { ns } from '../../sim/core/time.ts';

const frames = fc.array(
  fc.record({ gap: fc.nat(3_000_000_000), headroom: fc.nat(20), bytes: fc.uint8Array({ maxLength: 9000 }) }),
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
        for (const [serial, { gap, headroom, bytes }] of list.entries()) {
          now += gap;
          // In the buffer of a packet its bytes have others around them.
          const buffer = new Uint8Array(headroom + bytes.length + 7).fill(0xee);
          buffer.set(bytes, headroom);
          stream.record(ns(now), buffer, headroom, headroom + bytes.length);
          kept.push({ serial, time: ns(now), direction: 'in', packet: serial, bytes, comment: undefined });
        }
        stream.flush();
        stream.flush();
        const whole = writePcap({ name: 'a:eth0', description: '', mac: undefined, linkType }, kept);
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
      }),
    );
  });

  it('hands on nothing but its header where nothing passed', () => {
    const pieces: Uint8Array[] = [];
    new PcapStream('ether', (chunk) => pieces.push(chunk.slice())).flush();
    expect(pieces.map((piece) => piece.length)).toEqual([24]);
  });
});
