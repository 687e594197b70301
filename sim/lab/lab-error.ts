import type { Problem } from '../core/problem.ts';
import { problemText } from '../show/problem-text.ts';
import type { Halt } from '../world/halt.ts';

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

/** The run has reached a limit, such as events, and was stopped: the message says what was going on. The lab cannot go on. */
export class HaltError extends LabError {
  override readonly name: string = 'HaltError';
  readonly halt: Halt;

  constructor(message: string, halt: Halt) {
    super(message);
    this.halt = halt;
  }
}

/** A frame is sent over and over: the message names it and the loop it is in. */
export class StormError extends HaltError {
  override readonly name: string = 'StormError';
}
