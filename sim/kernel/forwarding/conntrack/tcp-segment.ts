import { u8, u16, u32 } from '../../../wire/bytes.ts';
import type { TcpKind, TcpSide } from './tcp-states.ts';

/*
 * What tracking reads of a TCP header (RFC 9293 3.1) at `offset`; 20 bytes must lie there. Sequence numbers are
 * unsigned and compared modulo 2^32.
 */

/** Least TCP header, in bytes. */
export const TCP_LEAST = 20;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const URG = 0x20;
const TRACKED_FLAGS = FIN | SYN | RST | ACK | URG;

/** Combinations that a TCP may send; PSH, ECE and CWR do not count (tcp_valid_flags). */
const VALID_FLAGS: readonly number[] = [
  ...[SYN, SYN | URG, SYN | ACK, RST, RST | ACK],
  ...[FIN | ACK, FIN | ACK | URG, ACK, ACK | URG],
];

const TCPOPT_EOL = 0;
const TCPOPT_NOP = 1;
const TCPOPT_WINDOW = 3;
const TCPOPT_SACK_PERMITTED = 4;
const TCPOPT_SACK = 5;
/** RFC 7323 2.3. */
const MAX_SCALE = 14;

export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const isAfter = (a: number, b: number): boolean => isBefore(b, a);

/** A segment's header as tracking sees it; `at` moves to the next one, so that no view is made for each packet. */
export class TcpSegment {
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #end = 0;

  /** Looks at the header at `offset`, of a segment that ends at `end`. */
  at(bytes: Uint8Array, offset: number, end: number): this {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = end;
    return this;
  }

  get seq(): number {
    return u32(this.#bytes, this.#offset + 4);
  }
  get ack(): number {
    return u32(this.#bytes, this.#offset + 8);
  }
  get window(): number {
    return u16(this.#bytes, this.#offset + 14);
  }
  get headerLength(): number {
    return (u8(this.#bytes, this.#offset + 12) >>> 4) * 4;
  }
  get #flags(): number {
    return u8(this.#bytes, this.#offset + 13);
  }
  get isSyn(): boolean {
    return (this.#flags & SYN) !== 0;
  }
  get isAck(): boolean {
    return (this.#flags & ACK) !== 0;
  }
  get isRst(): boolean {
    return (this.#flags & RST) !== 0;
  }

  /** Header and data are whole. */
  get isWhole(): boolean {
    return this.headerLength >= TCP_LEAST && this.#offset + this.headerLength <= this.#end;
  }

  get hasValidFlags(): boolean {
    return VALID_FLAGS.includes(this.#flags & TRACKED_FLAGS);
  }

  /** Models get_conntrack_index(). */
  get kind(): TcpKind {
    const flags = this.#flags;
    if ((flags & RST) !== 0) return 'rst';
    if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'synack' : 'syn';
    if ((flags & FIN) !== 0) return 'fin';
    return (flags & ACK) !== 0 ? 'ack' : 'none';
  }

  /** The sequence number behind the segment; SYN and FIN count one each (segment_seq_plus_len). */
  get sequenceEnd(): number {
    const flags = this.#flags;
    const data = this.#end - this.#offset - this.headerLength;
    return (this.seq + data + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0)) >>> 0;
  }

  /** Notes what the options of a SYN offer; of what was known before only `beLiberal` stays (tcp_options). */
  readOptions(side: TcpSide): void {
    if (this.headerLength === TCP_LEAST) return;
    side.scale = 0;
    side.windowScale = false;
    side.sackPermitted = false;
    side.closeInit = false;
    side.unacknowledged = false;
    side.maxAckSet = false;
    this.#eachOption((kind, at, length) => {
      if (kind === TCPOPT_SACK_PERMITTED && length === 2) side.sackPermitted = true;
      if (kind === TCPOPT_WINDOW && length === 3) {
        side.windowScale = true;
        side.scale = Math.min(u8(this.#bytes, at + 2), MAX_SCALE);
      }
    });
  }

  /** The highest right edge that a SACK block tells of, or `ack` if none is beyond it (tcp_sack). */
  highestSack(ack: number): number {
    let highest = ack;
    if (this.headerLength === TCP_LEAST) return highest;
    this.#eachOption((kind, at, length) => {
      if (kind !== TCPOPT_SACK || length < 10 || (length - 2) % 8 !== 0) return;
      for (let block = at + 2; block < at + length; block += 8) {
        const right = u32(this.#bytes, block + 4);
        if (isAfter(right, highest)) highest = right;
      }
    });
    return highest;
  }

  #eachOption(visit: (kind: number, at: number, length: number) => void): void {
    const end = this.#offset + this.headerLength;
    let at = this.#offset + TCP_LEAST;
    while (at < end) {
      const kind = u8(this.#bytes, at);
      if (kind === TCPOPT_EOL) return;
      if (kind === TCPOPT_NOP) {
        at++;
        continue;
      }
      if (at + 1 >= end) return;
      const length = u8(this.#bytes, at + 1);
      if (length < 2 || at + length > end) return;
      visit(kind, at, length);
      at += length;
    }
  }
}
