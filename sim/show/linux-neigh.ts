import type { NamespaceSnapshot, NeighRow, ProxyRow } from '../kernel/snapshot.ts';

/** What `ip neigh show` is asked for. */
export interface NeighFilter {
  readonly dev?: string;
  readonly nud?: string;
  /** `-s`. */
  readonly stats?: boolean;
}

/** `ip neigh show proxy` as iproute2 prints it. */
export function showIpNeighProxy(snapshot: NamespaceSnapshot, { dev }: NeighFilter = {}): string {
  return proxyRows(snapshot, { ...(dev === undefined ? {} : { dev }) })
    .map((row) => `${row.dst} ${row.dev === undefined ? '' : `dev ${row.dev} `}proxy \n`)
    .join('');
}

/** The rows of `ip -j neigh show proxy`. */
export function proxyRows({ proxy }: NamespaceSnapshot, { dev }: NeighFilter): readonly ProxyRow[] {
  return proxy.flatMap((row) => (dev === undefined ? row : row.dev === dev ? { dst: row.dst, proxy: null } : []));
}

/** `ip neigh` as iproute2 prints it; with `stats` as `ip -s neigh` does. */
export function showIpNeigh(snapshot: NamespaceSnapshot, filter: NeighFilter = {}): string {
  return asked(snapshot, filter)
    .map((row) => {
      const dev = filter.dev === undefined ? `dev ${row.dev} ` : '';
      const lladdr = row.lladdr === undefined ? '' : `lladdr ${row.lladdr} `;
      const stats = filter.stats === true ? statsText(row) : '';
      return `${row.dst} ${dev}${lladdr}${stats}${row.state.map((state) => `${state} `).join('')}\n`;
    })
    .join('');
}

/** The rows of `ip -j neigh`. */
export function ipNeighRows(snapshot: NamespaceSnapshot, filter: NeighFilter = {}): object[] {
  return asked(snapshot, filter).map((row) => {
    const { dst, dev, lladdr, state, ...stats } = row;
    return {
      dst,
      ...(filter.dev === undefined ? { dev } : {}),
      ...(lladdr === undefined ? {} : { lladdr }),
      ...(filter.stats === true ? stats : {}),
      state,
    };
  });
}

/** NOARP ones are told only where they are asked for (ip/ipneigh.c do_show_or_flush). */
function asked({ neigh }: NamespaceSnapshot, { dev, nud }: NeighFilter): readonly NeighRow[] {
  const isAsked = ({ state }: NeighRow): boolean =>
    nud === undefined ? !state.includes('NOARP') : nud === 'all' || state.includes(nud.toUpperCase());
  return neigh.filter((row) => (dev === undefined || row.dev === dev) && isAsked(row));
}

/** Models ip/ipneigh.c print_cacheinfo(). */
function statsText({ refcnt, used, confirmed, updated, probes }: NeighRow): string {
  const reference = refcnt === undefined ? '' : ` ref ${refcnt}`;
  return `${reference} used ${used}/${confirmed}/${updated}probes ${probes} `;
}
