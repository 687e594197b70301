import { finish } from '../../core/finish.ts';
import { type Failure, failureOf, playJob, type RanJob, type ReadFile, type RunJob, readJob } from './run-job.ts';

/** What a thread of the pool is asked for: files to be read, or a scenario to be run. */
export type Task = { readonly files: readonly string[] } | { readonly job: RunJob };
export type Outcome = { readonly read: readonly ReadFile[] } | { readonly ran: RanJob } | { readonly failure: Failure };

/** Does it. Whoever asked throws what was thrown here. */
export function work(task: Task): Outcome {
  try {
    if ('job' in task) return { ran: finish(playJob(task.job)) };
    return { read: task.files.map(readPlain) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** Without the document, which knows its places by what no other thread can have. */
function readPlain(file: string): ReadFile {
  const read = readJob(file);
  if ('problems' in read) return read;
  const { document: _, ...plain } = read;
  return plain;
}
