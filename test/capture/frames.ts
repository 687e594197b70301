import * as fc from 'fast-check';
import type { CapturedFrame, CapturePoint } from '../../sim/capture/captured-frame.ts';
import { ns } from '../../sim/core/time.ts';

export const ETH1: CapturePoint = {
  name: 'device-a/comware:eth1',
  description: 'GE1/0/1',
  mac: 0x020000000001,
  linkType: 'ether',
};

export const VRFIF0: CapturePoint = {
  name: 'device-a/comware:vrfif0',
  description: '',
  mac: undefined,
  linkType: 'raw',
};

/** A capture whose frames are all there. */
export interface ListedCapture {
  readonly point: CapturePoint;
  readonly frames: readonly CapturedFrame[];
}

/** `0a 1b` to bytes. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** ARP: who has 10.0.0.2? Tell 10.0.0.1. */
export const ARP_REQUEST = hex(`
  ff ff ff ff ff ff 02 00 00 00 00 01 08 06
  00 01 08 00 06 04 00 01 02 00 00 00 00 01 0a 00 00 01 00 00 00 00 00 00 0a 00 00 02`);

/** IPv4 10.0.0.1 to 10.0.0.2, TTL 64, UDP port 1024 to 9, two bytes of data, all checksums right. */
export const UDP_PACKET = hex(`
  45 00 00 1e 00 00 00 00 40 11 66 cd 0a 00 00 01 0a 00 00 02
  04 00 00 09 00 0a 7f 65 68 69`);

export function frame(fields: Partial<CapturedFrame>): CapturedFrame {
  return {
    serial: 1,
    time: ns(0),
    direction: 'in',
    packet: 1,
    bytes: ARP_REQUEST,
    comment: undefined,
    ...fields,
  };
}

const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 40 }));

const anyFrame = fc.record<CapturedFrame>({
  serial: fc.constant(0),
  time: fc.oneof(fc.nat(3).map(ns), fc.maxSafeNat().map(ns)),
  direction: fc.constantFrom('in', 'out'),
  packet: fc.maxSafeNat(),
  bytes: fc.uint8Array({ maxLength: 70 }),
  comment: fc.option(anyText, { nil: undefined }),
});

const anyPoint = fc.record<CapturePoint>({
  name: fc.string({ unit: 'grapheme', minLength: 1 }),
  description: anyText,
  mac: fc.option(fc.nat(2 ** 48 - 1), { nil: undefined }),
  linkType: fc.constantFrom('ether', 'raw'),
});

/** Captures of one run at up to four points: no two frames have the same serial. */
export const anyCaptures: fc.Arbitrary<ListedCapture[]> = fc
  .array(fc.record({ point: anyPoint, frames: fc.array(anyFrame, { maxLength: 8 }) }), { maxLength: 4 })
  .chain((captures) => {
    const count = captures.reduce((sum, { frames }) => sum + frames.length, 0);
    const serials = Array.from({ length: count }, (_, index) => index);
    return fc.shuffledSubarray(serials, { minLength: count }).map((order) => number(captures, order));
  });

function number(captures: readonly ListedCapture[], serials: readonly number[]): ListedCapture[] {
  let next = 0;
  return captures.map(({ point, frames }) => ({
    point,
    frames: frames.map((one) => ({ ...one, serial: serials[next++] ?? -1 })),
  }));
}
