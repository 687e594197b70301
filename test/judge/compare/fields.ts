/** A run of bytes of a frame that means one thing. The fields of a frame cover each of its bytes once, in order. */
export interface Field {
  /** Such as `ip.ttl`; of a packet quoted in an ICMP error `icmp.quoted.ip.ttl`. */
  readonly name: string;
  /** Offsets in the frame: first byte, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** The value as people write it. */
  readonly text: string;
}

export type Format = (bytes: Uint8Array) => string;

/** Reads a frame field by field. What is asked for beyond the end is given as far as it goes: lengths may lie. */
export class FieldReader {
  readonly bytes: Uint8Array;
  readonly fields: Field[] = [];
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The next `length` bytes as one field, but none from `limit` on. Nothing left makes no field. */
  take(name: string, length: number, format: Format, limit = this.bytes.length): void {
    const end = Math.min(this.at + length, limit, this.bytes.length);
    if (end <= this.at) return;
    const raw = this.bytes.subarray(this.at, end);
    const text = raw.length < length ? `${hex(raw)} (cut, ${raw.length} of ${length} bytes)` : format(raw);
    this.fields.push({ name, start: this.at, end, text });
    this.at = end;
  }

  /** All bytes up to `limit` as one field. */
  rest(name: string, limit = this.bytes.length, format: Format = abbreviated): void {
    this.take(name, Math.min(limit, this.bytes.length) - this.at, format, limit);
  }
}

/** Big-endian, of up to six bytes. */
export function numberOf(raw: Uint8Array): number {
  return raw.reduce((value, byte) => value * 256 + byte, 0);
}

export const decimal: Format = (raw) => String(numberOf(raw));
export const hexNumber: Format = (raw) => `0x${hex(raw)}`;
export const dotted: Format = (raw) => raw.join('.');
export const colons: Format = (raw) => [...raw].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

export function hex(raw: Uint8Array): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('hex');
}

/** Hexadecimal; of long data the beginning and the length. */
export function abbreviated(raw: Uint8Array): string {
  return raw.length <= 24 ? hex(raw) : `${hex(raw.subarray(0, 20))}... (${raw.length} bytes)`;
}
