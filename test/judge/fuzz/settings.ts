import type { Choices } from './choices.ts';
import { chooseDevice } from './routing.ts';
import type { Host } from './shape.ts';

/** Settings of a device, with values the kernel tells apart. */
const OF_DEVICE: readonly (readonly [name: string, values: readonly number[]])[] = [
  ['rp_filter', [1, 2, 0]],
  ['arp_ignore', [1, 2, 3, 8]],
  ['arp_announce', [1, 2]],
  ['arp_filter', [1]],
  ['arp_accept', [1]],
  ['arp_notify', [1]],
  ['proxy_arp', [1]],
  ['accept_local', [1]],
  ['route_localnet', [1]],
  ['send_redirects', [0, 1]],
  ['accept_redirects', [0, 1]],
  ['forwarding', [0, 1]],
  ['bc_forwarding', [1]],
];

const OF_NAMESPACE: readonly (readonly [name: string, values: readonly number[]])[] = [
  ['net.ipv4.ip_default_ttl', [32, 255, 3]],
  ['net.ipv4.icmp_echo_ignore_all', [1]],
  ['net.ipv4.icmp_echo_ignore_broadcasts', [0]],
  ['net.ipv4.icmp_ratelimit', [0]],
  ['net.ipv4.icmp_ratemask', [0]],
  ['net.ipv4.icmp_errors_use_inbound_ifaddr', [1]],
  ['net.ipv4.ip_forward_use_pmtu', [1]],
  ['net.ipv4.ip_forward', [0, 1]],
  ['net.ipv4.neigh.default.mcast_solicit', [2, 4]],
  ['net.ipv4.neigh.default.unres_qlen_bytes', [16384]],
];

/** Any setting, by its full name. */
export function chooseSetting(choose: Choices, host: Host): { readonly key: string; readonly value: number } {
  if (choose.chance(35)) {
    const [key, values] = choose.pick(OF_NAMESPACE);
    return { key, value: choose.pick(values) };
  }
  const [name, values] = choose.pick(OF_DEVICE);
  const where = choose.weighted<() => string>(
    [5, () => chooseDevice(choose, host)],
    [4, () => 'all'],
    [1, () => 'default'],
  )();
  return { key: `net.ipv4.conf.${where}.${name}`, value: choose.pick(values) };
}

/** The settings a host starts with. The delay before a proxy answers is random in the kernel, so it has none here. */
export function chooseSettings(choose: Choices, host: Host): Record<string, number> {
  const settings: Record<string, number> = {};
  if (host.forwards) settings['net.ipv4.ip_forward'] = 1;
  const count = choose.weighted([65, 0], [20, 1], [10, 2], [5, 4]);
  for (let index = 0; index < count; index++) {
    const { key, value } = chooseSetting(choose, host);
    // Announcements of the beginning: who hears them depends on the order in which the network comes up.
    if (!key.endsWith('arp_notify')) settings[key] = value;
  }
  settings['net.ipv4.neigh.default.proxy_delay'] = 0;
  return settings;
}
