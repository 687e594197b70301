import { PuntDevice } from '../../link/punt.ts';
import { byDevice } from '../../packet/because.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import type { Comware } from '../comware.ts';
import type { ComwareInterface } from '../forwarding/interface.ts';
import type { SessionOwner } from '../stack/sessions.ts';

const SITE: Site = { component: 'Comware stack', function: 'to kernel' };

/** The mark with which a rule sends what belongs to the host into the Docker0 leg; the rest has none. */
export const HOST_MARK = 1;

/**
 * Gives a packet to the kernel of the namespace, `head` at its IP header: by the ethX of `by`, or by vrfif0 where there
 * is none. A leg into a bridge never serves: what comes in there is steered to Comware by the downloaded rules.
 */
export function injectIntoKernel(
  cw: Comware,
  packet: Packet,
  by: ComwareInterface | undefined,
  why: string,
  owner: SessionOwner = 'kernel',
): Fate {
  const device = by?.kernelDevice instanceof PuntDevice ? by.kernelDevice : cw.parts.vrfif0;
  if (!device.up) packet.ledger.recorder?.step(packet, cw.place, SITE, byDevice(device.name, 'state DOWN'));
  if (!device.up) return drop(packet, cw.place, SITE, 'comware:KERNEL_LINK_DOWN', device.name);
  cw.counters.toKernel++;
  packet.ledger.recorder?.step(packet, cw.place, SITE, { kind: 'punt', device: device.name, to: 'kernel', why });
  packet.head = packet.networkOffset;
  return device.inject(packet, owner === 'host' ? HOST_MARK : 0);
}
