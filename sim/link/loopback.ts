import type { Clock } from '../core/events.ts';
import type { Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import { ETHERNET_LENGTH } from '../wire/ethernet.ts';
import { ZERO_MAC } from '../wire/mac.ts';
import { Backlog } from './backlog.ts';
import { NetDevice, netifReceive } from './device.ts';

/** `lo`: what it sends it receives, behind an Ethernet header of zero addresses. Models drivers/net/loopback.c. */
export class LoopbackDevice extends NetDevice {
  readonly kind = 'loopback';
  readonly linkType = 'loopback';
  /** loopback_xmit() counts what eth_type_trans() left, in both directions. */
  override readonly uncountedLength = ETHERNET_LENGTH;
  readonly #backlog: Backlog;

  constructor(clock: Clock) {
    super({ name: 'lo', mac: ZERO_MAC, mtu: 65536 });
    this.#backlog = new Backlog(clock, this, (packet) => netifReceive(packet, this));
  }

  get carrier(): boolean {
    return true;
  }

  override get held(): number {
    return this.#backlog.length;
  }

  /** Models loopback_xmit(): the route that output chose stays on the packet, and input delivers by it. */
  startXmit(packet: Packet): Fate {
    return this.#backlog.enqueue(packet);
  }
}
