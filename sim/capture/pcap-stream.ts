import { bug } from '../core/assert.ts';
import type { SimTime } from '../core/time.ts';
import { type CaptureLinkType, SNAPLEN } from './captured-frame.ts';
import { pcapHeader, RECORD_HEADER } from './classic-pcap.ts';

/** Bytes that are put together before they are handed on: pages of a file, so that none of them is written twice. */
const CHUNK = 256 * 1024;

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

  record(time: SimTime, frame: Uint8Array): void {
    const { length } = frame;
    if (length > SNAPLEN) bug(`a frame of ${length} bytes in a capture`);
    const at = this.#length;
    const view = this.#view;
    const whole = Math.floor(time / 1e9);
    view.setUint32(at, whole, true);
    view.setUint32(at + 4, time - whole * 1e9, true);
    view.setUint32(at + 8, length, true);
    view.setUint32(at + 12, length, true);
    this.#chunk.set(frame, at + RECORD_HEADER);
    this.#length = at + RECORD_HEADER + length;
    if (this.#length >= CHUNK) this.#handOn();
  }

  /** Hands on what is left. */
  flush(): void {
    if (this.#length > 0) this.#write(this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Whole chunks; what is behind them begins the next. */
  #handOn(): void {
    const rest = this.#length % CHUNK;
    const whole = this.#length - rest;
    this.#write(this.#chunk.subarray(0, whole));
    this.#chunk.copyWithin(0, whole, this.#length);
    this.#length = rest;
  }
}
