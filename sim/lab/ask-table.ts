import { readQuestion } from '../show/ask/ask.ts';
import { isMisunderstood } from '../show/ask/question.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import { CommandError, LabError } from './lab-error.ts';

export interface AnsweredTable {
  readonly text: string;
  readonly rows: unknown;
}

/**
 * A table by its short name or by the command that prints it. Throws LabError where there is none such or the stack is of
 * another kind, CommandError where the command is about something that is not there.
 */
export function askTable(snapshot: StackSnapshot, what: string): AnsweredTable {
  const question = readQuestion(what);
  if (isMisunderstood(question)) {
    const { problem, hint } = question;
    throw new LabError(hint === undefined ? problem : `${problem}; ${hint}`);
  }
  const isDevice = snapshot.comware !== undefined;
  if ((question.of === 'comware' || question.of === 'docker') && !isDevice) {
    throw new LabError(`"${question.command}" is for Comware devices, and ${snapshot.title} is none`);
  }
  const refusal = question.refusal?.(snapshot);
  if (refusal !== undefined) throw new CommandError(snapshot.title, question.command, refusal);
  return { text: question.text(snapshot), rows: question.rows(snapshot) };
}
