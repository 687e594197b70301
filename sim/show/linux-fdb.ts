import type { FdbRow, NamespaceSnapshot } from '../kernel/snapshot.ts';

/** What `bridge fdb show` is asked for. */
export interface FdbFilter {
  readonly dev?: string;
  readonly br?: string;
}

/** `bridge fdb` as iproute2 prints it; a learnt entry has no state. */
export function showBridgeFdb(snapshot: NamespaceSnapshot, filter: FdbFilter = {}): string {
  return asked(snapshot, filter)
    .map((row) => {
      const dev = filter.dev === undefined ? `dev ${row.ifname} ` : '';
      const master = row.master === undefined ? '' : `master ${row.master} `;
      return `${row.mac} ${dev}${row.flags.map((flag) => `${flag} `).join('')}${master}${row.state}\n`;
    })
    .join('');
}

/** The rows of `bridge -j fdb`. */
export function bridgeFdbRows(snapshot: NamespaceSnapshot, filter: FdbFilter = {}): object[] {
  return asked(snapshot, filter).map(({ mac, ifname, flags, master, state }) => ({
    mac,
    ...(filter.dev === undefined ? { ifname } : {}),
    flags,
    ...(master === undefined ? {} : { master }),
    state,
  }));
}

/** Of a bridge its ports tell all that they have (net/core/rtnetlink.c rtnl_fdb_dump). */
function asked({ fdb, addr }: NamespaceSnapshot, { dev, br }: FdbFilter): readonly FdbRow[] {
  const ports = new Set(addr.filter((row) => row.master === br).map((row) => row.ifname));
  return fdb.filter(
    (row) =>
      (dev === undefined || row.ifname === dev) && (br === undefined || row.ifname === br || ports.has(row.ifname)),
  );
}
