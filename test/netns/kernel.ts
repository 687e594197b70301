import { spawnSync } from 'node:child_process';
import type { NamespaceSnapshot } from '../../sim/kernel/snapshot.ts';
import { showIptablesSave } from '../../sim/show/linux-iptables.ts';

/* Tables of a real namespace and of a simulated one, in the same form. */

/** Root on Linux, with network namespaces, and the tools that a script uses. */
export const canBuild = process.getuid?.() === 0 && probe();
export const needsRoot = canBuild ? '(root, network namespaces)' : '(skipped: no root, or no network namespaces)';

function probe(): boolean {
  const name = `ct-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { stdio: 'ignore' }).status === 0;
  if (made) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  const tools = ['bash', 'sysctl', 'iptables-restore', 'bridge'];
  return made && tools.every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status === 0);
}

/** Names of namespaces that begin so. */
export function namespacesWith(prefix: string): string[] {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return names.filter((name) => name.startsWith(prefix)).sort();
}

export interface Tables {
  readonly addr: unknown;
  readonly route: unknown;
  readonly rule: unknown;
  readonly neigh: unknown;
  readonly fdb: unknown;
  readonly iptables: string;
}

type Row = Readonly<Record<string, unknown>>;

/** What the kernel tells of a namespace; interface indices are left out, since the script chooses others. */
export function kernelTables(namespace: string): Tables {
  const rows = (...argv: string[]): Row[] => {
    const { stdout, stderr, status } = spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as Row[]).filter((row) => Object.keys(row).length > 0);
  };
  const save = spawnSync('ip', ['netns', 'exec', namespace, 'iptables-save', '-c'], { encoding: 'utf8' });
  return {
    addr: addresses(rows('ip', '-n', namespace, '-j', 'addr')),
    route: sorted(rows('ip', '-n', namespace, '-j', 'route', 'show', 'table', 'all')),
    rule: rows('ip', '-n', namespace, '-j', 'rule'),
    neigh: neighbours(rows('ip', '-n', namespace, '-j', 'neigh')),
    fdb: fdb(rows('bridge', '-n', namespace, '-j', 'fdb')),
    iptables: tablesText(save.stdout),
  };
}

export function simulatedTables(snapshot: NamespaceSnapshot): Tables {
  const plain = <T>(value: T): Row[] => JSON.parse(JSON.stringify(value)) as Row[];
  return {
    addr: addresses(plain(snapshot.addr)),
    route: sorted(plain(snapshot.route)),
    rule: plain(snapshot.rule),
    neigh: neighbours(plain(snapshot.neigh)),
    fdb: fdb(plain(snapshot.fdb)),
    iptables: tablesText(showIptablesSave(snapshot.iptables, true)),
  };
}

const KEYS = ['ifname', 'mtu', 'master', 'link_type', 'address', 'broadcast'];
const ADDRESS_KEYS = ['family', 'local', 'prefixlen', 'scope', 'secondary', 'label'];

/**
 * Interfaces in the order of their indices. Left out: the indices; the state of operation, which is DOWN or
 * LOWERLAYERDOWN as the indices of both ends of a cable happen to fall; queues and group, which are not modelled.
 */
function addresses(rows: readonly Row[]): unknown {
  return rows.map((row) => ({
    ...pick(row, KEYS),
    flags: [...(row.flags as string[])].sort(),
    addresses: (row.addr_info as Row[]).map((entry) => pick(entry, ADDRESS_KEYS)),
  }));
}

/** Left out: ages, which `ip neigh` tells only with -s. */
function neighbours(rows: readonly Row[]): unknown {
  return sorted(rows.map((row) => pick(row, ['dst', 'dev', 'lladdr', 'state'])));
}

/** Left out: addresses that an interface itself listens to (`self`), which are multicast groups of IPv4 and IPv6. */
function fdb(rows: readonly Row[]): unknown {
  const ofBridges = rows.filter(({ flags }) => !(flags as string[]).includes('self'));
  return sorted(ofBridges.map((row) => pick(row, ['mac', 'ifname', 'master', 'state'])));
}

/** Tables without comments, in alphabetical order. */
function tablesText(text: string): string {
  const plain = text.replace(/^#.*\n/gm, '');
  return plain
    .split(/(?<=^COMMIT\n)/m)
    .sort()
    .join('');
}

function pick(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(row, key) ? [[key, row[key]]] : [])));
}

/** Rows by their text, each with its keys in alphabetical order. */
function sorted(rows: readonly Row[]): Row[] {
  const inOrder = rows.map((row) => pick(row, Object.keys(row).sort()));
  return inOrder.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
