import { setImmediate } from 'node:timers/promises';
import { formatSeconds, type SimTime } from '../../core/time.ts';

/** What takes less than this needs no bar. */
const PATIENCE_MS = 1000;
const EVERY_MS = 100;
/** So long at most a work goes on before timers and signals are heard. */
const TURN_MS = 20;
/** Events of a run between two looks at the clock: some hundredths of a second. */
export const SLICE = 20_000;
const WIDTH = 24;
const CLEAR_LINE = '\r\u001b[2K';
/** What ends the program from outside, at the terminal or not. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Where a bar may be drawn: on a terminal that can, and where nobody asked for quiet. */
export function mayDraw(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv, quiet: boolean): boolean {
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  return stream.isTTY === true && !quiet && !isSet('NO_COLOR') && !isSet('CI') && environment.TERM !== 'dumb';
}

/** Does a work that may take a while, with a line on the terminal that tells how far it has come, and is gone at the end. */
export async function withProgress<T>(work: (progress: Progress) => Promise<T>, quiet = false): Promise<T> {
  const progress = new Progress(process.stderr, mayDraw(process.stderr, process.env, quiet));
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

/**
 * A line at the bottom of the terminal that tells how far a command has come. It is taken away before anything else is
 * written, and before a signal ends the program.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #total = 0;
  #noun = '';
  #verb = '';
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;
  #now: SimTime | undefined;
  #shown = false;
  #armed = false;
  #turned = performance.now();

  constructor(stream: NodeJS.WriteStream, draws: boolean) {
    this.#stream = stream;
    if (!draws) return;
    this.#timer = setInterval(() => this.#draw(), EVERY_MS);
    this.#timer.unref();
  }

  /** What is counted from now on, such as `scenario`, and what is done to it, such as `run`. */
  begin(total: number, noun: string, verb: string): void {
    this.#total = total;
    this.#noun = noun;
    this.#verb = verb;
    this.#done = 0;
    this.#now = undefined;
  }

  /** One more has ended, or so many. */
  readonly ended = (count = 1): void => {
    this.#done += count;
    this.#now = undefined;
  };

  /** How far the one that is being run has come, in simulated time. */
  readonly reached = (now: SimTime): void => {
    this.#now = now;
  };

  /** So many of so many have ended. */
  readonly stands = ({ done, of }: { readonly done: number; readonly of: number }): void => {
    this.#done = done;
    this.#total = of;
  };

  /** Lets timers, signals and a reader that went away be heard, if they have not been for a while. */
  async turn(): Promise<void> {
    if (performance.now() - this.#turned < TURN_MS) return;
    await setImmediate();
    this.#turned = performance.now();
  }

  /** Does the same with one after the other, and counts them. */
  async each<T, R>(items: readonly T[], noun: string, verb: string, work: (item: T) => R | Promise<R>): Promise<R[]> {
    this.begin(items.length, noun, verb);
    const results: R[] = [];
    for (const item of items) {
      await this.turn();
      results.push(await work(item));
      this.ended();
    }
    return results;
  }

  /** Does a work that pauses now and then and tells in the pauses how far it is. */
  async follow<Pause, T>(work: Generator<Pause, T>, told: (pause: Pause) => void): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      told(value);
      await this.turn();
    }
  }

  /** Takes the line away; what is written next stands where it was. It comes again by itself. */
  readonly hide = (): void => {
    if (!this.#shown) return;
    this.#stream.write(CLEAR_LINE);
    this.#shown = false;
  };

  /** Takes it away for good. */
  end(): void {
    this.hide();
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
    process.off('exit', this.hide);
  }

  /** Until there is a line, signals and the end of the program need nobody here. */
  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    for (const signal of SIGNALS) process.on(signal, this.#interrupted);
    process.on('exit', this.hide);
  }

  /** The signal then does what it does without a bar. */
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    this.end();
    process.kill(process.pid, signal);
  };

  #draw(): void {
    const elapsed = performance.now() - this.#begun;
    if (elapsed < PATIENCE_MS || this.#total === 0) return;
    const columns = this.#stream.columns || 80;
    const what = `${this.#noun}${this.#total === 1 ? '' : 's'} ${this.#verb}`;
    const line = progressLine({ done: this.#done, total: this.#total, what, now: this.#now, elapsed });
    this.#arm();
    this.#stream.write(`${CLEAR_LINE}${line.slice(0, columns - 1)}`);
    this.#shown = true;
  }
}

interface Standing {
  readonly done: number;
  readonly total: number;
  readonly what: string;
  readonly now: SimTime | undefined;
  /** In milliseconds. */
  readonly elapsed: number;
}

/** `[=========>              ] 7 of 17 scenarios run, 3 s`; of a long one how much of its time has passed. */
export function progressLine({ done, total, what, now, elapsed }: Standing): string {
  const filled = Math.floor((done / total) * WIDTH);
  const bar = `${'='.repeat(filled)}${filled < WIDTH ? '>' : ''}`.padEnd(WIDTH);
  const simulated = now === undefined ? '' : `, ${formatSeconds(now).slice(0, -6)} s simulated`;
  return `[${bar}] ${done} of ${total} ${what}${simulated}, ${Math.floor(elapsed / 1000)} s`;
}
