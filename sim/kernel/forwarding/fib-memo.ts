import type { Ipv4 } from '../../wire/address.ts';
import type { FibResult } from './fib-result.ts';

/** Places, a power of two. */
const PLACES = 256;
const SHIFT = 24;

/** Of a namespace that was never asked: most of many only ever hear broadcasts. */
const NO_DESTINATIONS = new Int32Array(0);

/**
 * What lookups by destination alone found last, while the tables stay as they are: packets of one flow ask the same
 * again and again. One place for each destination, which the next of its hash takes over.
 */
export class FibMemo {
  #destinations = NO_DESTINATIONS;
  #results: (FibResult | undefined)[] = [];
  /** None yet: the first lookup makes the places. */
  #version = -1;

  /** `version` is that of the tables asked: what was found in another one is forgotten. */
  find(destination: Ipv4, version: number): FibResult | undefined {
    if (version !== this.#version) {
      if (this.#destinations.length === 0) this.#destinations = new Int32Array(PLACES);
      this.#results = new Array(PLACES).fill(undefined);
      this.#version = version;
    }
    const place = placeOf(destination);
    return this.#destinations[place] === (destination | 0) ? this.#results[place] : undefined;
  }

  /** To be called after find() of the same version. */
  keep(destination: Ipv4, result: FibResult): FibResult {
    const place = placeOf(destination);
    this.#destinations[place] = destination;
    this.#results[place] = result;
    return result;
  }
}

function placeOf(destination: Ipv4): number {
  return Math.imul(destination, 0x9e3779b1) >>> SHIFT;
}
