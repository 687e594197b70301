import { tuneEngine } from '../../sim/app/engine.ts';
import type { Job } from './job.ts';
import { measure } from './meter.ts';
import { prepare } from './workloads.ts';

/* One run, in a process of its own: the job is its argument, the result its last line. */

const job = JSON.parse(process.argv[2] ?? '') as Job;
tuneEngine();
try {
  console.log(JSON.stringify(await measure(job, () => prepare(job))));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
