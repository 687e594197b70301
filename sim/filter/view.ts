/*
 * What a filter looks at: a frame, and where the headers begin in it. A look beyond its end makes the whole filter say no,
 * as BPF does: also inside a `not`.
 */

/** Where a header begins: `constant` bytes into the frame, or behind what a tunnel's test found out (`register`, -1 for none). */
export interface Offset {
  readonly register: number;
  readonly constant: number;
}

export class View {
  readonly bytes: Uint8Array;
  /** Bytes that the frame had on the wire; fewer may have been captured. */
  readonly wireLength: number;
  /** Where the frame in each tunnel begins; -1 while its test has not succeeded. */
  readonly registers: number[] = [];
  /** A byte beyond the end was asked for, or something was divided by zero. */
  beyond = false;

  constructor(bytes: Uint8Array, wireLength: number) {
    this.bytes = bytes;
    this.wireLength = wireLength;
  }

  /** The position of an offset; far beyond every frame in a tunnel that is not there. */
  at(offset: Offset): number {
    if (offset.register < 0) return offset.constant;
    const base = this.registers[offset.register] ?? -1;
    return base < 0 ? Number.POSITIVE_INFINITY : base + offset.constant;
  }

  /** `size` bytes (1, 2 or 4), big-endian, without sign; 0 beyond the end. */
  load(position: number, size: number): number {
    const { bytes } = this;
    if (position + size > bytes.length) {
      this.beyond = true;
      return 0;
    }
    let value = 0;
    for (let index = position; index < position + size; index++) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }
}
