import { join } from 'node:path';
import fc from 'fast-check';
import { writeWhole } from '../../../sim/app/files.ts';
import { reportText } from '../compare/report.ts';
import { judgeScenario } from '../judge.ts';
import { missingTools } from '../real/judgeable.ts';
import { Repeated } from '../repeated.ts';
import { isAlike, signsOf } from '../signs.ts';
import { scenarios } from './arbitrary.ts';
import { type ScenarioDocument, scenarioText } from './document.ts';
import { bounded, play } from './play.ts';
import { reduce } from './reduce.ts';
import { sourceOf } from './source.ts';
import { Statistics } from './statistics.ts';

export interface FuzzOptions {
  /** How many random scenarios. Number i of seed S is number 0 of seed S + i. */
  readonly runs: number;
  /** Default: another each time. */
  readonly seed?: number;
  /** Seconds after which no further scenario begins. */
  readonly time?: number;
  /** The folder that a disagreement is written to. */
  readonly save: string;
  readonly jobs: number;
  /** Go on behind a disagreement, and make none of them smaller. */
  readonly all?: true;
}

/** Shrinking takes no longer than this, in seconds. */
const SHRINK_TIME = 400;

/** What one scenario came to. */
type Outcome =
  | { readonly kind: 'agreed'; readonly frames: number }
  | { readonly kind: 'not judged'; readonly why: string }
  | { readonly kind: 'differs'; readonly text: string; readonly frames: number; readonly signs: ReadonlySet<string> };

/** Judges random scenarios; the exit code: 0 where all agree, 1 where one does not, 2 where nothing can be judged here. */
export async function fuzz(options: FuzzOptions): Promise<number> {
  const missing = missingTools();
  if (missing.length > 0) {
    process.stderr.write(`error: the kernel cannot be asked here: ${missing.join(', ')}\n`);
    return 2;
  }
  const seed = options.seed ?? Math.floor(Math.random() * 1e9);
  process.stderr.write(`seed ${seed}\n`);
  return new Fuzzer({ ...options, seed }).run();
}

/** The scenario of a seed; the same at any time. */
export function scenarioOf(seed: number): ScenarioDocument {
  const mixed = Math.imul(seed + 1, 0x9e3779b1) | 0;
  const [document] = fc.sample(scenarios, { seed: mixed, numRuns: 1 });
  if (document === undefined) throw new Error('fast-check gives one sample where one is asked for');
  return bounded({ ...document, name: `fuzz-${seed}` });
}

class Fuzzer {
  readonly #options: FuzzOptions & { readonly seed: number };
  readonly #repeated = new Repeated();
  readonly #statistics = new Statistics();
  readonly #began = Date.now();
  readonly #counts = { agreed: 0, 'not judged': 0, differs: 0 };
  #frames = 0;
  #wavered = 0;
  #begun = 0;
  #isOver = false;
  #serial = 0;

  constructor(options: FuzzOptions & { readonly seed: number }) {
    this.#options = options;
  }

  async run(): Promise<number> {
    await Promise.all(Array.from({ length: this.#options.jobs }, () => this.#worker()));
    const { agreed, differs } = this.#counts;
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(0);
    process.stderr.write(`${this.#statistics.text()}\n`);
    process.stdout.write(
      `${agreed + differs} runs, ${differs} disagreements, ${this.#counts['not judged']} not judged, seed ` +
        `${this.#options.seed}, ${this.#frames} frames compared, ${this.#wavered} agreed when repeated, ${seconds} s\n`,
    );
    return differs > 0 ? 1 : 0;
  }

  async #worker(): Promise<void> {
    const { runs, seed, time } = this.#options;
    while (!this.#isOver && this.#begun < runs) {
      if (time !== undefined && Date.now() - this.#began > time * 1000) return;
      await this.#one(seed + this.#begun++);
    }
  }

  async #one(seed: number): Promise<void> {
    const document = scenarioOf(seed);
    this.#statistics.add(play(document, true));
    const { outcome, runs } = await this.#repeated.judge(() => this.#judge(document));
    if (outcome.kind === 'agreed' && runs > 1) this.#wavered++;
    this.#counts[outcome.kind]++;
    if (outcome.kind !== 'not judged') this.#frames += outcome.frames;
    const done = this.#counts.agreed + this.#counts.differs + this.#counts['not judged'];
    process.stderr.write(`${done} ${document.name}: ${outcome.kind}${'why' in outcome ? ` (${outcome.why})` : ''}\n`);
    if (outcome.kind !== 'differs') return;
    if (this.#options.all === true) this.#save(document, outcome.text);
    else await this.#repeated.alone(() => this.#tell(document, outcome));
  }

  async #judge(document: ScenarioDocument, drops = false): Promise<Outcome> {
    const prefix = `cf${process.pid % 10_000}x${this.#serial++}-`;
    try {
      const verdict = await judgeScenario(sourceOf(document, `${document.name}.yaml`), { prefix, drops });
      if (verdict.kind === 'not judged') return { kind: 'not judged', why: verdict.reasons.join('; ') };
      const { frames } = verdict.comparison.compared;
      if (verdict.kind === 'agreed') return { kind: 'agreed', frames };
      const text = reportText(verdict.comparison, { stepsOf: verdict.stepsOf });
      return { kind: 'differs', text, frames, signs: signsOf(verdict.comparison.differences) };
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'differs', text, frames: 0, signs: new Set([text.split('\n')[0] ?? '']) };
    }
  }

  /** Makes the first disagreement smaller as long as it is alike, saves and prints it. */
  async #tell(document: ScenarioDocument, { text, signs }: Outcome & { kind: 'differs' }): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    process.stderr.write(`${text}\nmaking it smaller\n`);
    const end = Date.now() + SHRINK_TIME * 1000;
    const texts = new Map<ScenarioDocument, string>([[document, text]]);
    const small = await reduce(
      document,
      async (candidate) => {
        if (!isSound(candidate)) return false;
        const outcome = await this.#judge(candidate);
        const shows = outcome.kind === 'differs' && isAlike(outcome.signs, signs);
        if (shows) texts.set(candidate, outcome.text);
        process.stderr.write(shows ? '-' : '.');
        return shows;
      },
      () => Date.now() < end,
      this.#options.jobs,
    );
    process.stderr.write('\n');
    const last = texts.get(small) ?? text;
    process.stdout.write(`${scenarioText(small)}\n${last}\n`);
    this.#save(small, last);
  }

  #save(document: ScenarioDocument, text: string): void {
    const file = join(this.#options.save, `${document.name}.yaml`);
    writeWhole(file, scenarioText(document, text));
    process.stdout.write(`saved ${file}\n`);
  }
}

function isSound(document: ScenarioDocument): boolean {
  try {
    return play(document).world.halt === undefined;
  } catch {
    return false;
  }
}
