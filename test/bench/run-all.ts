import { mkdirSync } from 'node:fs';
import type { Job, JobOptions, Result, WorkloadName } from './job.ts';
import { resultTable } from './result-table.ts';
import { runJob } from './run-job.ts';
import { Session } from './session.ts';

const PROFILES = 'out/bench';

export interface RunOptions {
  readonly runs: number;
  readonly json?: true;
  readonly cpuProf?: true;
  readonly traceGc?: true;
}

/** The jobs that a command line comes to. What it leaves open is run both ways, and a price needs what it is paid for. */
export function jobsFor(workload: WorkloadName, sizes: readonly number[], options: JobOptions): Job[] {
  return sizes.flatMap((size): Job[] => {
    if (workload === 'trace') return [job('chain', size, options), job('trace', size, options)];
    if (workload !== 'tcp' || options.loss !== undefined) return [job(workload, size, options)];
    return [job('tcp', size, { ...options, loss: false }), job('tcp', size, { ...options, loss: true })];
  });
}

const job = (workload: WorkloadName, size: number, options: JobOptions): Job => ({ workload, size, options });

/** Runs each job so often and prints what came of it. */
export async function runAll(jobs: readonly Job[], { runs, json, cpuProf, traceGc }: RunOptions): Promise<void> {
  if (cpuProf) mkdirSync(PROFILES, { recursive: true });
  const flags = [...(cpuProf ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : []), ...(traceGc ? ['--trace-gc'] : [])];
  const results: Result[][] = jobs.map(() => []);
  const session = new Session();
  try {
    let before: Result | undefined;
    // In turn, so that a machine that gets slower does so for all of them.
    for (let turn = 0; turn < runs * jobs.length; turn++) {
      const index = turn % jobs.length;
      const job = jobs[index] as Job;
      const bare = await runJob(job, flags, session.began);
      const result = job.workload === 'trace' ? priced(bare, before) : bare;
      before = bare;
      results[index]?.push(result);
      if (json) console.log(JSON.stringify(result));
    }
  } finally {
    session.end();
  }
  if (!json) console.log(resultTable(results));
}

/** What tracing costs: the time of the run that was just made without is the measure. */
function priced(traced: Result, untraced: Result | undefined): Result {
  return untraced === undefined ? traced : { ...traced, price: traced.wall_s / untraced.wall_s };
}
