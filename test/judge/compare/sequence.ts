import type { Difference, MaskUse } from './difference.ts';
import type { FrameFacts } from './frame-facts.ts';
import { comparePair, outlineOf } from './frame-pair.ts';
import type { Relations } from './relations.ts';
import type { Seen } from './world-frames.ts';

/** What comparing two worlds goes on. */
export interface Comparing {
  readonly relations: Relations;
  readonly facts: readonly [ReadonlyMap<Seen, FrameFacts>, ReadonlyMap<Seen, FrameFacts>];
  readonly used: MaskUse;
  readonly differences: Difference[];
  /** Counterparts, as they are found. */
  readonly pairs: Map<Seen, Seen>;
  /**
   * The name of the mask by which one world may show the frame and the other not; undefined if it may not. `next` is
   * what the other has in its place.
   */
  mayLack(seen: Seen, next: Seen | undefined): string | undefined;
  /** So near to the end of its record that the other may not have come to it. */
  isAtEnd(seen: Seen): boolean;
}

/** How far a frame is looked for behind its place. */
const LOOK_AHEAD = 12;

/** Frames of one flow in one direction at one point, in the order in which they passed. */
export function compareSequence(
  where: string,
  simulated: readonly Seen[],
  kernel: readonly Seen[],
  comparing: Comparing,
): void {
  const lists = [simulated, kernel].map((list) => list.map((seen) => ({ seen, outline: outlineOf(seen) })));
  const [mine = [], its = []] = lists;
  const report = new FlowReport(where, comparing);
  let [i, j] = [0, 0];
  while (i < mine.length || j < its.length) {
    const [one, other] = [mine[i], its[j]];
    if (one !== undefined && other !== undefined && one.outline === other.outline) {
      report.pair(one.seen, other.seen);
      i++;
      j++;
      continue;
    }
    if (one !== undefined && report.lacks(one.seen, other?.seen)) i++;
    else if (other !== undefined && report.lacks(other.seen, one?.seen)) j++;
    else if (one === undefined || other === undefined) {
      if (one !== undefined) report.alone('extra', one.seen);
      if (other !== undefined) report.alone('missing', other.seen);
      i++;
      j++;
    } else {
      const ahead = (list: typeof mine, from: number, outline: string): boolean =>
        list.slice(from + 1, from + 1 + LOOK_AHEAD).some((entry) => entry.outline === outline);
      if (ahead(its, j, one.outline)) {
        report.alone('missing', other.seen);
        j++;
      } else if (ahead(mine, i, other.outline)) {
        report.alone('extra', one.seen);
        i++;
      } else {
        report.pair(one.seen, other.seen);
        i++;
        j++;
      }
    }
  }
}

/** Gathers what differs in one flow: the first difference is told, the others are counted. */
class FlowReport {
  readonly #where: string;
  readonly #comparing: Comparing;
  #first: Difference | undefined;

  constructor(where: string, comparing: Comparing) {
    this.#where = where;
    this.#comparing = comparing;
  }

  pair(simulated: Seen, kernel: Seen): void {
    const { relations, facts, used, pairs } = this.#comparing;
    const own = [facts[0].get(simulated), facts[1].get(kernel)].map((one) => one ?? { facts: new Map() });
    const [mine, its] = own;
    if (mine === undefined || its === undefined) return;
    pairs.set(simulated, kernel);
    const fault = comparePair(simulated, kernel, [mine, its], relations, (mask) => used.count(mask));
    if (fault !== undefined) this.#add({ kind: 'frame', ...fault, simulated, kernel, time: simulated.record.time });
  }

  /** Whether the other world may do without. */
  lacks(seen: Seen, next: Seen | undefined): boolean {
    const mask = this.#comparing.mayLack(seen, next);
    if (mask !== undefined) this.#comparing.used.count(mask);
    return mask !== undefined;
  }

  alone(kind: 'missing' | 'extra', seen: Seen): void {
    if (this.#comparing.isAtEnd(seen)) {
      this.#comparing.used.count('end-of-record');
      return;
    }
    const { time } = seen.record;
    const sentence = kind === 'missing' ? 'only the kernel shows this frame' : 'only the simulator shows this frame';
    const who = kind === 'missing' ? { kernel: seen } : { simulated: seen };
    this.#add({ kind, field: '', sentence, time, ...who });
  }

  #add(difference: Omit<Difference, 'where' | 'more'>): void {
    if (this.#first === undefined) {
      this.#first = { ...difference, where: this.#where, more: 0 };
      this.#comparing.differences.push(this.#first);
    } else this.#first.more++;
  }
}
