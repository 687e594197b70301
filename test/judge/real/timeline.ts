import { setTimeout as sleep } from 'node:timers/promises';

/** The judge's own clock, which the kernel calls CLOCK_MONOTONIC: nanoseconds. */
export function steadyNow(): bigint {
  return process.hrtime.bigint();
}

/** Sleeps until that moment; never busy, so it may wake a millisecond late. Rejects when the run has failed. */
export async function sleepUntil(moment: bigint, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const left = Number(moment - steadyNow()) / 1e6;
    if (left <= 0) return;
    // The timer counts whole milliseconds and drops the rest.
    await sleep(Math.max(1, Math.ceil(left)), undefined, { signal });
  }
}
