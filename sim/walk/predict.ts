import type { RecordedStep } from '../packet/trace.ts';
import { stepText } from '../show/step-text.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { bridgeQuestion } from './predict/bridge-question.ts';
import { hookQuestion } from './predict/filter-question.ts';
import { neighbourQuestion } from './predict/neighbour-question.ts';
import type { Question } from './predict/question.ts';
import { routeQuestion } from './predict/route-question.ts';
import { ruleQuestion } from './predict/rule-question.ts';
import { noSocketQuestion, socketQuestion } from './predict/socket-question.ts';

/**
 * What can be asked before a step is shown: which way? `snapshot` is of the stack that makes it, as it was then, `before`
 * has the steps of the same packet up to it. Undefined where nothing was decided, or nothing else was possible.
 */
export function questionAt(
  step: RecordedStep,
  snapshot: StackSnapshot,
  before: readonly RecordedStep[],
): Question | undefined {
  switch (step.kind) {
    case 'route':
      return routeQuestion({ step, snapshot, before });
    case 'rule':
      return ruleQuestion({ step, snapshot, before });
    case 'neighbour':
      return neighbourQuestion({ step, snapshot, before });
    case 'bridge':
      return bridgeQuestion({ step, snapshot, before });
    case 'demultiplex':
      return socketQuestion({ step, snapshot, before });
    case 'because':
      return noSocketQuestion({ step, snapshot, before });
    case 'hook':
      return hookQuestion({ step, snapshot, before });
    default:
      return undefined;
  }
}

/** What the code said, for whoever has chosen. */
export function outcomeText({ step }: Question): string {
  return stepText(step);
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
