import { ExclusiveTurns } from './exclusive-turns.ts';
import { isAlike } from './signs.ts';

/** What a run came to; where it differs, by what its disagreement is known again. */
export type Tried =
  | { readonly kind: 'agreed' | 'not judged' }
  | { readonly kind: 'differs'; readonly signs: ReadonlySet<string> };

/** So often a run is made anew, each with the machine to itself, until two of them disagree alike. */
const MOST_ALONE = 4;

/**
 * Many runs at once, and what disagrees again: the machine may have been busy, and some numbers are random. A
 * disagreement is believed when two runs that had the machine to themselves show it; what each shows once is noise.
 */
export class Repeated {
  readonly #turns = new ExclusiveTurns();

  /**
   * The first run that does not disagree, or the second that disagrees as one before it did, or the last; and how many
   * there were.
   */
  async judge<T extends Tried>(run: () => Promise<T>): Promise<{ readonly outcome: T; readonly runs: number }> {
    let outcome = await this.#turns.shared(run);
    const shown: ReadonlySet<string>[] = [];
    let runs = 1;
    for (; outcome.kind === 'differs' && runs <= MOST_ALONE; runs++) {
      outcome = await this.#turns.alone(run);
      if (outcome.kind !== 'differs') continue;
      const { signs } = outcome;
      if (shown.some((others) => isAlike(others, signs))) return { outcome, runs: runs + 1 };
      shown.push(signs);
    }
    return { outcome, runs };
  }

  /** Does what nothing else may go on beside. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.alone(work);
  }
}
