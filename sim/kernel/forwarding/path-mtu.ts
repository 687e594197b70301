import type { Clock } from '../../core/events.ts';
import { later, type SimTime, seconds } from '../../core/time.ts';
import type { Ipv4 } from '../../wire/address.ts';

/** net.ipv4.route.mtu_expires, net.ipv4.route.gc_timeout, net.ipv4.route.min_pmtu. */
const MTU_EXPIRES = seconds(600);
const REDIRECT_EXPIRES = seconds(300);
const MIN_PATH_MTU = 552;

/** Exceptions lie in so many buckets by their destination, and each holds so many (FNHE_HASH_SIZE, FNHE_RECLAIM_DEPTH). */
const BUCKETS = 2048;
const DEPTH = 5;

interface Exception {
  mtu: number;
  /** The path is narrower than that: DF is not set, routers have to fragment. */
  locked: boolean;
  gateway: Ipv4;
  expires: SimTime;
}

/**
 * What ICMP taught about single destinations: a smaller path MTU, or a better gateway (struct fib_nh_exception).
 * A change of any route forgets all of it, as rt_cache_flush() does. The kernel keeps as many for each next hop as here for all.
 */
export class PathMtuTable {
  readonly #clock: Clock;
  readonly #exceptions = new Map<Ipv4, Exception>();
  /** Destinations by their bucket, the one that was learnt last at the end. */
  readonly #buckets = new Map<number, Ipv4[]>();
  #generation = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Path MTU learnt for a destination, undefined when none is. */
  mtuOf(destination: Ipv4): number | undefined {
    return this.#find(destination)?.mtu || undefined;
  }

  /** Gateway learnt by a redirect, undefined when none is. */
  gatewayOf(destination: Ipv4): Ipv4 | undefined {
    return this.#find(destination)?.gateway || undefined;
  }

  /** Whether the path is narrower than the MTU that is learnt for it (ip_mtu_locked). */
  isLocked(destination: Ipv4): boolean {
    return this.#find(destination)?.locked === true;
  }

  /** Models net/ipv4/route.c __ip_rt_update_pmtu(): never below min_pmtu, and never up again before it expires. */
  learnMtu(destination: Ipv4, mtu: number): void {
    const found = this.#find(destination);
    if (found?.locked || (found?.mtu || mtu) < mtu) return;
    const gateway = found?.gateway ?? 0;
    const expires = later(this.#clock.now, MTU_EXPIRES);
    const locked = mtu < MIN_PATH_MTU;
    this.#learn(destination, { mtu: Math.max(mtu, MIN_PATH_MTU), locked, gateway, expires });
  }

  learnGateway(destination: Ipv4, gateway: Ipv4): void {
    const { mtu, locked } = this.#find(destination) ?? { mtu: 0, locked: false };
    this.#learn(destination, { mtu, locked, gateway, expires: later(this.#clock.now, REDIRECT_EXPIRES) });
  }

  /** Exceptions that are kept, those included that ran out and were not asked for since. */
  get size(): number {
    return this.#exceptions.size;
  }

  /** Where its bucket is full the oldest makes room. Models update_or_create_fnhe() and fnhe_remove_oldest(). */
  #learn(destination: Ipv4, exception: Exception): void {
    const bucket = bucketOf(destination);
    const others = this.#buckets.get(bucket)?.filter((one) => one !== destination) ?? [];
    while (others.length >= DEPTH) this.#exceptions.delete(others.shift() as Ipv4);
    this.#buckets.set(bucket, [...others, destination]);
    this.#exceptions.set(destination, exception);
  }

  /** How often routes, rules or addresses have changed: routing decisions of an older generation are made anew (rt_genid_ipv4). */
  get generation(): number {
    return this.#generation;
  }

  flush(): void {
    this.#generation++;
    // Each route of a long list comes by here, and there is mostly nothing to forget.
    if (this.#buckets.size === 0) return;
    this.#exceptions.clear();
    this.#buckets.clear();
  }

  #find(destination: Ipv4): Exception | undefined {
    const exception = this.#exceptions.get(destination);
    if (exception === undefined || exception.expires > this.#clock.now) return exception;
    this.#exceptions.delete(destination);
    return undefined;
  }
}

/** Any mixing will do: which destinations share a bucket is never told (fnhe_hashfun). */
function bucketOf(destination: Ipv4): number {
  const hash = Math.imul(destination, 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
