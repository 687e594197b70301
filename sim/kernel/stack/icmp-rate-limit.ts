import type { Chance } from '../../core/chance.ts';
import type { Clock } from '../../core/events.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { InetPeers } from '../inet-peers.ts';
import type { GlobalSysctls } from '../sysctl.ts';

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

/** The bucket of all destinations is filled up no sooner than a fiftieth of a second after the last time (HZ / 50). */
const REFILL_MS = 20;

/**
 * One token bucket a destination, shared by all errors and redirects sent to it, and one for all of them. Models
 * net/ipv4/inetpeer.c inet_peer_xrlim_allow(), the bucket of net/ipv4/route.c ip_error() and ip_rt_send_redirect(), and
 * net/ipv4/icmp.c icmp_global_allow().
 */
export class IcmpRateLimit {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #settings: GlobalSysctls;
  readonly #peers: InetPeers;
  /** Messages that may be sent to anybody, and when they were last reckoned: at first long ago. */
  #credit = 0;
  #refilled = -1000;

  constructor(clock: Clock, chance: Chance, settings: GlobalSysctls, peers: InetPeers) {
    this.#clock = clock;
    this.#chance = chance;
    this.#settings = settings;
    this.#peers = peers;
  }

  /** Whether any more may be sent, to whomever. */
  allowsAny(): boolean {
    if (this.#credit > 0) return true;
    const passed = Math.min(this.#now() - this.#refilled, 1000);
    if (passed < REFILL_MS) return false;
    const { icmp_msgs_per_sec: rate, icmp_msgs_burst: burst } = this.#settings;
    const gained = Math.floor((rate * passed) / 1000);
    if (gained === 0) return false;
    this.#refilled = this.#now();
    this.#credit = Math.min(this.#credit + gained, burst);
    return true;
  }

  /** One is sent: it takes one on average, so that nobody learns by counting what was sent to others (icmp_global_consume). */
  consume(): void {
    this.#credit -= this.#chance.below(3);
  }

  /** Takes a token of icmp_ratelimit milliseconds for an ICMP error; false when none is left. */
  allows(destination: Ipv4): boolean {
    const interval = this.#settings.icmp_ratelimit;
    if (interval <= 0) return true;
    return this.#take(destination, interval, XRLIM_BURST_FACTOR * interval);
  }

  /** Unreachable routes pay a second token, of one second. */
  allowsRouteError(destination: Ipv4): boolean {
    return this.#take(destination, 1000, ROUTE_ERROR_BURST_FACTOR * 1000);
  }

  allowsRedirect(source: Ipv4): boolean {
    const now = this.#now();
    const peer = this.#peers.get(source);
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
    const peer = this.#peers.get(destination);
    const now = this.#clock.now / 1e6;
    peer.tokens = Math.min(peer.tokens + now - peer.last, burst);
    peer.last = now;
    if (peer.tokens < cost - TOLERANCE) return false;
    peer.tokens = Math.max(0, peer.tokens - cost);
    return true;
  }

  #now(): number {
    return Math.floor(this.#clock.now / 1e6);
  }
}
