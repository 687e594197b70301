#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CATALOGUE, type Entry, wholeNumber } from './catalogue.ts';
import { type ContestOptions, holdContests } from './contest.ts';
import type { JobOptions } from './job.ts';
import { PEER_NAMES, type PeerName } from './peers.ts';
import { jobsFor, type RunOptions, runAll } from './run-all.ts';
import { RunFailed } from './run-job.ts';

/* npm run bench: the same work at growing sizes, each run in a process of its own. */

const program = new Command('bench')
  .description(
    'Measures the simulator. Every run is a Node of its own, tuned as the program is; it checks that all the work was done, and its ' +
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

program
  .command('peers')
  .description(
    'the same work done by ns-3 and by the kernel of this machine, in turn with the simulator, and the ratios. Needs g++ and ' +
      'libns3-dev, root for the kernel; NS3LTO may name the folder of a static build of ns-3 with LTO',
  )
  .option('--runs <n>', 'rounds', wholeNumber(1, 1000), 5)
  .option('--only <names>', `some of ${PEER_NAMES.join(', ')}`, peerNames, [...PEER_NAMES])
  .option('--percent <n>', 'do so much of the work', wholeNumber(1, 100), 100)
  .option('--json', 'one line of JSON for each run, then one for each pair')
  .action(({ percent, ...options }: Omit<ContestOptions, 'share'> & { readonly percent: number }) =>
    holdContests({ ...options, share: percent / 100 }),
  );

function peerNames(text: string): PeerName[] {
  return text.split(',').map((word) => {
    const name = PEER_NAMES.find((one) => one === word);
    if (name !== undefined) return name;
    throw new InvalidArgumentError(`Expected some of ${PEER_NAMES.join(', ')}.`);
  });
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
