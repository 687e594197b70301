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
    this.#backlog = new Backlog(clock, (packet) => netifReceive(packet, this));
  }

  get carrier(): boolean {
    return true;
  }

  override get held(): number {
    return this.#backlog.length;
  }

  /**
   * Models loopback_xmit(). The kernel keeps the route on the packet (netif_keep_dst) and delivers by it; here it is
   * cleared and input routes again. That is not the same in every case: rules that ask for `iif lo`, the mark or the
   * source decide a second time, and fib_validate_source() sees a source address of our own, which it refuses on every
   * device. So input has to take lo's packets from our own addresses as validated.
   */
  startXmit(packet: Packet): Fate {
    packet.destination = undefined;
    return this.#backlog.enqueue(packet);
  }
}
