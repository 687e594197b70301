import { takerOf } from '../packet/stations.ts';
import type { RecordedStep } from '../packet/trace.ts';
import type { Party } from '../whitepaper/figure.ts';
import { contains, type Ipv4 } from '../wire/address.ts';
import type { Stack, World, WorldNode } from '../world/world.ts';

/** The Comware device that the figures are about: the first of the topology. */
export type Device = Extract<WorldNode, { kind: 'comware' }>;

export function deviceOf(world: World): Device | undefined {
  for (const node of world.nodes.values()) if (node.kind === 'comware') return node;
  return undefined;
}

/** Who sends, seen from the device; a stack elsewhere is outside, on a link of the device's or beyond one. */
export function senderOf(device: Device, stack: Stack, source: Ipv4): Party {
  if (stack.node !== device) return outsideOf(device, source);
  if (stack.comware !== undefined) return 'comware';
  return partyOfTitle(device, stack.title);
}

/** Who a packet is for: whoever took it, or, where nobody did, whoever has its destination. */
export function receiverOf(device: Device, steps: readonly RecordedStep[], destination: Ipv4): Party {
  const taker = takerOf(steps);
  if (taker?.node === device.name) return partyOfTitle(device, taker.title);
  return ownerOf(device, destination);
}

function partyOfTitle(device: Device, title: string): Party {
  if (title === device.comware.net.place.title || title === device.name) return 'comware';
  if (title === device.host.net.place.title) return 'host';
  const container = device.docker.containers.find((one) => title === `${device.name}/${one.options.name}`);
  return container?.net === device.comware.net ? 'shared' : 'separate';
}

function ownerOf(device: Device, address: Ipv4): Party {
  const isComwares = device.comware.interfaces.some((one) => one.address?.address === address);
  if (isComwares || device.comware.net.addresses.some((entry) => entry.address === address)) return 'comware';
  if (device.host.net.addresses.some((entry) => entry.address === address)) return 'host';
  if (device.docker.containers.some((one) => one.address?.address === address)) return 'separate';
  return outsideOf(device, address);
}

function outsideOf(device: Device, address: Ipv4): Party {
  const links = device.comware.net.addresses.filter((entry) => !entry.device.isLoopback);
  return links.some((entry) => contains(entry.prefix, address)) ? 'on-link' : 'off-link';
}
