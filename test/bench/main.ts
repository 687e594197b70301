#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Job, JobOptions, Result, WorkloadName } from './job.ts';
import { resultTable } from './result-table.ts';
import { RunFailed, runJob } from './run-job.ts';

/* npm run bench: the same work at growing sizes, each run in a process of its own. */

const PROFILES = 'out/bench';

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };

interface Common {
  readonly runs: number;
  readonly json?: true;
  readonly cpuProf?: true;
  readonly traceGc?: true;
}

const program = new Command('bench')
  .description(
    'Measures the simulator. Every run is a Node of its own without flags; it checks that all the work was done, and its ' +
      'clock runs from the first event to the last.',
  )
  .showHelpAfterError('(--help tells the options)')
  .exitOverride();

/** A workload with its sizes; `most` keeps a typo from taking all the memory. */
function workload(
  name: WorkloadName,
  what: string,
  size: { readonly name: string; readonly least: number; readonly most: number; readonly defaults: readonly number[] },
): Command {
  const read = wholeNumber(size.least, size.most);
  return program
    .command(name)
    .description(what)
    .argument(
      `[${size.name}...]`,
      `default ${size.defaults.join(', ')}`,
      (text: string, before: number[] | undefined) => [...(before ?? []), read(text)],
    )
    .option('--runs <n>', 'of each size; the table has the medians', wholeNumber(1, 1000), 1)
    .option('--json', 'one line of JSON for each run')
    .option('--cpu-prof', `write a CPU profile of each run to ${PROFILES}`)
    .option('--trace-gc', 'tell each garbage collection on stderr')
    .action(async (sizes: number[], { runs, json, cpuProf, traceGc, ...options }: Common & JobOptions) => {
      const common = { runs, ...(json && { json }), ...(cpuProf && { cpuProf }), ...(traceGc && { traceGc }) };
      const jobs = (sizes.length > 0 ? sizes : size.defaults).flatMap((size) =>
        variants(name, options).map((options) => ({ workload: name, size, options })),
      );
      await runAll(jobs, common);
    });
}

const payload = new Option('--payload <bytes>', 'bytes of data in each datagram')
  .argParser(wholeNumber(0, 1472))
  .default(100);
/** What is run where the command line leaves it open. */
function variants(name: WorkloadName, options: JobOptions): JobOptions[] {
  if (name !== 'tcp' || options.loss !== undefined) return [options];
  return [{ loss: false }, { loss: true }];
}

const sent = (count: number): Option =>
  new Option('--packets <n>', 'how many cross the router while the clock runs')
    .argParser(wholeNumber(1, 100_000_000))
    .default(count);
const routers = new Option('--routers <n>', 'routers in the chain').argParser(wholeNumber(1, 60)).default(8);
const packets = { name: 'packets', least: 1, most: 100_000_000 };

workload('chain', 'one UDP flow over eight routers in a row', { ...packets, defaults: [200_000] })
  .option('--capture', 'write a pcap file of every interface while it runs')
  .addOption(routers)
  .addOption(payload);
workload('bridge', 'a learning bridge: all pairs of its hosts', { name: 'hosts', least: 2, most: 1000, defaults: [32] })
  .option('--each <n>', 'datagrams of each ordered pair', wholeNumber(1, 1_000_000), 200)
  .addOption(payload);
workload('trace', 'the chain with every step of every packet kept', { ...packets, defaults: [20_000] })
  .addOption(routers)
  .addOption(payload);
workload('tcp', 'one TCP flow over three routers, compared byte by byte', {
  name: 'bytes',
  least: 1,
  most: 10_000_000_000,
  defaults: [100_000_000],
})
  .option('--loss', 'only with 1 % of the frames lost on the cable in the middle; default: without, and with')
  .option('--no-loss', 'only without');
workload('routes', 'a router with so many random prefixes, random destinations', {
  name: 'routes',
  least: 1,
  most: 5_000_000,
  defaults: [1000, 10_000, 100_000, 1_000_000],
})
  .addOption(sent(200_000))
  .addOption(payload);
workload('nat', 'so many concurrent UDP flows through MASQUERADE, there and back', {
  name: 'flows',
  least: 1,
  most: 5_000_000,
  defaults: [1000, 100_000, 1_000_000],
})
  .addOption(sent(200_000))
  .addOption(payload);
workload('rules', 'so many rules of iptables that do not match before the one that does', {
  name: 'rules',
  least: 0,
  most: 60_000,
  defaults: [0, 10, 100, 1000],
})
  .addOption(sent(50_000))
  .addOption(payload);
workload('containers', 'a Comware device with so many containers: built, then each pings the gateway', {
  name: 'containers',
  least: 1,
  most: 100_000,
  defaults: [100, 1000, 10_000],
});

async function runAll(jobs: readonly Job[], { runs, json, cpuProf, traceGc }: Common): Promise<void> {
  if (cpuProf) mkdirSync(PROFILES, { recursive: true });
  const flags = [...(cpuProf ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : []), ...(traceGc ? ['--trace-gc'] : [])];
  const results: Result[][] = jobs.map(() => []);
  // In turn, so that a machine that gets slower does so for all of them.
  for (let run = 0; run < runs; run++) {
    for (const [index, job] of jobs.entries()) {
      const result = await runJob(job, flags);
      results[index]?.push(result);
      if (json) console.log(JSON.stringify(result));
    }
  }
  if (!json) console.log(resultTable(results));
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
