import { expect, it } from 'vitest';
import { inDevice } from '../../sim/kernel/in-device.ts';
import { Lab } from '../bench.ts';

/* What a device does by its own setting and by that of all (include/linux/inetdevice.h IN_DEV_ORCONF and its kin). */

type Settings = ReturnType<typeof inDevice>;

/** What `read` gives for own and all being 0/0, 0/1, 1/0 and 1/1. */
function combined(setting: string, read: (settings: Settings) => unknown): unknown[] {
  const lab = new Lab({ a: { kind: 'linux', interfaces: { eth0: { address: '10.0.0.1/24' } } } });
  const device = lab.stack('a').net.device('eth0');
  if (device === undefined) throw new Error('no eth0');
  return [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map(([own, all]) => {
    lab.exec('a', `sysctl -w net.ipv4.conf.all.${setting}=${all}`, `sysctl -w net.ipv4.conf.eth0.${setting}=${own}`);
    return read(inDevice(device));
  });
}

const GREATER = [0, 1, 1, 1];
const OWN = [false, false, true, true];
const EITHER = [false, true, true, true];
const BOTH = [false, false, false, true];

it.each<[string, (settings: Settings) => unknown, readonly unknown[]]>([
  ['forwarding', (one) => one.forwarding, OWN],
  ['rp_filter', (one) => one.rpFilter, GREATER],
  ['arp_accept', (one) => one.arpAccept, GREATER],
  ['arp_announce', (one) => one.arpAnnounce, GREATER],
  ['arp_ignore', (one) => one.arpIgnore, GREATER],
  ['accept_local', (one) => one.acceptLocal, EITHER],
  ['arp_filter', (one) => one.arpFilter, EITHER],
  ['arp_notify', (one) => one.arpNotify, EITHER],
  ['drop_gratuitous_arp', (one) => one.dropGratuitousArp, EITHER],
  ['drop_unicast_in_l2_multicast', (one) => one.dropUnicastInL2Multicast, EITHER],
  ['promote_secondaries', (one) => one.promoteSecondaries, EITHER],
  ['proxy_arp', (one) => one.proxyArp, EITHER],
  ['route_localnet', (one) => one.routeLocalnet, EITHER],
  ['send_redirects', (one) => one.sendRedirects, EITHER],
  ['arp_evict_nocarrier', (one) => one.arpEvictNocarrier, BOTH],
])('%s of a device, and of all', (setting, read, expected) => {
  expect(combined(setting, read)).toEqual(expected);
});
