import { Counters } from '../../../sim/kernel/counters.ts';
import type { Row } from './rows.ts';

/** Counters that are not held against each other although the simulator has them, each with its reason. */
export const UNJUDGED_COUNTERS: ReadonlyMap<string, string> = new Map([]);

/** The counters that the simulator models, of both worlds; a counter that is zero is no row. */
export function compareCounters(
  simulated: Readonly<Record<string, number>>,
  kernel: Readonly<Record<string, number>>,
): [Row[], Row[]] {
  const names = Object.keys(new Counters()).filter((name) => !UNJUDGED_COUNTERS.has(name));
  const rows = (counts: Readonly<Record<string, number>>): Row[] =>
    names.map((name) => ({ key: name, values: { count: String(counts[name] ?? 0) } }));
  return [rows(simulated), rows(kernel)];
}
