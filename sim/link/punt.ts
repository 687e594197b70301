import type { Clock } from '../core/events.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { ETHERTYPE_IPV4 } from '../wire/ethernet.ts';
import { Backlog } from './backlog.ts';
import { type DeviceOptions, NetDevice, netifReceive } from './device.ts';
import { scrubPacket } from './scrub.ts';

const XMIT: Site = { component: 'Interface', function: 'tun_net_xmit' };

/** The program at the other end takes a packet the kernel sent; `packet.head` is at its IP header. */
export type UserSide = (packet: Packet, device: PuntDevice) => Fate;

/**
 * A device that ends in a program: IP packets without link header or address resolution go to it and come from it.
 * Models drivers/net/tun.c in IFF_TUN | IFF_NO_PI mode, except that packets wait for a reader as they do for the kernel.
 */
export class PuntDevice extends NetDevice {
  readonly kind = 'punt';
  readonly linkType = 'none';
  override readonly noArp = true;
  override txQueueLength = 500;
  #userSide: UserSide | undefined;
  readonly #toProgram: Backlog;
  readonly #toKernel: Backlog;

  constructor(clock: Clock, options: DeviceOptions) {
    super(options);
    this.#toProgram = new Backlog(clock, this, (packet) => this.#deliver(packet));
    this.#toKernel = new Backlog(clock, this, (packet) => netifReceive(packet, this));
  }

  get userSide(): UserSide | undefined {
    return this.#userSide;
  }

  /** Attaches the program (tun_attach), or takes it away; without one the device has no carrier. */
  set userSide(userSide: UserSide | undefined) {
    const before = this.carrier;
    this.#userSide = userSide;
    if (this.carrier !== before) this.carrierChanged();
  }

  get carrier(): boolean {
    return this.#userSide !== undefined;
  }

  override get held(): number {
    return this.#toProgram.length + this.#toKernel.length;
  }

  /** Models tun_net_xmit(): the program gets it at the same time, but not from inside the kernel. */
  startXmit(packet: Packet): Fate {
    if (this.#userSide === undefined) return this.#nobody(packet);
    return this.#toProgram.enqueue(packet);
  }

  /**
   * The program writes an IPv4 packet to the kernel, `packet.head` at its header. Models tun_get_user(), except that
   * the driver can set a mark for policy rules.
   */
  inject(packet: Packet, mark = 0): Fate {
    scrubPacket(packet, true);
    packet.mark = mark;
    packet.protocol = ETHERTYPE_IPV4;
    return this.#toKernel.enqueue(packet);
  }

  #deliver(packet: Packet): Fate {
    if (this.#userSide === undefined) return this.#nobody(packet);
    return this.#userSide(packet, this);
  }

  #nobody(packet: Packet): Fate {
    return drop(packet, this.where, XMIT, 'comware:KERNEL_LINK_DOWN', `no program at ${this.name}`);
  }
}
