import type { WorldRecord } from '../record.ts';
import { compareFrames } from './compare-frames.ts';
import { compareSteps } from './compare-steps.ts';
import { compareTables } from './compare-tables.ts';
import { compareTimes } from './compare-times.ts';
import { type Difference, MaskUse } from './difference.ts';
import type { Named } from './pairing.ts';
import type { Seen } from './world-frames.ts';

export interface CompareOptions {
  /** What the scenario or its topology names is never masked. */
  readonly named?: Named;
}

export interface Comparison {
  /** The first in time first; none when the worlds agree. */
  readonly differences: readonly Difference[];
  /** How often each mask let a difference pass. */
  readonly masks: readonly { readonly name: string; readonly used: number }[];
  /** Frames that belong together, the simulator's to the kernel's. */
  readonly pairs: ReadonlyMap<Seen, Seen>;
  /** How much was held against each other. */
  readonly compared: { readonly frames: number; readonly flows: number; readonly rows: number };
}

/** Holds what a scenario left behind in the simulator against what it left behind in the kernel. */
export function compareWorlds(simulated: WorldRecord, kernel: WorldRecord, options: CompareOptions = {}): Comparison {
  const used = new MaskUse();
  const differences: Difference[] = [];
  const frames = compareFrames(simulated, kernel, options.named, used, differences);
  compareTimes(simulated, kernel, frames, used, differences);
  compareSteps(simulated, kernel, differences);
  const rows = compareTables(simulated, kernel, frames, used, differences);
  return {
    differences: causes(differences),
    masks: used.list(),
    pairs: frames.pairs,
    compared: { frames: frames.pairs.size, flows: frames.flows, rows },
  };
}

/** In the order of time, and of a flow only the first: what follows at later frames and points is counted with it. */
function causes(differences: readonly Difference[]): Difference[] {
  const told = new Map<string, Difference>();
  const first: Difference[] = [];
  for (const one of [...differences].sort((a, b) => a.time - b.time)) {
    const about = one.simulated?.flow.about ?? one.kernel?.flow.about;
    const known = about === undefined ? undefined : told.get(about);
    if (known !== undefined) {
      known.more += one.more + 1;
      continue;
    }
    if (about !== undefined) told.set(about, one);
    first.push(one);
  }
  return first;
}
