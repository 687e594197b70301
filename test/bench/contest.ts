import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { must } from '../../sim/core/assert.ts';
import { type Contender, type Contest, type PeerName, planPeers } from './peers.ts';
import { median, textTable } from './result-table.ts';
import type { Measured } from './run-job.ts';
import { Session } from './session.ts';

/* npm run bench -- peers: rounds in which everybody does the work once, and what they took, held against each other. */

export interface ContestOptions {
  readonly runs: number;
  readonly only: readonly PeerName[];
  /** How much of the work is done, 0 to 1. */
  readonly share: number;
  readonly json?: true;
}

/** Two who did the same work, and what each round came to. */
interface Pair {
  readonly title: string;
  readonly rival: string;
  readonly goal: number | undefined;
  readonly ours: Measured[];
  readonly theirs: Measured[];
}

/** Hops a second. */
const rateOf = ({ hops, wall_s }: Measured): number => hops / wall_s;

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
    const results = new Map<Contender, Measured>();
    for (const contender of [...rivals, ours]) {
      busy.push(await busyCpus());
      const measured = await contender.run(session.began);
      results.set(contender, measured);
      if (json) console.log(JSON.stringify({ contest: title, who: contender.name, round, ...measured }));
      else console.error(`  ${title}, ${contender.name}: ${measured.hops_per_s} hops/s`);
    }
    for (const rival of rivals) {
      const pair = must(
        pairs.find((one) => one.title === title && one.rival === rival.name),
        'a pair for each rival',
      );
      pair.ours.push(must(results.get(ours), 'our result'));
      pair.theirs.push(must(results.get(rival), 'the result of a rival'));
    }
  }
}

function report(pairs: readonly Pair[], busy: readonly number[], json: true | undefined): void {
  const lines = pairs.map((pair) => {
    const rounds = pair.ours.map((ours, round) => [ours, must(pair.theirs[round], 'as many rounds')] as const);
    const ratios = rounds.map(([ours, theirs]) => rateOf(ours) / rateOf(theirs));
    const time = median(rounds.map(([ours, theirs]) => theirs.wall_s / ours.wall_s));
    const [ours, theirs] = [median(pair.ours.map(rateOf)), median(pair.theirs.map(rateOf))];
    return {
      ...pair,
      ours,
      theirs,
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
      time,
    };
  });
  if (json) {
    for (const { title, rival, goal, ours, theirs, ratio, least, most, time } of lines) {
      const rates = { ours_hops_per_s: Math.round(ours), theirs_hops_per_s: Math.round(theirs) };
      const row = { contest: title, against: rival, ...rates, ratio, least, most, time, goal: goal ?? null };
      console.log(JSON.stringify(row));
    }
    return;
  }
  const rows = lines.map(({ title, rival, goal, ours, theirs, ratio, least, most, time }) => [
    ...[title, rival, thousands(ours), thousands(theirs), ratio.toFixed(2), `${least.toFixed(2)}-${most.toFixed(2)}`],
    ...[time.toFixed(2), goal === undefined ? '' : String(goal)],
  ]);
  const heads = ['work', 'against', 'cutaway k/s', 'theirs k/s', 'ratio', 'min-max', 'time', 'goal'];
  console.log(textTable(heads, rows, 2));
  console.log(
    `thousands of hops a second, medians of ${pairs[0]?.ours.length} rounds; the ratios are those of single rounds; ` +
      'time: how many times as long they take for all of the work',
  );
  console.log(`before the runs others kept ${median(busy).toFixed(2)} of ${cpus().length} CPUs busy (median)`);
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
