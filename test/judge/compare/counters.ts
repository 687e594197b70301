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
  return [rows(simulated), rows(withLockedAttempts(simulated, kernel))];
}

/**
 * On a path without delay the ICMP error about a SYN comes back while connect() still holds the socket: the attempt ends all the
 * same, but nobody counts it as failed (net/ipv4/tcp_ipv4.c tcp_v4_err()). Such errors are counted as TcpExtLockDroppedIcmps.
 */
function withLockedAttempts(
  simulated: Readonly<Record<string, number>>,
  kernel: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const [mine, its] = [simulated.TcpAttemptFails ?? 0, kernel.TcpAttemptFails ?? 0];
  const locked = kernel.TcpExtLockDroppedIcmps ?? 0;
  return mine > its && mine <= its + locked ? { ...kernel, TcpAttemptFails: mine } : kernel;
}
