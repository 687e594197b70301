import type { Problem } from '../core/problem.ts';
import { problemText } from '../show/problem-text.ts';

/** What a lab refuses to do. The message is what the command line prints. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}

/** A lab cannot be built, or a scenario not be run, because of what was written: all that is wrong with it, at once. */
export class TopologyError extends LabError {
  override readonly name: string = 'TopologyError';
  /** With code, sentence, hint, and file, line and column; of what was given in code the path of the value. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/** A machine has refused a command. */
export class CommandError extends LabError {
  override readonly name: string = 'CommandError';
  /** Title of the stack that was to run it. */
  readonly on: string;
  readonly command: string;
  /** What the machine said: `RTNETLINK answers: File exists`. */
  readonly sentence: string;

  constructor(on: string, command: string, sentence: string) {
    super(`${on}: ${command}: ${sentence}`);
    this.on = on;
    this.command = command;
    this.sentence = sentence;
  }
}

/** Frames multiplied until there were too many for one moment. The lab cannot go on. */
export class StormError extends LabError {
  override readonly name: string = 'StormError';
}
