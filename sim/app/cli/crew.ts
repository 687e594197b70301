import type { Progress } from './progress.ts';
import type { RanJob, ReadFile, RunJob } from './run-job.ts';

/** Who reads and runs scenarios. What comes of them comes in the order in which they are given. */
export interface Crew {
  read(files: readonly string[], progress: Progress): AsyncIterable<ReadFile>;
  run(jobs: readonly RunJob[], progress: Progress): AsyncIterable<RanJob>;
  dismiss(): Promise<void>;
}
