import { PROCESS_START } from '../process-start.ts';
import type { StepRecord, WorldRecord } from '../record.ts';
import type { ComparedFrames } from './compare-frames.ts';
import type { Difference, MaskUse } from './difference.ts';
import type { Seen, WorldFrames } from './world-frames.ts';

/*
 * Gaps between the frames of a flow at a point. The kernel's timers expire late and never early: they round up to a
 * jiffy (4 ms), and longer ones to the granularity of their level of the timer wheel (kernel/time/timer.c, up to an
 * eighth). Seen: 1.01 to 1.03 s for 1 s, 5.0 to 5.2 for 5, 8.19 for 8, 3.36 for 3.2.
 */

const MS = 1_000_000;

/** What a loaded machine adds or takes. */
const NOISE = 80 * MS;

/** How much of a gap several timers in it may add in the kernel. */
const LATE = 0.05;

/** Levels of the timer wheel at HZ 250: timers shorter than the first come as late as the second (LVL_START, LVL_GRAN). */
const WHEEL: readonly (readonly [number, number])[] = [
  [256 * MS, 4 * MS],
  [2048 * MS, 32 * MS],
  [16_384 * MS, 256 * MS],
  [131_072 * MS, 2048 * MS],
  [Number.POSITIVE_INFINITY, 16_384 * MS],
];

/** And how much less it may add than the simulator's does; retransmissions also follow the round trips measured. */
const EARLY = 0.03;

/** A proxied answer comes after a random delay up to this (net/core/neighbour.c pneigh_enqueue, proxy_delay). */
const PROXY_DELAY = 800 * MS;

/** What waited for an answer follows it this soon. */
const AFTER_ANSWER = 50 * MS;

interface Gap {
  readonly simulated: number;
  readonly kernel: number;
}

export function compareTimes(
  simulated: WorldRecord,
  kernel: WorldRecord,
  frames: ComparedFrames,
  used: MaskUse,
  differences: Difference[],
): void {
  const context = new Times(simulated, kernel, frames);
  const broken = new Set(differences.flatMap((one) => [one.simulated?.flow.about, one.kernel?.flow.about]));
  const told = new Map<string, Difference>();
  for (const sequence of flowsAtPoints(frames)) {
    let before: Seen | undefined;
    for (const seen of sequence) {
      if (broken.has(seen.flow.about)) break;
      const late = context.check(before, seen, used);
      before = seen;
      if (late === undefined) continue;
      const key = `${seen.flow.text}`;
      const known = told.get(key);
      if (known !== undefined) known.more++;
      else told.set(key, late);
    }
  }
  differences.push(...told.values());
}

/** Frames that have a counterpart, by flow and point, in the simulator's order. */
function flowsAtPoints({ simulated, pairs }: ComparedFrames): Iterable<Seen[]> {
  const flows = new Map<string, Seen[]>();
  for (const seen of simulated.ordered) {
    if (!pairs.has(seen)) continue;
    const key = `${seen.point} ${seen.flow.text}`;
    const list = flows.get(key);
    if (list === undefined) flows.set(key, [seen]);
    else list.push(seen);
  }
  return flows.values();
}

class Times {
  readonly #frames: ComparedFrames;
  readonly #steps: readonly [readonly StepRecord[], readonly StepRecord[]];
  readonly #proxied: readonly [readonly number[], readonly number[]];

  constructor(simulated: WorldRecord, kernel: WorldRecord, frames: ComparedFrames) {
    this.#frames = frames;
    this.#steps = [simulated.steps, kernel.steps];
    this.#proxied = [proxiedAnswers(simulated, frames.simulated), proxiedAnswers(kernel, frames.kernel)];
  }

  /** A difference when the gap is not the same within the tolerances, or the time since the step for a first frame. */
  check(before: Seen | undefined, seen: Seen, used: MaskUse): Difference | undefined {
    const { pairs, anyTime } = this.#frames;
    const its = pairs.get(seen);
    if (its === undefined) return undefined;
    if ([seen, its, before, before && pairs.get(before)].some((one) => one !== undefined && anyTime.has(one)))
      return undefined;
    const proxy = this.#waited(before, seen) ? PROXY_DELAY : 0;
    const since = this.#sinceStep(seen, its);
    const itsBefore = before === undefined ? undefined : pairs.get(before);
    if (before === undefined || itsBefore === undefined) {
      if (fits(since, PROCESS_START + proxy)) return undefined;
      return difference(seen, its, 'after the start of the step', since);
    }
    const gap = { simulated: seen.record.time - before.record.time, kernel: its.record.time - itsBefore.record.time };
    if (fits(gap, NOISE)) return undefined;
    if (fits(gap, NOISE + proxy)) {
      used.count('proxy-delay');
      return undefined;
    }
    if (this.#stepAt(0, before) !== this.#stepAt(0, seen) && fits(since, PROCESS_START)) return undefined;
    return difference(seen, its, `after frame ${before.number}`, gap);
  }

  /** Times since the step that was the last to start before the frame, the same step in both worlds. */
  #sinceStep(seen: Seen, its: Seen): Gap {
    const index = this.#stepAt(0, seen);
    const [mine, other] = this.#steps.map((steps) => steps[index]);
    return {
      simulated: seen.record.time - (mine?.started ?? 0),
      kernel: its.record.time - (other === undefined ? 0 : effective(other)),
    };
  }

  #stepAt(side: 0 | 1, seen: Seen): number {
    return this.#steps[side].findLastIndex(({ started }) => started <= seen.record.time);
  }

  /** Whether one of the frames came at the heels of a proxied ARP answer in either world. */
  #waited(before: Seen | undefined, seen: Seen): boolean {
    const { pairs } = this.#frames;
    return [before, seen].some((one) => {
      const other = one === undefined ? undefined : pairs.get(one);
      return [one, other].some((frame, side) => {
        if (frame === undefined) return false;
        const { time } = frame.record;
        return (this.#proxied[side as 0 | 1] ?? []).some((answer) => time >= answer && time - answer <= AFTER_ANSWER);
      });
    });
  }
}

/** When a step of the kernel begins to count: a command does what it does when its process ends. */
function effective({ started, ended, result }: StepRecord): number {
  return Object.keys(result).some((key) => key !== 'refusal') ? started : ended;
}

function fits({ simulated, kernel }: Gap, noise: number): boolean {
  const late = kernel - simulated;
  return late <= noise + Math.max(LATE * simulated, granularity(simulated)) && -late <= noise + EARLY * simulated;
}

function granularity(timer: number): number {
  return WHEEL.find(([below]) => timer < below)?.[1] ?? 0;
}

function difference(simulated: Seen, kernel: Seen, since: string, gap: Gap): Difference {
  const text = (time: number): string => `${(time / MS).toFixed(1)} ms`;
  return {
    kind: 'timing',
    where: `${simulated.point} ${simulated.record.direction}`,
    time: simulated.record.time,
    field: '',
    sentence: `comes ${text(gap.simulated)} ${since}, in the kernel ${text(gap.kernel)}`,
    simulated,
    kernel,
    more: 0,
  };
}

/** Times of ARP answers given in the name of an address that is not the answering node's own. */
function proxiedAnswers(record: WorldRecord, world: WorldFrames): number[] {
  const owners = new Map<string, Set<string>>();
  for (const { addresses } of record.nodes) {
    const own = new Set(addresses.flatMap((row) => infos(row).map(({ local }) => String(local))));
    for (const row of addresses) owners.set(String(row.address), own);
  }
  return world.ordered.flatMap(({ frame: { arp }, record: { time } }) => {
    const own = arp?.operation === 2 ? owners.get(arp.senderMac) : undefined;
    return arp !== undefined && own !== undefined && !own.has(arp.sender) ? [time] : [];
  });
}

function infos(row: Readonly<Record<string, unknown>>): readonly Record<string, unknown>[] {
  return Array.isArray(row.addr_info) ? row.addr_info : [];
}
