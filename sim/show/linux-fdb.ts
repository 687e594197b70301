import type { NamespaceSnapshot } from '../kernel/snapshot.ts';

/** `bridge fdb` as iproute2 prints it; a learnt entry has no state. Ports' own address lists (`self`) are not modelled. */
export function showBridgeFdb(snapshot: NamespaceSnapshot): string {
  return snapshot.fdb
    .map((row) => {
      const words = [row.mac, 'dev', row.ifname, ...row.flags, 'master', row.master, row.state];
      return `${words.filter((word) => word !== '').join(' ')}\n`;
    })
    .join('');
}
