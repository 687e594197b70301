import { CommanderError } from 'commander';
import { SimulatorBug } from '../../core/assert.ts';
import { CannotWrite, errorCode } from '../files.ts';
import { EXIT } from './exit.ts';
import { cutaway } from './program.ts';
import { writtenStack } from './written-stack.ts';

/** Does what the words of a command line ask for, and sets the exit code of the process. */
export async function commandLine(words: readonly string[]): Promise<void> {
  try {
    await cutaway().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** What the system says where old results cannot be taken away, or a file not be made executable. */
const UNWRITABLE = ['EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EBUSY'];

/** Commander has said what was wrong with the usage; everything else is said here. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SimulatorBug) {
    process.stderr.write(`cutaway: a bug in the simulator: ${text}\n${writtenStack(error.stack ?? '')}\n`);
    return EXIT.internal;
  }
  if (error instanceof CannotWrite || UNWRITABLE.includes(errorCode(error))) {
    process.stderr.write(`cutaway: cannot write: ${text}\n`);
    return EXIT.usage;
  }
  process.stderr.write(
    `cutaway: internal error: ${error instanceof Error ? writtenStack(error.stack ?? text) : text}\n`,
  );
  return EXIT.internal;
}
