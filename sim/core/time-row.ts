import type { SimTime } from './time.ts';

/** Moments in the order they come, as bare numbers in a ring: when each of the frames that wait will have left. */
export class TimeRow {
  #times = new Float64Array(8);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** `at` is no earlier than the last. */
  push(at: SimTime): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#times[(this.#head + this.#size++) & (this.#times.length - 1)] = at;
  }

  /** Takes out those that have come. */
  dropUntil(now: SimTime): void {
    const mask = this.#times.length - 1;
    while (this.#size > 0 && (this.#times[this.#head] as number) <= now) {
      this.#head = (this.#head + 1) & mask;
      this.#size--;
    }
  }

  clear(): void {
    this.#size = 0;
  }

  #grow(): void {
    const { length } = this.#times;
    const larger = new Float64Array(2 * length);
    larger.set(this.#times.subarray(this.#head));
    larger.set(this.#times.subarray(0, this.#head), length - this.#head);
    this.#times = larger;
    this.#head = 0;
  }
}
