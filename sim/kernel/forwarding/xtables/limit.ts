import type { SimTime } from '../../../core/time.ts';
import { LIMIT_SCALE } from './match.ts';

/** What a `limit` match has left (struct xt_limit_priv). */
export interface LimitCredit {
  /** In 1/32000 s. */
  credit: number;
  /** When it was last counted up. */
  since: SimTime;
}

/** HZ * CREDITS_PER_JIFFY: the same for every HZ from 250 to 1000. */
const CREDITS_PER_SECOND = 32_000;
const U32 = 0x100000000;

/** What `count` packets cost, in 32 bits as the kernel computes it, overflow included (user2credits). */
export function creditOf(period: number, count: number): number {
  const user = (period * count) % U32;
  if (user > Math.floor((U32 - 1) / CREDITS_PER_SECOND))
    return (Math.floor(user / LIMIT_SCALE) * CREDITS_PER_SECOND) % U32;
  return Math.floor((user * CREDITS_PER_SECOND) / LIMIT_SCALE);
}

/** A bucket whose size the kernel cannot count: it refuses the rule (limit_mt_check). */
export function limitOverflows(period: number, burst: number): boolean {
  return burst === 0 || creditOf(period, burst) < creditOf(period, 1);
}

/** Takes a packet's cost out of the bucket if it holds that much. Models net/netfilter/xt_limit.c limit_mt(). */
export function takeCredit(bucket: LimitCredit, period: number, burst: number, now: SimTime): boolean {
  const earned = ((now - bucket.since) * CREDITS_PER_SECOND) / 1e9;
  bucket.since = now;
  bucket.credit = Math.min(bucket.credit + earned, creditOf(period, burst));
  const cost = creditOf(period, 1);
  if (bucket.credit < cost) return false;
  bucket.credit -= cost;
  return true;
}
