import type { SimTime } from '../core/time.ts';
import type { Recorder, RecorderOptions } from '../packet/recorder.ts';
import { letArrive, playScenario, type ScenarioRun, type StepOutcome } from '../scenario/runner.ts';
import type { CaptureOptions } from '../world/capture-store.ts';
import type { World } from '../world/world.ts';
import { buildReel, type Reel } from './reel.ts';

/** Events of one slice: a few milliseconds of work. */
const SLICE = 100;

export interface PassOptions {
  readonly trace: RecorderOptions;
  readonly capture: CaptureOptions | false;
  /** Told ahead of each step of the scenario. */
  readonly before?: (index: number) => void;
}

/**
 * One run of a reel from its beginning, in slices. Every pass over a reel makes the same steps with the same orders: what one
 * has not kept another one can look at.
 */
export class Pass {
  readonly world: World;
  readonly recorder: Recorder;
  /** Of the steps that have begun. */
  readonly outcomes: StepOutcome[] = [];
  /** Once it has ended. */
  run: ScenarioRun | undefined;
  readonly #reel: Reel;
  readonly #playing: Generator<SimTime, ScenarioRun>;

  constructor(reel: Reel, { trace, capture, before }: PassOptions) {
    const built = buildReel(reel, { trace, capture });
    if ('fault' in built) throw new Error(`the change cannot be made: ${built.fault.message}`);
    const { world } = built;
    if (world.recorder === undefined) throw new Error('a pass is recorded');
    this.#reel = reel;
    this.world = world;
    this.recorder = world.recorder;
    this.#playing = playScenario(world, reel.play, {
      slice: SLICE,
      begun: (outcome) => this.outcomes.push(outcome),
      ...(before === undefined ? {} : { before }),
    });
  }

  /** Goes on by one slice; true when it has ended. */
  work(): boolean {
    if (this.run !== undefined) return true;
    const { done, value } = this.#playing.next();
    if (!done) return false;
    if (!value.cut) letArrive(this.world, this.#reel.play);
    this.run = value;
    return true;
  }
}
