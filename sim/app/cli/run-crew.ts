import type { Crew } from './crew.ts';
import { SLICE } from './progress.ts';
import { playJob, readJob } from './run-job.ts';

/** So many threads; the thread of the terminal itself where one is enough. */
export async function crewOf(threads: number): Promise<Crew> {
  if (threads < 2) return ALONE;
  const { PoolCrew } = await import('./run-pool.ts');
  return new PoolCrew(threads);
}

const ALONE: Crew = {
  async *read(files, progress) {
    for (const file of files) {
      await progress.turn();
      const read = readJob(file);
      progress.ended();
      yield read;
    }
  },
  async *run(jobs, progress) {
    for (const job of jobs) {
      await progress.turn();
      const ran = await progress.follow(playJob(job, SLICE), progress.reached);
      progress.ended();
      yield ran;
    }
  },
  async dismiss() {},
};
