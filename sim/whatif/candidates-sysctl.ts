import { Sysctls, type SysctlValue } from '../kernel/sysctl.ts';
import type { Stack } from '../world/world.ts';
import type { Candidate } from './candidate.ts';
import type { Scene } from './scene.ts';

/* Settings of a kernel: those that a decision read, and those that are not as a kernel begins with. */

/** Settings by the reason of a drop that reads them. `DEV` stands for each device of the stack. */
const READ_BY: Readonly<Record<string, readonly (readonly [setting: string, cost: number])[]>> = {
  'kernel:IP_INADDRERRORS': [
    ['net.ipv4.ip_forward=1', 6],
    ['net.ipv4.conf.DEV.forwarding=1', 10],
  ],
  'kernel:IP_RPFILTER': [
    ['net.ipv4.conf.DEV.rp_filter=2', 13],
    ['net.ipv4.conf.DEV.rp_filter=0', 14],
    ['net.ipv4.conf.all.rp_filter=2', 16],
    ['net.ipv4.conf.all.rp_filter=0', 17],
  ],
  'kernel:IP_LOCAL_SOURCE': [
    ['net.ipv4.conf.DEV.accept_local=1', 14],
    ['net.ipv4.conf.all.accept_local=1', 18],
  ],
  'kernel:IP_LOCALNET': [
    ['net.ipv4.conf.DEV.route_localnet=1', 14],
    ['net.ipv4.conf.all.route_localnet=1', 18],
  ],
  'kernel:IP_INVALID_SOURCE': [['net.ipv4.conf.DEV.route_localnet=1', 20]],
  'kernel:IP_INVALID_DEST': [['net.ipv4.conf.DEV.route_localnet=1', 20]],
  'kernel:INVALID_PROTO': [['net.ipv4.icmp_echo_ignore_broadcasts=0', 14]],
};

/** What the deciding function of a drop asked for. */
export function decidingSettings(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const reasons = new Set(scene.deathsAt(stack).map(({ death }) => death.reason));
  return [...reasons].flatMap((reason) =>
    (READ_BY[reason] ?? []).flatMap(([setting, cost]) => spread(stack, setting).map((one) => write(stack, one, cost))),
  );
}

/** Settings that let more by, wherever they might matter. */
const LETTING_BY: readonly (readonly [setting: string, cost: number])[] = [
  ['net.ipv4.ip_forward=1', 30],
  ['net.ipv4.conf.DEV.forwarding=1', 34],
  ['net.ipv4.conf.DEV.rp_filter=2', 36],
  ['net.ipv4.conf.all.rp_filter=0', 38],
  ['net.ipv4.conf.DEV.route_localnet=1', 44],
  ['net.ipv4.conf.DEV.accept_local=1', 44],
  ['net.ipv4.conf.DEV.proxy_arp=1', 46],
  ['net.bridge.bridge-nf-call-iptables=0', 36],
  ['net.ipv4.conf.all.arp_ignore=0', 36],
  ['net.netfilter.nf_conntrack_tcp_be_liberal=1', 48],
];

export function lettingBy(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined || stack.node.kind === 'bridge') return [];
  const settings = valuesOf(scene, stack);
  return LETTING_BY.flatMap(([setting, cost]) =>
    spread(stack, setting)
      .filter((one) => settings.get(keyOf(one)) !== Number(one.split('=')[1]))
      .map((one) => write(stack, one, cost)),
  );
}

/** Whatever somebody has set goes back to what a kernel begins with. */
export function unusualSettings(scene: Scene, stack: Stack): Candidate[] {
  if (stack.comware !== undefined) return [];
  const usual = new Map(new Sysctls().list().map(({ key, value }) => [key, value]));
  const usualOf = (key: string): SysctlValue | undefined =>
    usual.get(key) ?? usual.get(key.replace(/^(net\.ipv4\.(?:conf|neigh))\..*\.(\w+)$/, '$1.default.$2'));
  const found: Candidate[] = [];
  for (const { key, value } of scene.snapshot(stack).namespace.sysctl) {
    const before = usualOf(key);
    // A router that forwards was made to; what `default` has only counts for devices to come.
    if (/\.default\.|\.(?:ip_forward|forwarding)$/.test(key) || before === undefined) continue;
    if (String(before) === String(value)) continue;
    found.push(write(stack, `${key}=${typeof before === 'number' ? before : before.join(' ')}`, costOf(key)));
  }
  return found;
}

/** What keeps ARP or echo from being answered is likelier to be meant than a timer. */
function costOf(key: string): number {
  if (/\.(arp_ignore|arp_filter|arp_announce|icmp_echo_ignore_all|rp_filter)$/.test(key)) return 12;
  return /\.neigh\.|timeout|_time/.test(key) ? 24 : 16;
}

function valuesOf(scene: Scene, stack: Stack): ReadonlyMap<string, SysctlValue> {
  return new Map(scene.snapshot(stack).namespace.sysctl.map(({ key, value }) => [key, value]));
}

/** A setting of each device, where it says DEV. */
function spread(stack: Stack, setting: string): string[] {
  if (!setting.includes('DEV')) return [setting];
  const devices = stack.net.devices.filter((device) => !device.isLoopback).map(({ name }) => name);
  // A device with a dot in its name is written with slashes.
  return devices.map((name) =>
    name.includes('.') ? setting.replaceAll('.', '/').replace('DEV', name) : setting.replace('DEV', name),
  );
}

function keyOf(setting: string): string {
  return (setting.split('=')[0] ?? '').replaceAll('/', '.');
}

function write(stack: Stack, setting: string, cost: number): Candidate {
  return { kind: 'sysctl', verb: 'set', line: `${stack.title}: ${setting}`, cost };
}
