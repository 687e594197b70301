/** Bytes taken from the machine at once. */
const SLAB = 64 * 1024;
/** What is longer gets a buffer of its own. */
const LONGEST = SLAB / 4;

/**
 * Where the bytes of packets come from. A buffer for each packet costs more than all else that is done to it; so they
 * are cut from slabs, one after the other. Of these nothing is given back: a slab goes when the last packet in it has gone.
 */
export class PacketMemory {
  #slab = new ArrayBuffer(0);
  #used = 0;
  /** The longest of the buffers that were given back. */
  #spare: ArrayBufferLike | undefined;

  /** `length` zero bytes that nothing else refers to. */
  take(length: number): Uint8Array {
    if (length > LONGEST) return this.#takeOwn(length);
    if (this.#used + length > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(SLAB);
      this.#used = 0;
    }
    const bytes = new Uint8Array(this.#slab, this.#used, length);
    // The next one begins at a word: a checksum over it takes half the time.
    this.#used += (length + 3) & ~3;
    return bytes;
  }

  /** Takes bytes back that nobody looks at any more; only such as have a buffer of their own are worth it. */
  giveBack(bytes: Uint8Array): void {
    const { buffer, length } = bytes;
    if (length > LONGEST && buffer.byteLength > (this.#spare?.byteLength ?? 0)) this.#spare = buffer;
  }

  #takeOwn(length: number): Uint8Array {
    const spare = this.#spare;
    if (spare === undefined || spare.byteLength < length) return new Uint8Array(length);
    this.#spare = undefined;
    return new Uint8Array(spare, 0, length).fill(0);
  }

  /** A copy of the bytes from `start` up to `end`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const copy = this.take(end - start);
    copy.set(bytes.subarray(start, end));
    return copy;
  }
}
