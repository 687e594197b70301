#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CATALOGUE, type Entry, wholeNumber } from './catalogue.ts';
import type { JobOptions } from './job.ts';
import { jobsFor, type RunOptions, runAll } from './run-all.ts';
import { RunFailed } from './run-job.ts';

/* npm run bench: the same work at growing sizes, each run in a process of its own. */

const program = new Command('bench')
  .description(
    'Measures the simulator. Every run is a Node of its own without flags; it checks that all the work was done, and its ' +
      'clock runs from the first event to the last.',
  )
  .showHelpAfterError('(--help tells the options)')
  .exitOverride();

for (const entry of CATALOGUE) commandOf(entry);

function commandOf({ name, what, size, options = [] }: Entry): void {
  const command = program
    .command(name)
    .description(what)
    .option('--runs <n>', 'of each size; the table has the medians', wholeNumber(1, 1000), 1)
    .option('--json', 'one line of JSON for each run')
    .option('--cpu-prof', 'write a CPU profile of each run to out/bench')
    .option('--trace-gc', 'tell each garbage collection on stderr');
  for (const option of options) command.addOption(option);
  if (size === undefined) {
    command.action((given: RunOptions & JobOptions) => run(name, [0], given));
    return;
  }
  const read = wholeNumber(size.least ?? 1, size.most);
  const each = (text: string, before: number[] | undefined): number[] => [...(before ?? []), read(text)];
  command
    .argument(`[${size.of}...]`, `default ${size.defaults.join(', ')}`, each)
    .action((sizes: number[], given: RunOptions & JobOptions) =>
      run(name, sizes.length > 0 ? sizes : size.defaults, given),
    );
}

async function run(name: Entry['name'], sizes: readonly number[], given: RunOptions & JobOptions): Promise<void> {
  const { runs, json, cpuProf, traceGc, ...options } = given;
  const how = { runs, ...(json && { json }), ...(cpuProf && { cpuProf }), ...(traceGc && { traceGc }) };
  await runAll(jobsFor(name, sizes, options), how);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof RunFailed) {
    console.error(`bench: ${error.message}`);
    process.exitCode = 1;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else throw error;
}
