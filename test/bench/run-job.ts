import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Result } from './job.ts';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));

/** A run that did not do its work. */
export class RunFailed extends Error {}

/**
 * Runs a job in a Node of its own, as a user starts it: without flags, but for those asked for. What it says beside its
 * result goes to stderr.
 */
export async function runJob(job: Job, flags: readonly string[] = []): Promise<Result> {
  const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  });
  const lines = output.trimEnd().split('\n');
  const last = code === 0 ? lines.pop() : undefined;
  for (const line of lines) if (line !== '') console.error(line);
  if (last === undefined) throw new RunFailed(`${job.workload} ${job.size}: ended with ${signal ?? `status ${code}`}`);
  return JSON.parse(last) as Result;
}
