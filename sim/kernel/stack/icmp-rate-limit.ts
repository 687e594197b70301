import type { Clock } from '../../core/events.ts';
import type { Ipv4 } from '../../wire/address.ts';

/** How many tokens a quiet destination has saved up: 6 for ICMP errors, 5 for unreachable routes. */
const XRLIM_BURST_FACTOR = 6;
const ROUTE_ERROR_BURST_FACTOR = 5;
/** Redirects: 9 at most, the n-th no sooner than 20 ms times 2^n after the one before, forgotten after 20 ms times 2^10. */
const REDIRECT_NUMBER = 9;
const REDIRECT_LOAD_MS = 20;

/**
 * Milliseconds that may lack in a bucket: a tick of the kernel, and a little. Its timers are late, never early, so that what is
 * sent again after whole seconds finds whole seconds saved up; here it comes when it is due, a SYN-ACK a tick before.
 */
const TOLERANCE = 5;

interface Peer {
  /** Milliseconds saved up. */
  tokens: number;
  /** When tokens were last reckoned, or a redirect was sent: from then on tokens are saved up (rate_last). */
  last: number;
  redirects: number;
}

/**
 * One token bucket a destination, shared by all errors and redirects sent to it. Models net/ipv4/inetpeer.c inet_peer_xrlim_allow(),
 * the bucket of net/ipv4/route.c ip_error() and ip_rt_send_redirect(). Not modelled: the limit over all destinations
 * (icmp_msgs_per_sec, 10000 a second).
 */
export class IcmpRateLimit {
  readonly #clock: Clock;
  readonly #peers = new Map<Ipv4, Peer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a token of `interval` milliseconds for an ICMP error; false when none is left. */
  allows(destination: Ipv4, interval: number): boolean {
    if (interval <= 0) return true;
    return this.#take(destination, interval, XRLIM_BURST_FACTOR * interval);
  }

  /** Unreachable routes pay a second token, of one second. */
  allowsRouteError(destination: Ipv4): boolean {
    return this.#take(destination, 1000, ROUTE_ERROR_BURST_FACTOR * 1000);
  }

  allowsRedirect(source: Ipv4): boolean {
    const now = this.#now();
    const peer = this.#peer(source);
    if (now > peer.last + REDIRECT_LOAD_MS * 2 ** (REDIRECT_NUMBER + 1)) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= REDIRECT_NUMBER) {
      peer.last = now;
      return false;
    }
    if (peer.redirects > 0 && now <= peer.last + REDIRECT_LOAD_MS * 2 ** peer.redirects) return false;
    peer.last = now;
    peer.redirects++;
    return true;
  }

  #take(destination: Ipv4, cost: number, burst: number): boolean {
    const peer = this.#peer(destination);
    const now = this.#clock.now / 1e6;
    peer.tokens = Math.min(peer.tokens + now - peer.last, burst);
    peer.last = now;
    if (peer.tokens < cost - TOLERANCE) return false;
    peer.tokens = Math.max(0, peer.tokens - cost);
    return true;
  }

  #peer(address: Ipv4): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      // A new peer starts as if it had been quiet for a minute (inet_getpeer).
      peer = { tokens: 0, last: this.#now() - 60_000, redirects: 0 };
      this.#peers.set(address, peer);
    }
    return peer;
  }

  #now(): number {
    return Math.floor(this.#clock.now / 1e6);
  }
}
