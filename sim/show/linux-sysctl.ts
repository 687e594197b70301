import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `sysctl -a`, sorted as it walks its folders; with `keys` only what begins with one of them. */
export function showSysctl(snapshot: NamespaceSnapshot, keys: readonly string[] = []): string {
  return snapshot.sysctl
    .filter(({ key }) => keys.length === 0 || keys.some((start) => key.startsWith(start)))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, value }) => `${key} = ${typeof value === 'number' ? value : value.join('\t')}\n`)
    .join('');
}
