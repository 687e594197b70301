import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What lasts as long as the measuring does: a folder for all that is written meanwhile, and the process that is being
 * measured. However it ends, by its last run, an error or Ctrl-C, nothing of it is left.
 */
export class Session {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  readonly #temporary = process.env.TMPDIR;
  readonly #clearUp: () => void;
  #running: ChildProcess | undefined;

  /** `clearUp` takes away whatever else there is. */
  constructor(clearUp: () => void = () => {}) {
    this.#clearUp = clearUp;
    // Every process that is started from here on puts its temporary files there.
    process.env.TMPDIR = this.#folder;
    for (const signal of SIGNALS) process.on(signal, this.#stopped);
  }

  /** Told of each process that is measured as it begins. */
  readonly began = (child: ChildProcess): void => {
    this.#running = child;
  };

  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#stopped);
    if (this.#temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.#temporary;
    this.#clearUp();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #stopped = (signal: NodeJS.Signals): void => {
    const child = this.#running;
    const leave = (): void => {
      this.end();
      process.kill(process.pid, signal);
    };
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) leave();
    else {
      // It may write until it is gone.
      child.once('exit', leave);
      child.kill('SIGKILL');
    }
  };
}
