import { reportScenario } from '../../scenario/report.ts';
import type { ScenarioRun } from '../../scenario/runner.ts';
import { Pass } from '../../walk/pass.ts';
import type { Reel } from '../../walk/reel.ts';
import type { Entry, EntryVerdict } from '../../walk/start.ts';

/** Runs everything that can be walked, one after the other, in slices. */
export class Verdicts {
  readonly all = new Map<string, EntryVerdict>();
  /** How often one has changed. */
  changes = 0;
  readonly #left: Entry[];
  readonly #reelOf: (entry: Entry) => Reel | undefined;
  #running: { readonly entry: Entry; readonly reel: Reel; readonly pass: Pass } | undefined;

  constructor(entries: readonly Entry[], reelOf: (entry: Entry) => Reel | undefined) {
    this.#left = [...entries];
    this.#reelOf = reelOf;
    for (const { key } of entries) this.all.set(key, 'waiting');
  }

  /** Goes on by a slice; false when all have ended. */
  work(): boolean {
    const running = this.#running;
    if (running === undefined) return this.#next();
    if (!running.pass.work()) return true;
    const { entry, reel, pass } = running;
    const { run } = pass;
    this.#running = undefined;
    if (run !== undefined) this.#tell(entry, verdictOf(reel, pass, run));
    return true;
  }

  #next(): boolean {
    const entry = this.#left.shift();
    if (entry === undefined) return false;
    const reel = this.#reelOf(entry);
    if (reel === undefined) this.#tell(entry, 'no file');
    else {
      this.#running = { entry, reel, pass: new Pass(reel, { trace: {}, capture: {} }) };
      this.#tell(entry, 'running');
    }
    return true;
  }

  #tell(entry: Entry, verdict: EntryVerdict): void {
    this.all.set(entry.key, verdict);
    this.changes++;
  }
}

/** What a scenario expects decides; where it expects nothing, whether what was asked was answered. */
function verdictOf({ play }: Reel, { world, outcomes }: Pass, run: ScenarioRun): EntryVerdict {
  if (world.halt !== undefined) return world.halt.reason === 'storm' ? 'storm' : 'halted';
  const isExpecting = play.expect.length > 0 || play.steps.some((step) => 'expect' in step || 'figure' in step);
  if (isExpecting) return reportScenario(world, play, run).passed ? 'passed' : 'failed';
  const isAnswered = outcomes.every(
    ({ probe, refusal }) => refusal === undefined && (probe === undefined || probe.replies.length > 0),
  );
  return isAnswered ? 'answered' : 'unanswered';
}
