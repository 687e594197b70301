import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ToolResult } from '../tools.ts';

/** Longer than any command of a test takes. */
const PATIENCE_MS = 300_000;

/**
 * The compiled command line, loaded once for a test file in a thread of its own: nearly all the time of a process goes
 * into loading what the next process loads again. Waits for the thread, so that whoever asks need not.
 */
export class Resident {
  readonly #program: string;
  #worker: Worker | undefined;

  /** `program` is the compiled module that has commandLine(). */
  constructor(program: string) {
    this.#program = pathToFileURL(program).href;
  }

  run(folder: string, words: readonly string[], environment: NodeJS.ProcessEnv): ToolResult {
    const home = process.cwd();
    const done = new Int32Array(new SharedArrayBuffer(4));
    // The folder of a process is that of all its threads.
    process.chdir(folder);
    try {
      const { port1: near, port2: far } = new MessageChannel();
      this.#started().postMessage({ words, environment, done, answer: far }, [far]);
      if (Atomics.wait(done, 0, 0, PATIENCE_MS) === 'timed-out')
        throw new Error(`no end to cutaway ${words.join(' ')}`);
      const answer = receiveMessageOnPort(near)?.message as ToolResult;
      near.close();
      return answer;
    } finally {
      process.chdir(home);
    }
  }

  #started(): Worker {
    this.#worker ??= new Worker(new URL('resident.mjs', import.meta.url), { workerData: { program: this.#program } });
    this.#worker.unref();
    return this.#worker;
  }
}
