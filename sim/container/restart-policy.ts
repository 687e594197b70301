import { ms, type SimTime } from '../core/time.ts';
import type { Container, RestartPolicy } from './container.ts';

/** Whether the policy starts a container again whose program has failed. */
export function wantsRestart({ options, stoppedByHand, restarts }: Container): boolean {
  const { name, retries } = options.restart;
  if (name === 'no' || stoppedByHand) return false;
  return name !== 'on-failure' || retries === 0 || restarts < retries;
}

/**
 * Whether a container comes up with the device: `always` even if it was stopped by hand, `unless-stopped` if it was not;
 * the others stay down (whitepaper 3.4).
 */
export function wantsStartAtBoot({ options, stoppedByHand }: Container): boolean {
  const { name } = options.restart;
  return name === 'always' || (name === 'unless-stopped' && !stoppedByHand);
}

const FIRST = 100;
const LONGEST = 60_000;

/** How long the restart manager waits before the restart after `restarts` others. */
export function restartDelay(restarts: number): SimTime {
  return ms(Math.min(FIRST * 2 ** Math.min(restarts, 20), LONGEST));
}

/** `no`, `always`, `on-failure`, `on-failure:3`, `unless-stopped`; undefined for anything else. */
export function parseRestartPolicy(text: string): RestartPolicy | undefined {
  const match = /^(?:(no|always|unless-stopped)|on-failure(?::(\d{1,6}))?)$/.exec(text);
  if (match === null) return undefined;
  const name = match[1] as 'no' | 'always' | 'unless-stopped' | undefined;
  return name === undefined ? { name: 'on-failure', retries: Number(match[2] ?? 0) } : { name, retries: 0 };
}
