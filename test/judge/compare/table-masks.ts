import type { Row } from './rows.ts';

/** The name of the mask by which a value may differ, or for the field '' a whole row may be missing. */
export type Excuse = (field: string, rows: readonly [Row | undefined, Row | undefined]) => string | undefined;

/** Ages in seconds that `ip -s neigh` prints; the machine's, and only of the kernel. */
const AGES = ['used', 'confirmed', 'updated'];

/** States between which a confirmed neighbour wanders by itself. */
const ALIVE = ['[REACHABLE]', '[STALE]', '[DELAY]', '[PROBE]'];

/** The shortest random reachable time, less a second for the machine (neigh_rand_reach_time: 15 to 45 s). */
const SHORTEST_REACHABLE = 14;

/** DELAY lasts 5 s; an entry this old may have left it in one world only. */
const ALMOST_DELAY = 4;

/** States that differ only because a random reachable time had run out in one world, or DELAY was about to. */
export const excuseNeighbour: Excuse = (field, [simulated, kernel]) => {
  if (AGES.includes(field)) return 'neighbour-ages';
  if (field !== 'state' || simulated === undefined || kernel === undefined) return undefined;
  const states = [simulated, kernel].map(({ values }) => values.state ?? '');
  if (!states.every((state) => ALIVE.includes(state))) return undefined;
  const age = (name: string): number => Number(kernel.values[name] ?? 0);
  if (age('confirmed') >= SHORTEST_REACHABLE) return 'neighbour-state';
  const isDelay = states.some((state) => state === '[DELAY]' || state === '[PROBE]');
  return isDelay && age('updated') >= ALMOST_DELAY ? 'neighbour-state' : undefined;
};

/** Seconds by which timeouts of entries may differ: the machine's noise, and the rounding of conntrack(8). */
const TIMEOUT_NOISE = 3;

export const excuseConntrack: Excuse = (field, [simulated, kernel]) => {
  const left = [simulated, kernel].flatMap((row) => (row === undefined ? [] : [Number(row.values.timeout)]));
  if (field === '') return left.every((seconds) => seconds <= TIMEOUT_NOISE) ? 'conntrack-timeout' : undefined;
  if (field !== 'timeout' || left.length < 2) return undefined;
  return Math.abs((left[0] ?? 0) - (left[1] ?? 0)) <= TIMEOUT_NOISE ? 'conntrack-timeout' : undefined;
};
