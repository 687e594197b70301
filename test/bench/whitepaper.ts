import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario } from '../../sim/app/sources.ts';
import { letArrive, runScenario } from '../../sim/scenario/runner.ts';
import { problemText } from '../../sim/show/problem-text.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import type { Tally, Work } from './job.ts';
import { median } from './result-table.ts';
import { cutaway } from './shell.ts';

/*
 * All the white paper's scenarios, as the shell sees it: `cutaway run` in a Node that has not compiled a line of it
 * before. Beside it: the same once more, and the two commands that should answer at once.
 */

const SCENARIOS = join('scenarios', 'whitepaper');
const TRACED = join('topologies', 'whitepaper', 'separate-namespace.yaml');
const STARTS = 5;

export function whitepaper(): Work {
  const folder = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  const cache = join(folder, 'cache');
  const all = ['run', '--quiet', '--out', join(folder, 'out')];
  let peak = 0;
  return {
    async run() {
      peak = (await cutaway(all, cache)).peak_rss_kb;
    },
    async tally() {
      const again = (await cutaway(all, cache)).wall_s;
      const help = await medianStart(['--help'], cache);
      const trace = await medianStart(
        ['trace', TRACED, '--from', 'host-b', '--to', '1.1.1.1:7', '--proto', 'udp'],
        cache,
      );
      rmSync(folder, { recursive: true });
      return {
        ...countAll(),
        elsewhere: { peak_rss_kb: peak },
        more: { again_s: again, help_s: help, trace_s: trace },
      };
    },
  };
}

async function medianStart(words: readonly string[], cache: string): Promise<number> {
  // The first start of a command fills the cache for it.
  await cutaway(words, cache);
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push((await cutaway(words, cache)).wall_s);
  return median(times);
}

/** What the scenarios come to, counted here: packets that were born, frames over cables, events. */
function countAll(): Tally {
  const sum = { size: 0, packets: 0, hops: 0, events: 0 };
  for (const name of readdirSync(SCENARIOS)) {
    if (!name.endsWith('.yaml')) continue;
    const loaded = loadScenario(join(SCENARIOS, name));
    if ('problems' in loaded) throw new Error(loaded.problems.map(problemText).join('\n'));
    const { topology, scenario } = loaded.source;
    const { world } = buildSource(topology, { seed: scenario.seed, trace: false, capture: false });
    runScenario(world, scenario);
    letArrive(world, scenario);
    sum.size++;
    sum.packets += world.ledger.born;
    sum.events += world.clock.ran;
    for (const { cable } of world.links) for (const { rxPackets } of cable.ends) sum.hops += rxPackets;
  }
  return sum;
}
