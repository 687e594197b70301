import { checksum, pseudoHeader } from '../../sim/wire/checksum.ts';
import { type Dissection, dissect } from './compare/dissect.ts';
import type { IpPart } from './compare/dissect-ip.ts';
import { numberOf } from './compare/fields.ts';

/** A frame whose fields can be set by their names. */
export interface Checksummed {
  readonly frame: Dissection;
  /** The first field of that name; undefined where there is none. */
  value(name: string): number | undefined;
  /** Every field of that name becomes what `to` makes of it, in its own width. */
  set(name: string, to: (value: number) => number): void;
}

/** A copy of the frame with its fields rewritten; checksums that were right are right again, also of what is quoted. */
export function withChecksums(bytes: Uint8Array, rewrite: (frame: Checksummed) => void): Uint8Array {
  const copy = new Uint8Array(bytes);
  const frame = dissect(copy);
  rewrite({
    frame,
    value: (name) => {
      const field = frame.fields.find((one) => one.name === name);
      return field === undefined ? undefined : numberOf(copy.subarray(field.start, field.end));
    },
    set: (name, to) => {
      for (const field of frame.fields) {
        if (field.name === name) put(copy, field.start, field.end, to(numberOf(copy.subarray(field.start, field.end))));
      }
    },
  });
  for (const part of [frame.quoted, frame.ip]) if (part !== undefined) mend(copy, part);
  return copy;
}

function put(bytes: Uint8Array, start: number, end: number, value: number): void {
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

const OFFSETS = new Map([
  [1, 2],
  [6, 16],
  [17, 6],
]);

function mend(bytes: Uint8Array, ip: IpPart): void {
  put(bytes, ip.start + 10, ip.start + 12, 0);
  put(bytes, ip.start + 10, ip.start + 12, checksum(bytes, ip.start, ip.dataStart - ip.start));
  const offset = OFFSETS.get(ip.protocol);
  if (offset === undefined || !ip.isWhole || ip.moreFragments || ip.fragmentOffset > 0) return;
  const at = ip.dataStart + offset;
  const length = ip.end - ip.dataStart;
  const address = (from: number): number => numberOf(bytes.subarray(from, from + 4));
  const pseudo =
    ip.protocol === 1 ? 0 : pseudoHeader(address(ip.start + 12), address(ip.start + 16), ip.protocol, length);
  put(bytes, at, at + 2, 0);
  put(bytes, at, at + 2, checksum(bytes, ip.dataStart, length, pseudo));
}
