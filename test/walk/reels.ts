import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { loadScenario } from '../../sim/app/sources.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import type { Reel } from '../../sim/walk/reel.ts';
import type { Tape } from '../../sim/walk/tape.ts';

/** The reel of a scenario that lies in the package. */
export function reelOf(file: string): Reel {
  const loaded = loadScenario(join(PACKAGE_ROOT, file));
  if ('problems' in loaded) throw new Error(loaded.problems.map(problemText).join('\n'));
  const { scenario, topology } = loaded.source;
  return { topology: topology.topology, play: scenario, changes: [] };
}

/** Everything that is to be done is done. */
export function worked(tape: Tape): Tape {
  while (tape.work());
  return tape;
}
