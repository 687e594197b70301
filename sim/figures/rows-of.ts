import type { AddrRow } from '../kernel/link-snapshot.ts';
import type { RouteRow } from '../kernel/snapshot.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';

/* What claims read from tables. */

/** `ip route`: the main table. */
export function mainRoutes(stack: StackSnapshot | undefined): readonly RouteRow[] {
  return stack?.namespace.route.filter((one) => one.table === undefined) ?? [];
}

/** Interfaces of a namespace but lo. */
export function links(stack: StackSnapshot | undefined): readonly AddrRow[] {
  return stack?.namespace.addr.filter((one) => !one.flags.includes('LOOPBACK')) ?? [];
}

/** Addresses of a namespace but lo's, without their lengths. */
export function addresses(stack: StackSnapshot | undefined): readonly string[] {
  return links(stack).flatMap((one) => one.addr_info.map((info) => info.local));
}

/** `eth0 1.1.1.3/24`. */
export function linkText(one: AddrRow): string {
  return [one.ifname, ...one.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`)].join(' ');
}

/** Titles of the running containers of the device that have a namespace of their own. */
export function separateContainers(run: EvidenceRun): readonly string[] {
  const { device } = run;
  if (device === undefined) return [];
  return device.docker.containers
    .filter((one) => one.net !== undefined && one.net !== device.comware.net && one.net !== device.host.net)
    .map((one) => `${device.name}/${one.options.name}`);
}

/** Titles of the running containers of the device that share the namespace of Comware. */
export function sharedContainers(run: EvidenceRun): readonly string[] {
  const { device } = run;
  if (device === undefined) return [];
  return device.docker.containers
    .filter((one) => one.net === device.comware.net)
    .map((one) => `${device.name}/${one.options.name}`);
}

/** The addressed Virtual-Eth-Group of the device: `1.1.1.200/24` and the kernel's device of it. */
export function groupOf(run: EvidenceRun): { readonly address: string; readonly device: string } | undefined {
  const rows = run.end(run.device?.name ?? '')?.comware?.interfaces ?? [];
  const group = rows.find((one) => one.name.startsWith('Virtual-Eth-Group') && one.address !== '');
  return group === undefined ? undefined : { address: group.address, device: group.kernelDevice };
}

/** Addresses of the interfaces of Comware, without their lengths. */
export function comwareAddresses(run: EvidenceRun): readonly string[] {
  const rows = run.end(run.device?.name ?? '')?.comware?.interfaces ?? [];
  return rows.flatMap((one) => (one.address === '' ? [] : [one.address.split('/')[0] ?? '']));
}

export function isOutside(party: Trip['from']): boolean {
  return party === 'on-link' || party === 'off-link';
}

/** The address of Comware's LoopBack0. */
export function loopbackOf(run: EvidenceRun): string | undefined {
  const rows = run.end(run.device?.name ?? '')?.comware?.interfaces ?? [];
  return rows.find((one) => one.name === 'LoopBack0')?.address.split('/')[0];
}
