import { after, plus } from '../../../transport/tcp/sequence.ts';
import { TCP_ACK, TCP_FIN, TCP_LENGTH, TCP_RST, TCP_SYN, TCP_URG, TcpHeader } from '../../../wire/tcp.ts';
import { readTcpOptions } from '../../../wire/tcp-options.ts';
import type { TcpKind, TcpSide } from './tcp-states.ts';

const TRACKED_FLAGS = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG;

/** Combinations that a TCP may send; PSH, ECE and CWR do not count (tcp_valid_flags). */
const VALID_FLAGS: readonly number[] = [
  ...[TCP_SYN, TCP_SYN | TCP_URG, TCP_SYN | TCP_ACK, TCP_RST, TCP_RST | TCP_ACK],
  ...[TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK | TCP_URG, TCP_ACK, TCP_ACK | TCP_URG],
];

/** A segment as tracking sees it: the header at `offset`, and where the bytes end. */
export class TcpSegment extends TcpHeader {
  readonly end: number;

  constructor(bytes: Uint8Array, offset: number, end: number) {
    super(bytes, offset);
    this.end = end;
  }

  /** Header and data are whole. */
  get isWhole(): boolean {
    return this.headerLength >= TCP_LENGTH && this.offset + this.headerLength <= this.end;
  }

  get hasValidFlags(): boolean {
    return VALID_FLAGS.includes(this.flags & TRACKED_FLAGS);
  }

  /** Models get_conntrack_index(). */
  get kind(): TcpKind {
    if (this.rst) return 'rst';
    if (this.syn) return this.ack ? 'synack' : 'syn';
    if (this.fin) return 'fin';
    return this.ack ? 'ack' : 'none';
  }

  /** The sequence number behind the segment; SYN and FIN count one each (segment_seq_plus_len). */
  get sequenceEnd(): number {
    const data = this.end - this.offset - this.headerLength;
    return plus(this.sequence, data + (this.syn ? 1 : 0) + (this.fin ? 1 : 0));
  }

  /** Notes what the options of a SYN offer; of what was known before only `beLiberal` stays (tcp_options). */
  readOptions(side: TcpSide): void {
    if (this.headerLength === TCP_LENGTH) return;
    const { windowScale, sackPermitted } = readTcpOptions(this.bytes, this.offset);
    side.scale = windowScale ?? 0;
    side.windowScale = windowScale !== undefined;
    side.sackPermitted = sackPermitted;
    side.closeInit = false;
    side.unacknowledged = false;
    side.maxAckSet = false;
  }

  /** The highest right edge that a SACK block tells of, or the acknowledgment if none is beyond it (tcp_sack). */
  get highestSack(): number {
    let highest = this.acknowledgment;
    if (this.headerLength === TCP_LENGTH) return highest;
    for (const { end } of readTcpOptions(this.bytes, this.offset).sack) if (after(end, highest)) highest = end;
    return highest;
  }
}
