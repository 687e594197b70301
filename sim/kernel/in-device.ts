import { bug } from '../core/assert.ts';
import type { InDevice, NetDevice } from '../link/device.ts';
import type { DeviceSysctls } from './sysctl.ts';

/**
 * The settings that count for a device: its own and those of `all`, combined as the kernel's IN_DEV_* macros do
 * (include/linux/inetdevice.h). A packet asks several times on its way, so they lie with the device.
 */
export class Ipv4Device implements InDevice {
  readonly family = 'ipv4';
  readonly #own: DeviceSysctls;
  readonly #all: DeviceSysctls;

  constructor(own: DeviceSysctls, all: DeviceSysctls) {
    this.#own = own;
    this.#all = all;
  }

  /** IN_DEV_FORWARD: the device's own value. */
  get forwarding(): boolean {
    return this.#own.forwarding !== 0;
  }
  get rpFilter(): number {
    return Math.max(this.#own.rp_filter, this.#all.rp_filter);
  }
  get arpAccept(): number {
    return Math.max(this.#own.arp_accept, this.#all.arp_accept);
  }
  get arpAnnounce(): number {
    return Math.max(this.#own.arp_announce, this.#all.arp_announce);
  }
  get arpIgnore(): number {
    return Math.max(this.#own.arp_ignore, this.#all.arp_ignore);
  }
  get acceptLocal(): boolean {
    return this.#own.accept_local !== 0 || this.#all.accept_local !== 0;
  }
  get arpFilter(): boolean {
    return this.#own.arp_filter !== 0 || this.#all.arp_filter !== 0;
  }
  get arpNotify(): boolean {
    return this.#own.arp_notify !== 0 || this.#all.arp_notify !== 0;
  }
  get dropGratuitousArp(): boolean {
    return this.#own.drop_gratuitous_arp !== 0 || this.#all.drop_gratuitous_arp !== 0;
  }
  get dropUnicastInL2Multicast(): boolean {
    return this.#own.drop_unicast_in_l2_multicast !== 0 || this.#all.drop_unicast_in_l2_multicast !== 0;
  }
  get promoteSecondaries(): boolean {
    return this.#own.promote_secondaries !== 0 || this.#all.promote_secondaries !== 0;
  }
  get proxyArp(): boolean {
    return this.#own.proxy_arp !== 0 || this.#all.proxy_arp !== 0;
  }
  get routeLocalnet(): boolean {
    return this.#own.route_localnet !== 0 || this.#all.route_localnet !== 0;
  }
  get sendRedirects(): boolean {
    return this.#own.send_redirects !== 0 || this.#all.send_redirects !== 0;
  }
  get arpEvictNocarrier(): boolean {
    return this.#own.arp_evict_nocarrier !== 0 && this.#all.arp_evict_nocarrier !== 0;
  }
}

/** The settings of a device that is, or was, in a namespace (__in_dev_get_rcu). */
export function inDevice(device: NetDevice): Ipv4Device {
  return (device.inDevice as Ipv4Device | undefined) ?? bug('a device in a namespace has settings');
}
