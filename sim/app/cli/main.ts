#!/usr/bin/env node
import { CommanderError } from 'commander';
import { SimulatorBug } from '../../core/assert.ts';
import { errorCode } from '../files.ts';
import { EXIT } from './exit.ts';
import { cutaway } from './program.ts';

// A reader that closes its end early, as `head` does, ends the program without a word.
process.stdout.on('error', (error) => {
  if (errorCode(error) === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await cutaway().parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
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
