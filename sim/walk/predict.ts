import type { RecordedStep } from '../packet/trace.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { bridgeQuestion } from './predict/bridge-question.ts';
import { hookQuestion } from './predict/filter-question.ts';
import { neighbourQuestion } from './predict/neighbour-question.ts';
import type { Decision, Question } from './predict/question.ts';
import { routeQuestion } from './predict/route-question.ts';
import { ruleQuestion } from './predict/rule-question.ts';
import { noSocketQuestion, socketQuestion } from './predict/socket-question.ts';

type Asker<Kind extends RecordedStep['kind']> = (decision: Decision<Kind>) => Question | undefined;

/** What is asked of each kind of step; of others nothing is. */
const ASKERS: { readonly [Kind in RecordedStep['kind']]?: Asker<Kind> } = {
  route: routeQuestion,
  rule: ruleQuestion,
  neighbour: neighbourQuestion,
  bridge: bridgeQuestion,
  demultiplex: socketQuestion,
  because: noSocketQuestion,
  hook: hookQuestion,
};

/** Of other steps no tables need be read. */
export function mayBeAsked({ kind }: RecordedStep): boolean {
  return kind in ASKERS;
}

/**
 * What can be asked before a step is shown: which way? `snapshot` is of the stack that makes it, as it was then, `before`
 * has the steps of the same packet up to it. Undefined where nothing was decided, or nothing else was possible.
 */
export function questionAt(
  step: RecordedStep,
  snapshot: StackSnapshot,
  before: readonly RecordedStep[],
): Question | undefined {
  // Its kind is that of the step: the table says so.
  const asker = ASKERS[step.kind] as Asker<typeof step.kind> | undefined;
  return asker?.({ step, snapshot, before });
}

/** How somebody predicts. */
export interface Score {
  readonly asked: number;
  readonly right: number;
  /** Right ones since the last wrong one. */
  readonly streak: number;
}

export const NO_SCORE: Score = { asked: 0, right: 0, streak: 0 };

export function scored({ asked, right, streak }: Score, isRight: boolean): Score {
  return { asked: asked + 1, right: right + (isRight ? 1 : 0), streak: isRight ? streak + 1 : 0 };
}
