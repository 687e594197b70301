import type { TcpOptions } from '../../wire/tcp-options.ts';

/*
 * Low bits of the timestamp in which an answer with a cookie tells what else was agreed on (TS_OPT_* of
 * net/ipv4/syncookies.c). Not modelled: ECN.
 */

/** The peer's window scale; this for none. */
const NO_SCALE = 15;
const SACK = 16;
const ALL_BITS = 63;

/** Models cookie_init_timestamp(). */
export function timestampBits({ windowScale, sackPermitted }: TcpOptions): number {
  return (windowScale ?? NO_SCALE) | (sackPermitted ? SACK : 0);
}

/** The clock with these low bits, never ahead of itself. */
export function clockWith(bits: number, clock: number): number {
  const told = clock - (clock % (ALL_BITS + 1)) + bits;
  return told > clock ? told - (ALL_BITS + 1) : told;
}

/** What the bits of an echoed timestamp tell; undefined where there is none. Models cookie_timestamp_decode(). */
export function agreedBy(clock: number | undefined): Pick<TcpOptions, 'windowScale' | 'sackPermitted'> {
  const bits = clock === undefined ? NO_SCALE : clock & ALL_BITS;
  const scale = bits & NO_SCALE;
  return { windowScale: scale === NO_SCALE ? undefined : scale, sackPermitted: (bits & SACK) !== 0 };
}
