import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Job, Result, Work } from './job.ts';
import { peakOf } from './shell.ts';

/** Runs what is ready and reads the clocks around it. */
export async function measure({ workload, size, options }: Job, prepare: () => Work): Promise<Result> {
  const pauses = new Pauses();
  const work = prepare();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work.run();
  const ended = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const wall = (ended - began) / 1e3;
  const paused = await pauses.between(began, ended);
  const own = { peak_rss_kb: peakOf('self') || process.resourceUsage().maxRSS };
  const { packets, hops, events, size: counted = size, elsewhere, more } = await work.tally();
  const cost = { gc_share: round(paused / 1e3 / wall), cpu_s: round((user + system) / 1e6) };
  return {
    workload: `${workload}${options.capture === true ? '-capture' : ''}${options.loss === true ? '-loss' : ''}`,
    size: counted,
    packets,
    hops,
    events,
    wall_s: round(wall),
    setup_s: round(began / 1e3),
    ...(elsewhere ?? own),
    hops_per_s: Math.round(hops / wall),
    ...(elsewhere === undefined ? cost : {}),
    ...Object.fromEntries(Object.entries(more ?? {}).map(([key, value]) => [key, round(value)])),
  };
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/** How long the garbage collector stopped the program. */
class Pauses {
  readonly #entries: PerformanceEntry[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    this.#entries.push(...list.getEntries());
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Milliseconds between two moments. Node hands its entries out when it comes to rest. */
  async between(began: number, ended: number): Promise<number> {
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    this.#observer.disconnect();
    const within = this.#entries.filter(({ startTime }) => startTime >= began && startTime <= ended);
    return within.reduce((sum, { duration }) => sum + duration, 0);
  }
}
