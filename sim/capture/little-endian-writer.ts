import { encodeUtf8 } from '../wire/utf8.ts';

/** Bytes that grow at the end. Both file formats allow either byte order; this one is fixed so that runs compare equal. */
export class LittleEndianWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `expected` are so many bytes as it will probably be: what becomes longer is copied, and so is what becomes shorter. */
  constructor(expected = 4096) {
    this.#bytes = new Uint8Array(expected);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u16(value: number): void {
    this.patch16(this.#extend(2), value);
  }

  u32(value: number): void {
    this.patch32(this.#extend(4), value);
  }

  /** A whole number from 0 to 2^53 in eight bytes. */
  u64(value: number): void {
    this.u32(value % 2 ** 32);
    this.u32(Math.floor(value / 2 ** 32));
  }

  octets(bytes: Uint8Array): void {
    const at = this.#extend(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** In UTF-8. */
  text(text: string): void {
    const start = this.#extend(text.length);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        // No text is shorter in UTF-8 than it has units: what has been put down is written over.
        this.#length = start;
        this.octets(encodeUtf8(text));
        return;
      }
      this.#bytes[start + index] = code;
    }
  }

  /** Zero bytes up to the next multiple of four. */
  align32(): void {
    this.#extend(-this.#length & 3);
  }

  /** Writes over two bytes that are there already. */
  patch16(at: number, value: number): void {
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
  }

  /** Writes over four bytes that are there already. */
  patch32(at: number, value: number): void {
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value >>> 16;
    this.#bytes[at + 3] = value >>> 24;
  }

  /** Everything written; nothing is written after that. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  /** Adds `count` zero bytes and returns where they begin. */
  #extend(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}
