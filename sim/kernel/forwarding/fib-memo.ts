import type { Ipv4 } from '../../wire/address.ts';
import type { FibResult } from './fib-result.ts';

/** Places, a power of two. */
const PLACES = 256;
const SHIFT = 24;

/**
 * What lookups by destination alone found last, while the tables stay as they are: packets of one flow ask the same
 * again and again. One place for each destination, which the next of its hash takes over.
 */
export class FibMemo {
  /** Made by the first lookup: many a namespace never sees one. */
  #destinations: Int32Array | undefined;
  #results: (FibResult | undefined)[] = [];
  #version = -1;

  /** `version` is that of the tables asked: what was found in another one is forgotten. */
  find(destination: Ipv4, version: number): FibResult | undefined {
    if (version !== this.#version) {
      this.#destinations ??= new Int32Array(PLACES);
      this.#results = new Array(PLACES).fill(undefined);
      this.#version = version;
    }
    const place = placeOf(destination);
    return this.#destinations?.[place] === (destination | 0) ? this.#results[place] : undefined;
  }

  /** To be called after find() of the same version. */
  keep(destination: Ipv4, result: FibResult): FibResult {
    const place = placeOf(destination);
    if (this.#destinations !== undefined) this.#destinations[place] = destination;
    this.#results[place] = result;
    return result;
  }
}

function placeOf(destination: Ipv4): number {
  return Math.imul(destination, 0x9e3779b1) >>> SHIFT;
}
