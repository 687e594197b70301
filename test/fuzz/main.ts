#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Mode } from './finding.ts';
import { fuzz, fuzzAgain } from './fuzz.ts';

/* npm run fuzz: hostile frames at every device of every kind, and what became of the network. */

const number = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Expected a number.');
  return value;
};

interface Options {
  readonly minutes: number;
  readonly frames: number;
  readonly seed: number;
  readonly device: string;
  readonly world: string;
  readonly mode?: Mode;
  readonly all: boolean;
  readonly save: string;
  readonly replay?: string;
}

const program = new Command('fuzz')
  .description(
    'Throws random, mutated and crafted frames at the devices of running networks and looks whether anything breaks: ' +
      'exceptions, packets that get lost, tables and memory that grow, malformed packets that reach a program, flows that are harmed.',
  )
  .option('--minutes <m>', 'stop beginning sessions after so long', number, Number.POSITIVE_INFINITY)
  .option('--frames <n>', 'stop after so many frames', number, Number.POSITIVE_INFINITY)
  .option('--seed <n>', 'of the first session; the next ones count on', number, 1)
  .option('--device <name>', 'only devices with this in their name, such as gw:wan', '')
  .option('--world <name>', 'only worlds with this in their name', '')
  .addOption(new Option('--mode <mode>', 'only sessions of this kind').choices(['free', 'blind', 'traced']))
  .option('--all', 'go on behind a finding', false)
  .option('--save <folder>', 'where a finding is written to', 'out/fuzz')
  .option('--replay <file>', 'do again what such a file says')
  .showHelpAfterError('(--help tells the options)')
  .exitOverride()
  .action((options: Options) => {
    const { replay, minutes, frames } = options;
    const isEndless = minutes === Number.POSITIVE_INFINITY && frames === Number.POSITIVE_INFINITY;
    process.exitCode =
      replay === undefined ? fuzz({ ...options, minutes: isEndless ? 1 : minutes }) : fuzzAgain(replay);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
