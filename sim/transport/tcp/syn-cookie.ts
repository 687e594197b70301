import { later, type SimTime, seconds } from '../../core/time.ts';
import type { TcpOptions } from '../../wire/tcp-options.ts';
import type { TcpEnds } from './connection.ts';
import type { IncomingSegment } from './incoming.ts';
import { plus } from './sequence.ts';
import { agreedBy } from './timestamp-bits.ts';

/** Segment sizes that a cookie can tell: the largest that the peer's is not below. */
const SIZES = [536, 1300, 1440, 1460] as const;
/** A cookie is believed in the minute it was made in and the next (MAX_SYNCOOKIE_AGE), and none long after one was sent. */
const MINUTE = 60e9;
const MOST_AGE = 2;
const VALID = seconds(120);

/**
 * A listener with too many half-open connections answers without keeping anything: what has to be known later it writes into its
 * sequence number and timestamp, and the peer brings it back. Models net/ipv4/syncookies.c.
 */
export class SynCookies {
  readonly #secret: number;
  #sentAt: SimTime | undefined;

  constructor(secret: number) {
    this.#secret = secret;
  }

  /** The sequence number to answer a SYN with. Models cookie_v4_init_sequence(). */
  make(ends: TcpEnds, { sequence, options }: IncomingSegment, now: SimTime): number {
    this.#sentAt = now;
    const mss = options.mss ?? SIZES[0];
    const index = Math.max(
      0,
      SIZES.findLastIndex((size) => mss >= size),
    );
    const minute = Math.floor(now / MINUTE);
    const told = (this.#hash(ends, minute) + index) & 0xffffff;
    return plus(plus(this.#hash(ends, -1), sequence), (minute << 24) + told);
  }

  /** Whether any may come back. Models tcp_synq_no_recent_overflow(). */
  isExpected(now: SimTime): boolean {
    return this.#sentAt !== undefined && now <= later(this.#sentAt, VALID);
  }

  /**
   * What was agreed on with the peer whose ACK this is; undefined where it acknowledges no cookie. Models __cookie_v4_check().
   */
  read(ends: TcpEnds, segment: IncomingSegment, timestampOffset: number, now: SimTime): TcpOptions | undefined {
    const { header, sequence, options } = segment;
    const told = plus(header.acknowledgment, -1 - this.#hash(ends, -1) - plus(sequence, -1));
    const minute = Math.floor(now / MINUTE);
    const age = (minute - (told >>> 24)) & 0xff;
    if (age >= MOST_AGE) return undefined;
    const mss = SIZES[(told - this.#hash(ends, minute - age)) & 0xffffff];
    if (mss === undefined) return undefined;
    const { timestamp } = options;
    const clock = timestamp === undefined ? undefined : plus(timestamp.echo, -timestampOffset);
    return { mss, ...agreedBy(clock), timestamp, sack: [] };
  }

  #hash({ localAddress, localPort, remoteAddress, remotePort }: TcpEnds, count: number): number {
    let mixed = Math.imul(localAddress ^ this.#secret, 0xc2b2ae35) ^ Math.imul(remoteAddress + count, 0x27d4eb2f);
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ ((localPort << 16) | remotePort), 0x85ebca6b);
    return (mixed ^ (mixed >>> 13)) >>> 0;
  }
}

/** The options of a SYN of which a cookie can tell: without timestamps none but the segment size. */
export function tellable(options: TcpOptions): TcpOptions {
  if (options.timestamp !== undefined) return options;
  return { ...options, windowScale: undefined, sackPermitted: false };
}
