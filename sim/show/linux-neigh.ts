import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `ip neigh show proxy` as iproute2 prints it. */
export function showIpNeighProxy(snapshot: NamespaceSnapshot): string {
  return snapshot.proxy.map(({ dst, dev }) => `${dst} ${dev === undefined ? '' : `dev ${dev} `}proxy \n`).join('');
}

/** `ip neigh` as iproute2 prints it. */
export function showIpNeigh(snapshot: NamespaceSnapshot): string {
  return snapshot.neigh
    .map((row) => {
      const lladdr = row.lladdr === undefined ? [] : ['lladdr', row.lladdr];
      return `${[row.dst, 'dev', row.dev, ...lladdr, ...row.state].join(' ')}\n`;
    })
    .join('');
}
