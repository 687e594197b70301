import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Action,
  type Finding,
  findingOf,
  formatAction,
  formatReplay,
  type Mode,
  parseReplay,
  type Replay,
} from './finding.ts';
import { pointsOf } from './points.ts';
import { joined, reduce, replay } from './reduce.ts';
import { Session, type SessionOptions } from './session.ts';
import { openWorld, WORLDS } from './worlds.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** Stop beginning sessions after so many minutes, or frames. */
  readonly minutes: number;
  readonly frames: number;
  /** Part of the name of the devices that frames are thrown at. */
  readonly device: string;
  /** Part of the name of the worlds. */
  readonly world: string;
  readonly mode?: Mode;
  /** Go on behind a finding. */
  readonly all: boolean;
  /** Where a finding is written to. */
  readonly save: string;
}

/** Frames of one session; in a long one tables have time to grow. */
const FRAMES: Readonly<Record<Mode, number>> = { free: 40_000, blind: 40_000, traced: 3_000 };
const LONG = 200_000;
const MODES: readonly Mode[] = ['free', 'blind', 'free', 'blind', 'traced'];
/** One session in so many is long, and one is run twice and has to come to the same. */
const LONG_EVERY = 40;
const TWICE_EVERY = 40;

/** After so many frames the heap of a session has the size that it keeps, give or take. */
const SETTLED = 50_000;
const MAY_GROW = 48e6;

/** Throws frames until the time is up; gives the exit code. */
export function fuzz(options: FuzzOptions): number {
  const started = performance.now();
  const worlds = worldsWith(options);
  if (worlds.length === 0) {
    console.error(`no device ${options.device} in a world ${options.world}; there are the worlds ${WORLDS.join(', ')}`);
    return 2;
  }
  let thrown = 0;
  let sessions = 0;
  let found = 0;
  const isOver = (): boolean =>
    performance.now() - started >= options.minutes * 60e3 || thrown >= options.frames || (found > 0 && !options.all);
  while (!isOver()) {
    const seed = options.seed + sessions;
    const world = worlds[sessions % worlds.length] as string;
    const isLong = sessions % LONG_EVERY === LONG_EVERY - 1;
    const turn = MODES[Math.floor(sessions / worlds.length) % MODES.length] as Mode;
    const mode = options.mode ?? (isLong ? 'free' : turn);
    const frames = Math.min(isLong ? LONG : FRAMES[mode], options.frames - thrown);
    const of = { world, mode, seed, device: options.device };
    const { finding, session } = play(of, frames, sessions % TWICE_EVERY === 0);
    thrown += session.thrown;
    sessions++;
    if (finding !== undefined) {
      found++;
      tell(of, frames, finding, options.save);
    }
    if (sessions % 10 === 0) console.error(progress(sessions, thrown, found, started));
  }
  console.log(progress(sessions, thrown, found, started));
  return found > 0 ? 1 : 0;
}

/** Those of the name that have the device. */
function worldsWith({ world, device, seed }: FuzzOptions): string[] {
  const named = WORLDS.filter((name) => name.includes(world));
  if (device === '') return named;
  const options = { seed, trace: false, capture: false };
  return named.filter((name) => pointsOf(openWorld(name, options)).some((point) => point.name.includes(device)));
}

function progress(sessions: number, thrown: number, found: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(thrown / seconds);
  return `${sessions} sessions, ${thrown} frames in ${Math.round(seconds)} s (${rate} a second), ${found} findings`;
}

function play(
  of: SessionOptions,
  frames: number,
  isTwice: boolean,
): { finding: Finding | undefined; session: Session } {
  const session = new Session(of, isTwice);
  const heap = new HeapWatch();
  const finding = session.run(heap.along(session.actions(frames))) ?? heap.finding;
  if (finding !== undefined || !isTwice) return { finding, session };
  const again = new Session(of, true);
  again.run(again.actions(frames));
  const isSame = again.digest() === session.digest();
  return { session, finding: isSame ? undefined : findingOf('the same seed came to something else', again.digest()) };
}

/** Measures what a session keeps, while it goes on. Without --expose-gc it measures nothing. */
class HeapWatch {
  #settled = 0;
  #last = 0;

  *along(actions: Iterable<Action>): Generator<Action> {
    let count = 0;
    for (const action of actions) {
      yield action;
      if (action.kind !== 'throw' || ++count % SETTLED !== 0 || globalThis.gc === undefined) continue;
      globalThis.gc();
      this.#last = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
      this.#settled ||= this.#last;
    }
  }

  get finding(): Finding | undefined {
    const grown = this.#last - this.#settled;
    return grown < MAY_GROW ? undefined : findingOf('memory grows', `${this.#settled} bytes, then ${this.#last}`);
  }
}

/** Runs it once more, this time with everything written down; makes it small, and says how it is done again. */
function tell(of: SessionOptions, frames: number, finding: Finding, folder: string): void {
  const { world, mode, seed, device } = of;
  console.log(`\nFOUND in ${world}, ${mode}, seed ${seed}: ${finding.text}`);
  console.log(
    `npm run fuzz -- --world ${world} --mode ${mode} --seed ${seed} --frames ${frames}${device && ` --device ${device}`}`,
  );
  const session = new Session(of);
  const actions: Action[] = [];
  session.run(written(session.actions(frames), actions));
  const whole = { about: finding.text, world, mode, seed, actions: joined(actions) };
  const small = replay(whole)?.kind === finding.kind ? reduce(whole, finding, (text) => console.error(text)) : whole;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${world.replaceAll('/', '-')}-${mode}-${seed}.json`);
  writeFileSync(file, formatReplay(small));
  const shown = small.actions.slice(0, 20).map((action) => JSON.stringify(formatAction(action)));
  console.log(`${shown.join('\n')}\nnpm run fuzz -- --replay ${file}`);
}

function* written(actions: Iterable<Action>, into: Action[]): Generator<Action> {
  for (const action of actions) {
    into.push(action);
    yield action;
  }
}

/** Does again what a file says; gives the exit code. */
export function fuzzAgain(file: string): number {
  let said: Replay;
  try {
    said = parseReplay(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    return 2;
  }
  const finding = replay(said);
  console.log(finding?.text ?? 'nothing is found');
  return finding === undefined ? 0 : 1;
}
