import type { Seen } from './world-frames.ts';

/** Where the two worlds disagree. */
export interface Difference {
  /** `timing` may be the machine's noise: the judge repeats the run before it believes one. */
  readonly kind: 'step' | 'frame' | 'missing' | 'extra' | 'timing' | 'table' | 'counter' | 'drop';
  /** `r:eth0 out`, `r route`, `step 3`. */
  readonly where: string;
  /** Nanoseconds, for the order in which differences are told; tables come last. */
  readonly time: number;
  /** The first that differs: of a frame `ip.ttl`, of a row its key. '' where all of it does. */
  readonly field: string;
  /** What is wrong, in one sentence. */
  readonly sentence: string;
  readonly simulated?: Seen;
  readonly kernel?: Seen;
  /** Rows of a table. */
  readonly rows?: readonly [string, string];
  /** Differences behind it in the same flow, which are its consequences or may be. */
  more: number;
}

/** How often each mask let something pass that differed. */
export class MaskUse {
  readonly #used = new Map<string, number>();

  count(name: string, times = 1): void {
    this.#used.set(name, (this.#used.get(name) ?? 0) + times);
  }

  list(): { readonly name: string; readonly used: number }[] {
    return [...this.#used].map(([name, used]) => ({ name, used })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
