import type { WorldRecord } from '../record.ts';
import type { Difference, MaskUse } from './difference.ts';
import { factsOf } from './frame-facts.ts';
import { revalidations } from './optional.ts';
import { freedom, pairFlows } from './pairing.ts';
import { Relations } from './relations.ts';
import { type Comparing, compareSequence } from './sequence.ts';
import { type Seen, type WorldFrames, worldFrames } from './world-frames.ts';

export interface ComparedFrames {
  readonly simulated: WorldFrames;
  readonly kernel: WorldFrames;
  readonly relations: Relations;
  /** Counterparts: the simulator's frame, the kernel's. */
  readonly pairs: ReadonlyMap<Seen, Seen>;
  /** Frames whose time a random number of the kernel decides. */
  readonly anyTime: ReadonlySet<Seen>;
  readonly flows: number;
}

/** A frame this near to the end of its record may be missing in the other, in ns; the worlds' own drift comes on top. */
const END_MARGIN = 300_000_000;

/** Compares what every device saw, flow by flow and direction by direction. */
export function compareFrames(
  simulatedRecord: WorldRecord,
  kernelRecord: WorldRecord,
  named: ReadonlySet<number> | undefined,
  used: MaskUse,
  differences: Difference[],
): ComparedFrames {
  const [simulated, kernel] = [worldFrames(simulatedRecord), worldFrames(kernelRecord)];
  const relations = new Relations(freedom(simulated, kernel, named));
  const flowPairs = pairFlows(simulated, kernel, relations);
  const random = new Set([...revalidations(simulated), ...revalidations(kernel)]);
  const own = new Set(simulated.ordered);
  const margin = END_MARGIN + Math.abs(simulatedRecord.until - kernelRecord.until);
  const pairs = new Map<Seen, Seen>();
  const comparing: Comparing = {
    relations,
    facts: [factsOf(simulated), factsOf(kernel)],
    used,
    differences,
    pairs,
    mayLack: (seen) => (random.has(seen) ? 'arp-revalidation' : undefined),
    isAtEnd: (seen) => (own.has(seen) ? simulatedRecord : kernelRecord).until - seen.record.time <= margin,
  };
  const back = new Map([...flowPairs].map(([mine, its]) => [its, mine]));
  for (const { where, mine, its } of sequences(simulated, kernel, back)) compareSequence(where, mine, its, comparing);
  return { simulated, kernel, relations, pairs, anyTime: random, flows: flowPairs.size };
}

interface Sequence {
  readonly where: string;
  readonly mine: Seen[];
  readonly its: Seen[];
  first: number;
}

/** The frames of both worlds by point, flow and direction, in the order of the simulator's time. */
function sequences(simulated: WorldFrames, kernel: WorldFrames, back: ReadonlyMap<string, string>): Sequence[] {
  const found = new Map<string, Sequence>();
  const sort = (world: WorldFrames, side: 'mine' | 'its'): void => {
    for (const seen of world.ordered) {
      const { flow, record, point } = seen;
      const about = side === 'mine' ? flow.about : (back.get(flow.about) ?? `kernel only: ${flow.about}`);
      const where = `${point} ${record.direction}`;
      const key = `${where} ${flow.isError} ${about}`;
      const sequence = found.get(key) ?? { where, mine: [], its: [], first: record.time };
      found.set(key, sequence);
      sequence[side].push(seen);
    }
  };
  sort(simulated, 'mine');
  sort(kernel, 'its');
  return [...found.values()].sort((a, b) => a.first - b.first);
}
