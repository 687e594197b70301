import type { SimTime } from '../core/time.ts';
import { formatMac } from '../wire/mac.ts';
import type { NetDevice } from './device.ts';
import type { ForwardingDatabase } from './fdb.ts';

/** One row of `bridge -j fdb show br BRIDGE`. */
export interface FdbTableRow {
  readonly mac: string;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly master: string;
  readonly state: '' | 'permanent' | 'static';
  /** Whole seconds since a learnt entry was last confirmed. */
  readonly used?: number;
}

/** The rows as the kernel dumps them: device by device in the order of ifindex, of each the newest entry first. */
export function fdbRows(fdb: ForwardingDatabase, bridge: NetDevice, now: SimTime): FdbTableRow[] {
  const newestFirst = fdb.list().reverse();
  newestFirst.sort((a, b) => a.port.ifindex - b.port.ifindex);
  return newestFirst.map(({ mac, port, kind, updated }) => ({
    mac: formatMac(mac),
    ifname: port.name,
    flags: [],
    master: bridge.name,
    state: kind === 'learnt' ? '' : kind,
    ...(kind === 'learnt' ? { used: Math.floor((now - updated) / 1e9) } : {}),
  }));
}
