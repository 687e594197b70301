import { type ChildProcess, spawn } from 'node:child_process';

/** What a program that has ended left behind. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
}

/** Children that may have to be ended before the judge itself does. */
const children = new Set<ChildProcess>();

export interface RunOptions {
  readonly stdin?: string;
  /** Milliseconds after which it is killed. */
  readonly limit?: number;
  /** Ends it when it is of no use any more. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end, or until it has taken too long and is killed. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { stdin = '', limit = 60_000, signal } = options;
  const [file = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = keep(
      spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, killSignal: 'SIGKILL', signal }),
    );
    const output: Buffer[] = [];
    const complaint: Buffer[] = [];
    child.stdout?.on('data', (data: Buffer) => output.push(data));
    child.stderr?.on('data', (data: Buffer) => complaint.push(data));
    const timer = setTimeout(() => killGroup(child), limit);
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, output: Buffer.concat(output).toString(), complaint: Buffer.concat(complaint).toString() });
    });
    // A program that ends before it has read everything is no news here.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

/** A program that works beside the scenario and is spoken to by its standard input. */
export function startHelper(argv: readonly string[]): ChildProcess {
  const [file = '', ...rest] = argv;
  const child = keep(spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'], detached: true }));
  child.stdin?.on('error', () => {});
  return child;
}

/** Ends every program that was started here and still runs, with what it has started itself. */
export function killChildren(): void {
  for (const child of children) killGroup(child);
}

/** Each child leads a group of its own, so that a shell does not leave behind what it was just running. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function keep(child: ChildProcess): ChildProcess {
  children.add(child);
  child.on('close', () => children.delete(child));
  child.on('error', () => children.delete(child));
  return child;
}
