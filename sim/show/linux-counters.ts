import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `nstat -as`: counters since the namespace began; those of 0 too with `zeros`, as `-z` has it. */
export function showCounters(snapshot: NamespaceSnapshot, zeros = false): string {
  const shown = Object.entries(nstatCounters(snapshot)).filter(([, value]) => zeros || value !== 0);
  // The last column is nstat's rate, which it gives only as a daemon.
  return `#kernel\n${shown.map(([name, value]) => `${name.padEnd(32)}${String(value).padEnd(16)}   0.0\n`).join('')}`;
}

/**
 * The counters that the model moves, in the order of /proc/net/snmp and /proc/net/netstat. Those of ICMP by type are the
 * ones with names once more, where they are not 0 (net/ipv4/proc.c icmpmsg_put).
 */
export function nstatCounters({ counters }: NamespaceSnapshot): Record<string, number> {
  const byType = (direction: 'In' | 'Out'): [string, number][] =>
    ICMP_TYPES.flatMap(([type, name]) => {
      const value = counters[`Icmp${direction}${name}`] ?? 0;
      return value === 0 ? [] : [[`IcmpMsg${direction}Type${type}`, value] as [string, number]];
    });
  const entries = Object.entries(counters);
  const icmp = entries.findLastIndex(([name]) => name.startsWith('Icmp'));
  return Object.fromEntries([
    ...entries.slice(0, icmp + 1),
    ...byType('In'),
    ...byType('Out'),
    ...entries.slice(icmp + 1),
  ]);
}

const ICMP_TYPES: readonly (readonly [number, string])[] = [
  [0, 'EchoReps'],
  [3, 'DestUnreachs'],
  [5, 'Redirects'],
  [8, 'Echos'],
  [11, 'TimeExcds'],
];
