import { assert } from '../core/assert.ts';

/*
 * Network byte order reads and writes. Every access is bounds-checked and a violation is a simulator bug: whoever
 * receives a packet checks its length once, and drops it with a named reason, before any header view is opened.
 */

/** One byte at `offset`. */
export function u8(bytes: Uint8Array, offset: number): number {
  const value = bytes[offset];
  if (value === undefined) outside(bytes, offset);
  return value;
}

/** 16 bits at `offset`, big-endian. */
export function u16(bytes: Uint8Array, offset: number): number {
  const low = bytes[offset + 1];
  if (low === undefined || offset < 0) outside(bytes, offset + 1);
  return ((bytes[offset] as number) << 8) | low;
}

/** 32 bits at `offset`, big-endian, unsigned. */
export function u32(bytes: Uint8Array, offset: number): number {
  const low = bytes[offset + 3];
  if (low === undefined || offset < 0) outside(bytes, offset + 3);
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      low) >>>
    0
  );
}

export function put8(bytes: Uint8Array, offset: number, value: number): void {
  if (offset < 0 || offset >= bytes.length) outside(bytes, offset);
  bytes[offset] = value;
}

export function put16(bytes: Uint8Array, offset: number, value: number): void {
  if (offset < 0 || offset + 1 >= bytes.length) outside(bytes, offset + 1);
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

export function put32(bytes: Uint8Array, offset: number, value: number): void {
  if (offset < 0 || offset + 3 >= bytes.length) outside(bytes, offset + 3);
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** All of them, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function outside(bytes: Uint8Array, offset: number): never {
  assert(false, `byte ${offset} lies outside a buffer of ${bytes.length} bytes`);
}
