#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { tuneEngine } from '../engine.ts';
import { errorCode } from '../files.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { EXIT } from './exit.ts';
import { exitCodeOf } from './fault.ts';

// A reader that closes its end early, as `head` does, ends the program without a word; a full disk with one.
process.stdout.on('error', (error) => {
  if (errorCode(error) !== 'EPIPE') process.exit(exitCodeOf(error));
  process.exit(process.exitCode ?? EXIT.passed);
});
// Where nobody hears messages there is nobody to tell.
process.stderr.on('error', () => {});
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));

/*
 * Node 22 can keep what it compiled for the next start: beside the program, so that it goes when the program goes, and no
 * other user can have put it there. Where nothing can be written there, it compiles anew each time and says nothing.
 */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
}
if (process.env.NODE_COMPILE_CACHE === undefined) {
  (module as CompileCache).enableCompileCache?.(join(PACKAGE_ROOT, 'dist', 'bin', '.compiled'));
}

tuneEngine();
const { commandLine } = await import('./command-line.ts');
await commandLine(process.argv.slice(2));
