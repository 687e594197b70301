import type { SimTime } from '../core/time.ts';

/** A frame as it passed a device. `serial` orders frames of one moment. */
export interface StoredFrame {
  readonly serial: number;
  readonly time: SimTime;
  readonly direction: 'in' | 'out';
  readonly packet: number;
  readonly bytes: Uint8Array;
}

/** What passed one device, oldest first; each time that a frame is read a record is made of it. */
export interface StoredFrames extends Iterable<StoredFrame> {
  readonly length: number;
}

/** A row that is none: they count from 0. */
const NO_ROW = 0xffffffff;
/** Rows of a page, a power of two: pages are never copied, as arrays are that grow. */
const PAGE = 1024;
const SHIFT = 10;
const IN_PAGE = PAGE - 1;
/** Bytes taken from the machine at once. */
const SLAB = 256 * 1024;

class RowPage {
  readonly times = new Float64Array(PAGE);
  readonly packets = new Float64Array(PAGE);
  /** Where its bytes are. */
  readonly slabs = new Uint32Array(PAGE);
  readonly starts = new Uint32Array(PAGE);
  /** Twice the length, and one more for a frame that was sent. */
  readonly lengths = new Uint32Array(PAGE);
  /** The next row of the same device. */
  readonly next = new Uint32Array(PAGE);
}

/**
 * The frames of a run, a row for each, and their bytes one behind the other: columns of numbers cost a frame some 30 bytes
 * beside its own, and the garbage collector nothing.
 */
export class FrameLog {
  readonly #pages: RowPage[] = [];
  #rows = 0;
  #slab = new Uint8Array(0);
  readonly #slabs = [this.#slab];
  #used = 0;

  /** Gives its row; `last` is that of its device so far. */
  add(time: SimTime, direction: 'in' | 'out', packet: number, frame: Uint8Array, last: number): number {
    const { length } = frame;
    if (this.#used + length > this.#slab.length) this.#beginSlab(length);
    this.#slab.set(frame, this.#used);
    const row = this.#rows++;
    const at = row & IN_PAGE;
    if (at === 0) this.#pages.push(new RowPage());
    const page = this.#page(row);
    page.times[at] = time;
    page.packets[at] = packet;
    page.slabs[at] = this.#slabs.length - 1;
    page.starts[at] = this.#used;
    page.lengths[at] = 2 * length + (direction === 'out' ? 1 : 0);
    page.next[at] = NO_ROW;
    if (last !== NO_ROW) this.#page(last).next[last & IN_PAGE] = row;
    this.#used += length;
    return row;
  }

  next(row: number): number {
    return this.#page(row).next[row & IN_PAGE] as number;
  }

  /** A frame as a record of its own; its bytes stay where they are. */
  record(row: number): StoredFrame {
    const page = this.#page(row);
    const at = row & IN_PAGE;
    const start = page.starts[at] as number;
    const length = page.lengths[at] as number;
    return {
      serial: row,
      time: page.times[at] as SimTime,
      direction: (length & 1) === 1 ? 'out' : 'in',
      packet: page.packets[at] as number,
      bytes: (this.#slabs[page.slabs[at] as number] as Uint8Array).subarray(start, start + (length >>> 1)),
    };
  }

  #beginSlab(length: number): void {
    this.#slab = new Uint8Array(Math.max(SLAB, length));
    this.#slabs.push(this.#slab);
    this.#used = 0;
  }

  #page(row: number): RowPage {
    return this.#pages[row >>> SHIFT] as RowPage;
  }
}

/** The rows of one device. */
export class DeviceFrames implements StoredFrames {
  length = 0;
  readonly #log: FrameLog;
  #first = NO_ROW;
  #last = NO_ROW;

  constructor(log: FrameLog) {
    this.#log = log;
  }

  add(time: SimTime, direction: 'in' | 'out', packet: number, frame: Uint8Array): void {
    this.#last = this.#log.add(time, direction, packet, frame, this.#last);
    if (this.length++ === 0) this.#first = this.#last;
  }

  *[Symbol.iterator](): Generator<StoredFrame> {
    for (let row = this.#first; row !== NO_ROW; row = this.#log.next(row)) yield this.#log.record(row);
  }
}
