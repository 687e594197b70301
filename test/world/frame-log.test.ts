import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ns } from '../../sim/core/time.ts';
import { DeviceFrames, FrameLog, type StoredFrame } from '../../sim/world/frame-log.ts';

const DEVICES = 3;
/** From nothing at all to a packet that is yet to be cut, and one that is longer than all that is taken at once. */
const LENGTHS = [0, 1, 42, 142, 1514, 65549, 262144, 262145];

const frames = fc.array(
  fc.record({
    device: fc.nat(DEVICES - 1),
    gap: fc.constantFrom(0, 1, 1_000_000_000),
    direction: fc.constantFrom('in' as const, 'out' as const),
    packet: fc.maxSafeNat(),
    length: fc.constantFrom(...LENGTHS),
    filler: fc.nat(255),
  }),
  { maxLength: 40 },
);

describe('the log of captured frames', () => {
  it('gives every device what passed it, as a list for each would', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const log = new FrameLog();
        const devices = Array.from({ length: DEVICES }, () => new DeviceFrames(log));
        const model = devices.map((): StoredFrame[] => []);
        let now = 0;
        for (const [serial, { device, gap, direction, packet, length, filler }] of list.entries()) {
          now += gap;
          // Who hands it over writes to it again.
          const bytes = new Uint8Array(length).fill(filler);
          devices[device]?.add(ns(now), direction, packet, bytes);
          model[device]?.push({ serial, time: ns(now), direction, packet, bytes: bytes.slice() });
          bytes.fill(~filler);
        }
        for (const [index, device] of devices.entries()) {
          expect(device.length).toBe(model[index]?.length);
          const read = [...device];
          expect(read.map((frame) => ({ ...frame, bytes: 0 }))).toEqual(
            model[index]?.map((frame) => ({ ...frame, bytes: 0 })),
          );
          expect(read.every(({ bytes }, at) => Buffer.compare(bytes, model[index]?.[at]?.bytes ?? bytes) === 0)).toBe(
            true,
          );
        }
      }),
    );
  });

  it('goes on over many pages, and can be read while it does', () => {
    const log = new FrameLog();
    const [even, odd] = [new DeviceFrames(log), new DeviceFrames(log)];
    const reading = even[Symbol.iterator]();
    for (let count = 0; count < 5000; count++) {
      (count % 2 === 0 ? even : odd).add(ns(count), 'in', count, Uint8Array.of(count, count >> 8));
      if (count === 0) expect(reading.next().value?.packet).toBe(0);
    }
    expect(reading.next().value?.packet).toBe(2);
    expect(Array.from(odd, ({ packet, bytes }) => (bytes[0] ?? 0) + 256 * (bytes[1] ?? 0) - packet)).toEqual(
      new Array(2500).fill(0),
    );
    expect(Array.from(odd, ({ serial }) => serial)).toEqual(Array.from({ length: 2500 }, (_, at) => 2 * at + 1));
  });

  it('has nothing of a device that nothing passed', () => {
    const device = new DeviceFrames(new FrameLog());
    expect([device.length, ...device]).toEqual([0]);
  });
});
