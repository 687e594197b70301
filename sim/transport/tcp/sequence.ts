/*
 * Sequence numbers: unsigned 32-bit, arithmetic modulo 2^32 (RFC 9293 3.4). Comparisons hold for numbers less than
 * 2^31 apart.
 */

/** `sequence` moved on by `count`, which may be negative. */
export function plus(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far `a` lies ahead of `b`; negative when it lies behind. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

/** The later of two. */
export function latest(a: number, b: number): number {
  return after(a, b) ? a : b;
}
