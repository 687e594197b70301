/**
 * Numbers of 32 bits that look random (Marsaglia's xorshift, 13 17 5). The programs of the peers have the same, so that
 * they draw the same routes and destinations.
 */
export class Xorshift {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  below(limit: number): number {
    return this.next() % limit;
  }
}
