import type { ComwareSnapshot } from '../../sim/comware/snapshot-rows.ts';
import { ZERO } from '../../sim/core/time.ts';
import type { StackSnapshot } from '../../sim/world/stack-snapshot.ts';
import { Shell } from '../kernel/shell.ts';
import { EMPTY_NAT } from './empty-nat.ts';

export const EMPTY_COMWARE: ComwareSnapshot = {
  ...{ title: 'device-a', sysname: 'H3C', interfaces: [], routes: [], arp: [], sockets: [], sessions: [] },
  ...{ nat: EMPTY_NAT, counters: {}, kernelMap: [], tpaSource: 'none', configuration: [], assumptions: [] },
};

/** The snapshot of a device of which nothing but Comware's own state matters. */
export function comwareOnly(comware: ComwareSnapshot): StackSnapshot {
  return { title: 'device-a', time: ZERO, namespace: new Shell().snapshot, comware };
}
