import { bug } from '../core/assert.ts';

/** From so many bytes on it pays to look at them as words. */
const WORDS_FROM = 256;

const IS_LITTLE_ENDIAN = isLittleEndian();

/** Whether the first byte of a word in memory is its lowest. */
function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}

/**
 * Ones' complement sum (RFC 1071) of `length` bytes at `offset`, added to `initial`; not folded, not complemented.
 * Exact up to 128 KB, twice what a packet holds.
 */
export function sum(bytes: Uint8Array, offset: number, length: number, initial = 0): number {
  if (offset < 0 || offset + length > bytes.length) {
    bug(`${length} bytes at ${offset} lie outside a buffer of ${bytes.length} bytes`);
  }
  // Up to where the words of memory begin; where they begin at an odd byte of the data, byte by byte to the end.
  const lead = -(bytes.byteOffset + offset) & 3;
  if (length < WORDS_FROM || (lead & 1) !== 0) return initial + sumOfBytes(bytes, offset, length);
  const words = (length - lead) >> 2;
  const rest = lead + 4 * words;
  return (
    initial +
    sumOfBytes(bytes, offset, lead) +
    sumOfWords(new Int32Array(bytes.buffer, bytes.byteOffset + offset + lead, words)) +
    sumOfBytes(bytes, offset + rest, length - rest)
  );
}

function sumOfBytes(bytes: Uint8Array, offset: number, length: number): number {
  let high = 0;
  let low = 0;
  let index = offset;
  // Eight bytes a turn cost half of two a turn.
  for (const last = offset + length - 8; index <= last; index += 8) {
    high +=
      (bytes[index] as number) +
      (bytes[index + 2] as number) +
      ((bytes[index + 4] as number) + (bytes[index + 6] as number));
    low +=
      (bytes[index + 1] as number) +
      (bytes[index + 3] as number) +
      ((bytes[index + 5] as number) + (bytes[index + 7] as number));
  }
  const even = offset + (length & ~1);
  for (; index < even; index += 2) {
    high += bytes[index] as number;
    low += bytes[index + 1] as number;
  }
  if (length & 1) high += bytes[even] as number;
  return high * 256 + low;
}

/** In the byte order of memory, and turned round at the end: the sum is the same (RFC 1071 section 2(B)). */
function sumOfWords(words: Int32Array): number {
  let total = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    total += (word & 0xffff) + (word >>> 16);
  }
  const once = (total & 0xffff) + (total >>> 16);
  const folded = (once & 0xffff) + (once >>> 16);
  return IS_LITTLE_ENDIAN ? ((folded & 0xff) << 8) | (folded >>> 8) : folded;
}

/** Folds a sum to 16 bits and complements it: the value that goes into a checksum field. */
export function fold(total: number): number {
  let folded = (total & 0xffff) + (total >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/** Internet checksum (RFC 1071). Over data that already holds its right checksum the result is 0. */
export function checksum(bytes: Uint8Array, offset: number, length: number, initial = 0): number {
  return fold(sum(bytes, offset, length, initial));
}

/** Sum of the IPv4 pseudo header that UDP and TCP checksums cover (RFC 768, RFC 9293 3.1). */
export function pseudoHeader(source: number, destination: number, protocol: number, length: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
}

/** The checksum after one covered 16-bit word changed from `before` to `after` (RFC 1624, equation 3). */
export function updateChecksum(checksumBefore: number, before: number, after: number): number {
  return fold((~checksumBefore & 0xffff) + (~before & 0xffff) + after);
}

/** The same for a covered 32-bit number: an address. */
export function updateChecksum32(checksumBefore: number, before: number, after: number): number {
  const high = updateChecksum(checksumBefore, before >>> 16, after >>> 16);
  return updateChecksum(high, before & 0xffff, after & 0xffff);
}
