import type { Clock } from '../core/events.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { GlobalSysctls } from './sysctl.ts';

/** How many old ones each new one makes go at most (PEER_MAX_GC). */
const MOST_COLLECTED = 32;

/** What is remembered of an address beyond single packets (struct inet_peer). */
export interface InetPeer {
  readonly address: Ipv4;
  /** Milliseconds of ICMP errors saved up. */
  tokens: number;
  /** When tokens were last reckoned, or a redirect was sent, in milliseconds: from then on they are saved up (rate_last). */
  last: number;
  redirects: number;
  /** Fragments that came from it (rid). */
  fragments: number;
  /** When it was last asked for, in nanoseconds (dtime). */
  used: number;
}

/**
 * The peers of a namespace: as many as inet_peer_threshold, those that nobody asked for longest go first. Models
 * net/ipv4/inetpeer.c inet_getpeer() and inet_peer_gc(), which look at those that lie on the way to the new one in their tree.
 */
export class InetPeers {
  readonly #clock: Clock;
  readonly #settings: GlobalSysctls;
  /** The one that was asked for last comes last. */
  readonly #peers = new Map<Ipv4, InetPeer>();

  constructor(clock: Clock, settings: GlobalSysctls) {
    this.#clock = clock;
    this.#settings = settings;
  }

  get size(): number {
    return this.#peers.size;
  }

  get(address: Ipv4): InetPeer {
    const { now } = this.#clock;
    const known = this.#peers.get(address);
    if (known !== undefined) {
      // Put behind the others, so that the oldest are always at the front.
      if (known.used !== now) this.#peers.delete(address);
    } else {
      this.#collect();
    }
    // A new peer starts as if it had been quiet for a minute.
    const fresh = { address, tokens: 0, last: Math.floor(now / 1e6) - 60_000, redirects: 0, fragments: 0, used: now };
    const peer = known ?? fresh;
    peer.used = now;
    this.#peers.set(address, peer);
    return peer;
  }

  #collect(): void {
    const { inet_peer_threshold: threshold, inet_peer_minttl: least, inet_peer_maxttl: most } = this.#settings;
    const { size } = this.#peers;
    const seconds = size >= threshold ? 0 : most - ((most - least) * size) / threshold;
    let gone = 0;
    for (const { address, used } of this.#peers.values()) {
      if (gone >= MOST_COLLECTED || this.#clock.now - used < seconds * 1e9) return;
      this.#peers.delete(address);
      gone++;
    }
  }
}
