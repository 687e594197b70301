import type { RecordedStep } from '../../packet/trace.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import type { Words } from '../styled.ts';

/** What is asked before a decision: every option is open at this place and moment, one of them is what happened. */
export interface Question {
  readonly step: RecordedStep;
  readonly prompt: Words;
  /** 2 to 6, in the order of the table they stand in. */
  readonly options: readonly Words[];
  /** Index of what the code decided. */
  readonly right: number;
  /** Why that: the row that decided, and why it won over the others. */
  readonly why: Words;
}

/** A decision, the tables it was made from, and what the packet went through before. */
export interface Decision<Kind extends RecordedStep['kind'] = RecordedStep['kind']> {
  readonly step: RecordedStep & { readonly kind: Kind };
  readonly snapshot: StackSnapshot;
  /** Steps of the same packet before this one, oldest first. */
  readonly before: readonly RecordedStep[];
}

export const MOST_OPTIONS = 6;

/**
 * A question, if there is a choice: options that read alike are one. Of more than six those are kept that stand around
 * the right one; how many of them before it changes from step to step, so that its place tells nothing.
 */
export function ask(
  step: RecordedStep,
  prompt: Words,
  all: readonly Words[],
  answer: Words,
  why: Words,
  last: readonly Words[] = [],
): Question | undefined {
  const distinct = all.filter((one, index) => all.findIndex(({ en }) => en === one.en) === index);
  const closing = last.filter(({ en }) => !distinct.some((one) => one.en === en));
  const at = distinct.findIndex(({ en }) => en === answer.en);
  const room = MOST_OPTIONS - closing.length;
  const first = Math.min(Math.max(0, at - (step.order % room)), Math.max(0, distinct.length - room));
  const options = [...distinct.slice(first, first + room), ...closing];
  const right = options.findIndex(({ en }) => en === answer.en);
  return right < 0 || options.length < 2 ? undefined : { step, prompt, options, right, why };
}
