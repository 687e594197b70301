#!/usr/bin/env node
import { setPriority } from 'node:os';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../sim/core/time.ts';
import { judgeFiles } from './files.ts';
import { fuzz } from './fuzz/fuzz.ts';

/* npm run judge: the real kernel, and the simulator beside it. */

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
};

const seconds = (text: string): number => {
  const time = parseDuration(text);
  if (time === undefined) throw new InvalidArgumentError('Expected a time such as 90s.');
  return time / 1e9;
};

const program = new Command('judge')
  .description(
    'Plays scenarios in the simulator and, with the same commands, in network namespaces of this machine, and compares ' +
      'frame by frame and table by table. Needs root; --golden does not.',
  )
  .argument('[file...]', 'scenarios; default: the labs in test/judge/labs')
  .option('--golden', 'compare with the stored runs of the kernel, without root')
  .option('--refresh', 'run the kernel and store what it did')
  .option('--masks', 'tell which masks were used, how often, and why they are there')
  .option('--runs <n>', 'random topologies and flows instead of files', count)
  .option('--seed <n>', 'of the random ones; default: another each time', count)
  .option('--time <duration>', 'stop beginning new random ones after so long', seconds)
  .option('--all', 'go on behind a disagreement, and make none of them smaller')
  .option('--save <folder>', 'where a disagreement is written to', 'out/judge')
  .option('-j, --jobs <n>', 'runs at the same time', count, 1)
  .showHelpAfterError('(--help tells the options)')
  .exitOverride()
  .action(async (files: string[], options: Options) => {
    const isRandom = options.runs !== undefined || options.time !== undefined;
    const runs = options.runs ?? Number.POSITIVE_INFINITY;
    hurry();
    process.exitCode = isRandom ? await fuzz({ ...options, runs }) : await judgeFiles(files, options);
  });

/** Its programs come before whatever else the machine does, as far as it may: what they are late by the kernel seems to be. */
function hurry(): void {
  try {
    setPriority(-15);
  } catch {
    // Only root may. Whoever compares with stored runs has no need of it.
  }
}

interface Options {
  readonly golden?: true;
  readonly refresh?: true;
  readonly masks?: true;
  readonly runs?: number;
  readonly seed?: number;
  readonly time?: number;
  readonly all?: true;
  readonly save: string;
  readonly jobs: number;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
