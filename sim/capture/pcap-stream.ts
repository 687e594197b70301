import { assert } from '../core/assert.ts';
import type { SimTime } from '../core/time.ts';
import { type CaptureLinkType, SNAPLEN } from './captured-frame.ts';
import { pcapHeader } from './classic-pcap.ts';

/** Bytes that are put together before they are handed on. */
const CHUNK = 65536;
const RECORD_HEADER = 16;

/**
 * The file of writePcap() in pieces, for captures that are too long to be kept: each frame is copied once, when it
 * passes. Frames come in the order of time, as a run has them.
 */
export class PcapStream {
  readonly #write: (chunk: Uint8Array) => void;
  readonly #chunk = new Uint8Array(CHUNK + RECORD_HEADER + SNAPLEN);
  readonly #view = new DataView(this.#chunk.buffer);
  #length: number;

  /** `write` takes the pieces in their order; each is valid during the call. */
  constructor(linkType: CaptureLinkType, write: (chunk: Uint8Array) => void) {
    this.#write = write;
    const header = pcapHeader(linkType);
    this.#chunk.set(header);
    this.#length = header.length;
  }

  /** The frame is the bytes from `start` to `end`, exclusive. */
  record(time: SimTime, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    assert(length <= SNAPLEN, `a frame of ${length} bytes in a capture`);
    const at = this.#length;
    const view = this.#view;
    const whole = Math.floor(time / 1e9);
    view.setUint32(at, whole, true);
    view.setUint32(at + 4, time - whole * 1e9, true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, length, true);
    this.#chunk.set(bytes.subarray(start, end), at + RECORD_HEADER);
    this.#length = at + RECORD_HEADER + length;
    if (this.#length >= CHUNK) this.flush();
  }

  /** Hands on what is left. */
  flush(): void {
    if (this.#length > 0) this.#write(this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }
}
