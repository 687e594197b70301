import type { SimTime } from '../../core/time.ts';

/** What a congestion control decides; the window itself and the recovery are the connection's. Counts are segments. */
export interface CongestionControl {
  readonly name: 'cubic' | 'reno';
  /** The window to go on with after a loss, given the one it happened at. At least 2. */
  reduced(window: number): number;
  /** Segments whose acknowledgement lets the window grow by one in congestion avoidance, at least 1. */
  segmentsForOne(window: number, acknowledged: number, now: SimTime, minimumRoundTrip: SimTime): number;
  /** The retransmission timer ran out: what was learnt about the path is worth nothing. */
  reset(): void;
}

/** Congestion avoidance of RFC 5681: one segment a round trip, half the window after a loss. */
export class NewReno implements CongestionControl {
  readonly name = 'reno';

  reduced(window: number): number {
    return Math.max(Math.floor(window / 2), 2);
  }

  segmentsForOne(window: number): number {
    return window;
  }

  reset(): void {}
}

/** RFC 9438 4.6 and 4.1: multiplicative decrease, and how fast the curve rises (segments a cubed second). */
const BETA = 0.7;
const C = 0.4;

/** CUBIC (RFC 9438, net/ipv4/tcp_cubic.c). Not modelled: HyStart. */
export class Cubic implements CongestionControl {
  readonly name = 'cubic';
  #lastMaximum = 0;
  #epochStart: SimTime | undefined;
  /** Seconds from the start of the epoch to the plateau. */
  #k = 0;
  #origin = 0;
  #renoWindow = 0;
  #renoCredit = 0;

  reduced(window: number): number {
    this.#epochStart = undefined;
    // Fast convergence: a loss below the last maximum means that somebody else needs room.
    this.#lastMaximum = window < this.#lastMaximum ? (window * (1 + BETA)) / 2 : window;
    return Math.max(Math.floor(window * BETA), 2);
  }

  segmentsForOne(window: number, acknowledged: number, now: SimTime, minimumRoundTrip: SimTime): number {
    if (this.#epochStart === undefined) this.#begin(window, now);
    const seconds = (now - (this.#epochStart as number) + minimumRoundTrip) / 1e9;
    const target = this.#origin + C * (seconds - this.#k) ** 3;
    const count = target > window ? window / (target - window) : 100 * window;
    return Math.max(this.#atLeastReno(window, acknowledged, count), 2);
  }

  reset(): void {
    this.#epochStart = undefined;
    this.#lastMaximum = 0;
  }

  #begin(window: number, now: SimTime): void {
    this.#epochStart = now;
    this.#renoWindow = window;
    this.#renoCredit = 0;
    this.#k = this.#lastMaximum <= window ? 0 : Math.cbrt((this.#lastMaximum - window) / C);
    this.#origin = Math.max(this.#lastMaximum, window);
  }

  /** Never slower than NewReno would be with the same decrease (RFC 9438 4.3). */
  #atLeastReno(window: number, acknowledged: number, count: number): number {
    const segmentsForOne = window / ((3 * (1 - BETA)) / (1 + BETA));
    this.#renoCredit += acknowledged;
    while (this.#renoCredit > segmentsForOne) {
      this.#renoCredit -= segmentsForOne;
      this.#renoWindow++;
    }
    const ahead = this.#renoWindow - window;
    return ahead > 0 ? Math.min(count, window / ahead) : count;
  }
}
