import { ms, ns, type SimTime, seconds, ZERO } from '../../core/time.ts';

/** TCP_TIMEOUT_INIT, TCP_RTO_MIN, TCP_RTO_MAX. */
const INITIAL = seconds(1);
const MINIMUM = ms(200);
const MAXIMUM = seconds(120);
/** TCP_TIMEOUT_MIN: two jiffies of a kernel with 250 a second. */
export const SOON = ms(8);

/** Round trip time and retransmission timeout (RFC 6298, with the kernel's floor under the variance). */
export class RoundTrip {
  /** 0 while nothing was measured. */
  smoothed: SimTime = ZERO;
  minimum: SimTime = ZERO;
  #variance = 0;
  #measured = false;

  /** Models tcp_rtt_estimator(). */
  sample(time: SimTime): void {
    this.minimum = this.#measured ? ns(Math.min(this.minimum, time)) : time;
    if (!this.#measured) {
      this.#measured = true;
      this.smoothed = time;
      this.#variance = time / 2;
      return;
    }
    this.#variance += (Math.abs(time - this.smoothed) - this.#variance) / 4;
    this.smoothed = ns(this.smoothed + (time - this.smoothed) / 8);
  }

  /** Before any backing off. __tcp_set_rto(): smoothed plus four variances, these at least 200 ms. */
  get timeout(): SimTime {
    if (!this.#measured) return INITIAL;
    return ns(Math.min(this.smoothed + Math.max(4 * this.#variance, MINIMUM), MAXIMUM));
  }

  /** The timeout doubled `times` times, at most two minutes. */
  backedOff(times: number): SimTime {
    return ns(Math.min(this.timeout * 2 ** times, MAXIMUM));
  }

  /**
   * When a probe of the tail goes out, with so many segments in flight: one alone may be acknowledged late, of several
   * the peer speaks at once (tcp_schedule_loss_probe).
   */
  probeTimeout(inFlight: number): SimTime {
    const more = inFlight > 1 ? SOON : MINIMUM;
    return ns(Math.min(this.#measured ? 2 * this.smoothed + more : INITIAL, this.timeout));
  }
}
