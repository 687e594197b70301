import { checksum, fold, pseudoHeader, sum } from '../../../sim/wire/checksum.ts';
import type { IpPart } from './dissect-ip.ts';
import { numberOf } from './fields.ts';

/**
 * What a checksum field holds. `partial`: the sum of the pseudo header alone, which the kernel leaves for the hardware
 * to complete (CHECKSUM_PARTIAL); `none`: UDP's zero; `unknown`: what it covers is not all there.
 */
export type ChecksumState = 'right' | 'wrong' | 'partial' | 'none' | 'unknown';

const OFFSETS: ReadonlyMap<number, number> = new Map([
  [1, 2],
  [6, 16],
  [17, 6],
]);

export function headerChecksum(bytes: Uint8Array, ip: IpPart): ChecksumState {
  return checksum(bytes, ip.start, ip.dataStart - ip.start) === 0 ? 'right' : 'wrong';
}

/** Of the TCP, UDP or ICMP inside. `data` is the whole data of the packet where it was put together from fragments. */
export function dataChecksum(bytes: Uint8Array, ip: IpPart, data?: Uint8Array): ChecksumState {
  const at = OFFSETS.get(ip.protocol);
  const isFragment = ip.fragmentOffset > 0 || ip.moreFragments;
  if (at === undefined || (isFragment && data === undefined)) return 'unknown';
  const covered = data ?? bytes.subarray(ip.dataStart, ip.end);
  if (!ip.isWhole || covered.length < at + 2) return 'unknown';
  const found = numberOf(covered.subarray(at, at + 2));
  if (ip.protocol === 17 && found === 0) return 'none';
  const pseudo = ip.protocol === 1 ? 0 : pseudoOf(bytes, ip, covered.length);
  if (fold(sum(covered, 0, covered.length, pseudo)) === 0) return 'right';
  return ip.protocol !== 1 && (~found & 0xffff) === fold(pseudo) ? 'partial' : 'wrong';
}

function pseudoOf(bytes: Uint8Array, ip: IpPart, length: number): number {
  const address = (at: number): number => numberOf(bytes.subarray(at, at + 4));
  return pseudoHeader(address(ip.start + 12), address(ip.start + 16), ip.protocol, length);
}
