import { SimulatorBug } from '../../core/assert.ts';
import { CannotWrite } from '../files.ts';
import { packageVersion } from '../package-root.ts';
import { EXIT } from './exit.ts';
import { say } from './terminal.ts';
import { writtenStack } from './written-stack.ts';

/** Says what ended a command, and gives its exit code: what the system refuses is told in a line, all else is a bug of ours. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CannotWrite) {
    say(`cutaway: cannot write: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof Error && 'syscall' in error) {
    say(`cutaway: the system refuses: ${error.message}`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? writtenStack(error.stack ?? text) : text;
  say(
    error instanceof SimulatorBug
      ? `cutaway: a bug in the simulator: ${text}\n${stack}`
      : `cutaway: internal error: ${stack}`,
  );
  say(
    `\nPlease report this, with the files that are named here, and it will be mended. It happens again by\n  ${typed()}`,
  );
  say(`Cutaway ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}`);
  return EXIT.internal;
}

/** The command line as it would be typed again. */
function typed(): string {
  const words = process.argv
    .slice(2)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['cutaway', ...words].join(' ');
}
