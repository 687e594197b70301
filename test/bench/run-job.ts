import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, Result } from './job.ts';

const CHILD = fileURLToPath(new URL('child.bundle.js', import.meta.url));

/** A run that did not do its work. */
export class RunFailed extends Error {}

/** What any program that is measured says in its last line. */
export type Measured = Pick<Result, 'workload' | 'size' | 'packets' | 'hops' | 'events' | 'wall_s' | 'hops_per_s'> &
  Pick<Result, 'setup_s' | 'peak_rss_kb'>;

/** Told of each process as it begins, so that it can be ended. */
export type Began = (child: ChildProcess) => void;

/** Runs a job in a Node of its own, as a user starts it: without flags, but for those asked for. */
export async function runJob(job: Job, flags: readonly string[] = [], began: Began = () => {}): Promise<Result> {
  const words = [...flags, CHILD, JSON.stringify(job)];
  return (await runProgram(`${job.workload} ${job.size}`, process.execPath, words, began)) as Result;
}

/** Runs a program whose last line is its result. What it says beside goes to stderr. */
export async function runProgram(
  what: string,
  program: string,
  words: readonly string[],
  began: Began = () => {},
): Promise<Measured> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  began(child);
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
  if (last === undefined) throw new RunFailed(`${what}: ended with ${signal ?? `status ${code}`}`);
  return JSON.parse(last) as Measured;
}
