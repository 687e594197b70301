import { CommanderError } from 'commander';
import { SimulatorBug } from '../../core/assert.ts';
import { errorCode } from '../files.ts';
import { EXIT } from './exit.ts';
import { cutaway } from './program.ts';

/** Does what the words of a command line ask for, and sets the exit code of the process. */
export async function commandLine(words: readonly string[]): Promise<void> {
  try {
    await cutaway().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Commander has said what was wrong with the usage; everything else is said here. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SimulatorBug) {
    process.stderr.write(`cutaway: a bug in the simulator: ${text}\n${error.stack ?? ''}\n`);
    return EXIT.internal;
  }
  const code = errorCode(error);
  if (['EACCES', 'ENOSPC', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EBUSY'].includes(code)) {
    process.stderr.write(`cutaway: cannot write: ${text}\n`);
    return EXIT.usage;
  }
  process.stderr.write(`cutaway: internal error: ${error instanceof Error ? error.stack : text}\n`);
  return EXIT.internal;
}
