const TWO_TO_32 = 0x100000000;

/**
 * The one source of chance: a seeded generator (sfc32, PractRand's small fast counting generator), forked by label so
 * that a change in one namespace does not shift what another one draws.
 */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: number;
  readonly #label: string;

  constructor(seed: number, label = '') {
    this.#seed = seed;
    this.#label = label;
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / TWO_TO_32) >>> 0;
    this.#c = fnv1a(label);
    for (let round = 0; round < 12; round++) this.u32();
  }

  /** An independent generator of the same seed for `label`. */
  fork(label: string): Chance {
    return new Chance(this.#seed, `${this.#label}/${label}`);
  }

  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number {
    const result = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) >>> 0;
    return result;
  }

  /** Uniform whole number in 0 .. bound - 1; 0 for a bound of 0 or 1. */
  below(bound: number): number {
    return Math.floor((this.u32() / TWO_TO_32) * bound);
  }

  /** True with `probability` (0 to 1). */
  happens(probability: number): boolean {
    return probability > 0 && this.u32() / TWO_TO_32 < probability;
  }
}

/** 32-bit FNV-1a hash over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
