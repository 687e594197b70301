import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { type Contender, type Contest, type PeerName, planPeers } from './peers.ts';
import { median, textTable } from './result-table.ts';
import { Session } from './session.ts';

/* npm run bench -- peers: rounds in which everybody does the work once, and what they took, held against each other. */

export interface ContestOptions {
  readonly runs: number;
  readonly only: readonly PeerName[];
  /** How much of the work is done, 0 to 1. */
  readonly share: number;
  readonly json?: true;
}

/** Two who did the same work, with the rates of each round. */
interface Pair {
  readonly title: string;
  readonly rival: string;
  readonly goal: number | undefined;
  readonly ours: number[];
  readonly theirs: number[];
}

export async function holdContests({ runs, only, share, json }: ContestOptions): Promise<void> {
  const { contests, skipped, kernel } = planPeers(only, share);
  for (const line of skipped) console.error(`skipped: ${line}`);
  if (contests.length === 0) {
    console.error('nobody is left to hold the simulator against');
    return;
  }
  const session = new Session(() => kernel?.remove());
  const busy: number[] = [];
  try {
    kernel?.make();
    const pairs = contests.flatMap(pairsOf);
    for (let round = 1; round <= runs; round++) {
      if (json === undefined) console.error(`round ${round} of ${runs}`);
      await playRound(contests, pairs, { session, busy, round, json });
    }
    report(pairs, busy, json);
  } finally {
    session.end();
  }
}

function pairsOf({ title, rivals }: Contest): Pair[] {
  return rivals.map(({ name, goal }) => ({ title, rival: name, goal, ours: [], theirs: [] }));
}

interface Round {
  readonly session: Session;
  /** CPUs that others kept busy before each run. */
  readonly busy: number[];
  readonly round: number;
  readonly json: true | undefined;
}

async function playRound(
  contests: readonly Contest[],
  pairs: readonly Pair[],
  { session, busy, round, json }: Round,
): Promise<void> {
  for (const { title, ours, rivals } of contests) {
    const rates = new Map<Contender, number>();
    for (const contender of [...rivals, ours]) {
      busy.push(await busyCpus());
      const measured = await contender.run(session.began);
      rates.set(contender, measured.hops / measured.wall_s);
      if (json) console.log(JSON.stringify({ contest: title, who: contender.name, round, ...measured }));
      else console.error(`  ${title}, ${contender.name}: ${measured.hops_per_s} hops/s`);
    }
    for (const rival of rivals) {
      const pair = pairs.find((one) => one.title === title && one.rival === rival.name);
      pair?.ours.push(rates.get(ours) ?? 0);
      pair?.theirs.push(rates.get(rival) ?? 0);
    }
  }
}

function report(pairs: readonly Pair[], busy: readonly number[], json: true | undefined): void {
  const lines = pairs.map((pair) => {
    const ratios = pair.ours.map((ours, round) => ours / (pair.theirs[round] ?? 0));
    return { ...pair, ratio: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
  });
  const others = median(busy);
  if (json) {
    for (const { title, rival, goal, ours, theirs, ratio, least, most } of lines) {
      const rates = { ours_hops_per_s: Math.round(median(ours)), theirs_hops_per_s: Math.round(median(theirs)) };
      console.log(JSON.stringify({ contest: title, against: rival, ...rates, ratio, least, most, goal: goal ?? null }));
    }
    return;
  }
  const rows = lines.map(({ title, rival, goal, ours, theirs, ratio, least, most }) => [
    title,
    rival,
    thousands(median(ours)),
    thousands(median(theirs)),
    ratio.toFixed(2),
    `${least.toFixed(2)}-${most.toFixed(2)}`,
    goal === undefined ? '' : String(goal),
  ]);
  console.log(textTable(['work', 'against', 'cutaway k/s', 'theirs k/s', 'ratio', 'min-max', 'goal'], rows, 2));
  console.log(
    `thousands of hops a second, medians of ${lines[0]?.ours.length} rounds; the ratios are those of single rounds`,
  );
  console.log(`before the runs others kept ${others.toFixed(2)} of ${cpus().length} CPUs busy (median)`);
}

const thousands = (rate: number): string => (rate / 1e3).toFixed(0);

const SAMPLE_MS = 200;

async function busyCpus(): Promise<number> {
  const before = busyTime();
  const began = performance.now();
  await setTimeout(SAMPLE_MS);
  return Math.max(0, busyTime() - before) / (performance.now() - began);
}

/** Milliseconds that all CPUs together have worked. */
function busyTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
