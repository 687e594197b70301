import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `nstat -as`: counters since the namespace began; those of 0 too with `zeros`, as `-z` has it. */
export function showCounters(snapshot: NamespaceSnapshot, zeros = false): string {
  const shown = Object.entries(snapshot.counters).filter(([, value]) => zeros || value !== 0);
  // The last column is nstat's rate, which it gives only as a daemon.
  return `#kernel\n${shown.map(([name, value]) => `${name.padEnd(32)}${String(value).padEnd(16)}   0.0\n`).join('')}`;
}
