import { Worker } from 'node:worker_threads';
import { useEffect, useState } from 'react';
import type { RemedyTask } from './remedy-worker.ts';

/** Lines that tell what would have let a step pass; undefined while it is looked for, or not asked. */
export function useRemedies(task: RemedyTask | undefined): readonly string[] | undefined {
  const [found, setFound] = useState<{ readonly key: string; readonly lines: readonly string[] } | undefined>(
    undefined,
  );
  const key = task === undefined ? '' : `${task.step} ${task.changes.map(({ line }) => line).join(';')}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the task is the same as long as its key is
  useEffect(() => {
    if (task === undefined || found?.key === key) return;
    const worker = new Worker(new URL('./remedy-worker.js', import.meta.url), { workerData: task });
    worker.once('message', (lines: string[]) => setFound({ key, lines }));
    worker.once('error', (error) => setFound({ key, lines: [`the search ended early: ${error.message}`] }));
    return () => {
      void worker.terminate();
    };
  }, [key]);
  return found?.key === key ? found.lines : undefined;
}
