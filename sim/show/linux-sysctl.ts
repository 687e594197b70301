import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

type SysctlRow = NamespaceSnapshot['sysctl'][number];

/** `sysctl -a`, sorted as it walks its folders; with `keys` only what begins with one of them. */
export function showSysctl(snapshot: NamespaceSnapshot, keys: readonly string[] = []): string {
  return sysctlRows(snapshot, keys)
    .map(({ key, value }) => `${key} = ${typeof value === 'number' ? value : value.join('\t')}\n`)
    .join('');
}

/** The settings that the model knows, by name. */
export function sysctlRows({ sysctl }: NamespaceSnapshot, keys: readonly string[] = []): SysctlRow[] {
  const begins = (key: string, start: string): boolean => key === start || key.startsWith(`${start}.`);
  return sysctl
    .filter(({ key }) => keys.length === 0 || keys.some((start) => begins(key, start)))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
