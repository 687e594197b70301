import fc from 'fast-check';

/** Decisions of a generator. Each shrinks: to the first of a list, to no, to less. */
export class Choices {
  readonly #below: (limit: number) => number;

  constructor(below: (limit: number) => number) {
    this.#below = below;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#below(limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  /** The alternative that a weight leads to; the first is the plainest. */
  weighted<T>(...alternatives: readonly (readonly [weight: number, value: T])[]): T {
    let at = this.below(alternatives.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of alternatives) {
      if (at < weight) return value;
      at -= weight;
    }
    throw new Error('no alternative has a weight');
  }
}

const numberBelow = (limit: number): fc.Arbitrary<number> => fc.noBias(fc.nat({ max: limit - 1 }));

/** What a function makes of decisions, as fast-check draws, replays and shrinks them. */
export function chosen<T>(make: (choose: Choices) => T): fc.Arbitrary<T> {
  return fc.gen().map((draw) => make(new Choices((limit) => (limit < 2 ? 0 : draw(numberBelow, limit)))));
}
