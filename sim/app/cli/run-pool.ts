import { Tinypool } from 'tinypool';
import { must } from '../../core/assert.ts';
import type { Crew } from './crew.ts';
import type { Progress } from './progress.ts';
import { errorOf, type RanJob, type ReadFile, type RunJob } from './run-job.ts';
import type { Outcome, Task, work } from './run-worker.ts';

/** Tasks that are under way or done ahead of the one whose turn it is, for each thread: what is done takes memory. */
const AHEAD = 8;

/** Files that a thread reads before it is asked again: to read one takes hardly longer than to ask. */
const BATCH = 16;

/** Threads that take one task after the other. */
export class PoolCrew implements Crew {
  readonly #pool: Tinypool;
  readonly #threads: number;

  constructor(threads: number) {
    this.#threads = threads;
    this.#pool = new Tinypool({
      filename: new URL('./run-worker.js', import.meta.url).href,
      name: WORK,
      minThreads: threads,
      maxThreads: threads,
    });
  }

  async *read(files: readonly string[], progress: Progress): AsyncGenerator<ReadFile> {
    const size = Math.min(BATCH, Math.ceil(files.length / this.#threads));
    const count = Math.ceil(files.length / size);
    const tasks = Array.from({ length: count }, (_, index) => ({
      files: files.slice(index * size, (index + 1) * size),
    }));
    for await (const outcome of this.#inTurn(tasks, progress)) if ('read' in outcome) yield* outcome.read;
  }

  async *run(jobs: readonly RunJob[], progress: Progress): AsyncGenerator<RanJob> {
    const tasks = jobs.map((job) => ({ job }));
    for await (const outcome of this.#inTurn(tasks, progress)) if ('ran' in outcome) yield outcome.ran;
  }

  async dismiss(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Whichever is done first: a task that throws does so when it is its turn. */
  async *#inTurn(tasks: readonly Task[], progress: Progress): AsyncGenerator<Outcome> {
    const given = new Map<number, Promise<Outcome>>();
    const give = (index: number): void => {
      const task = tasks[index];
      if (task === undefined) return;
      const result: Promise<Outcome> = this.#pool
        .run(task)
        .finally(() => progress.ended('files' in task ? task.files.length : 1));
      // Its turn may never come; until it does, nobody else looks at what it throws.
      result.catch(() => {});
      given.set(index, result);
    };
    const ahead = this.#threads * AHEAD;
    for (let index = 0; index < ahead; index += 1) give(index);
    for (let turn = 0; turn < tasks.length; turn += 1) {
      const outcome = await must(given.get(turn), 'a task is given before its turn');
      given.delete(turn);
      give(turn + ahead);
      if ('failure' in outcome) throw errorOf(outcome.failure);
      yield outcome;
    }
  }
}

/** The function of the worker by its name, which the compiler holds against it. */
const WORK: keyof { work: typeof work } = 'work';
