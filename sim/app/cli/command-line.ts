import { CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { exitCodeOf } from './fault.ts';
import { cutaway } from './program.ts';

/** Does what the words of a command line ask for, and sets the exit code of the process. */
export async function commandLine(words: readonly string[]): Promise<void> {
  try {
    await cutaway().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? usageCode(error) : exitCodeOf(error);
  }
}

/** Commander has said what was wrong with the usage. */
function usageCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? EXIT.passed : EXIT.usage;
}
