#!/usr/bin/env node
import { errorCode } from '../files.ts';
import { commandLine } from './command-line.ts';

// A reader that closes its end early, as `head` does, ends the program without a word.
process.stdout.on('error', (error) => {
  if (errorCode(error) === 'EPIPE') process.exit(0);
  throw error;
});

await commandLine(process.argv.slice(2));
