import { devQueueXmit, type NetDevice, netifReceive } from '../../sim/link/device.ts';
import { PuntDevice } from '../../sim/link/punt.ts';
import { Packet } from '../../sim/packet/packet.ts';
import type { World } from '../../sim/world/world.ts';
import { ETHERNET } from './layers.ts';

/** In: as if it came by the wire, the pair or the program behind the device. Out: as a raw socket sends it. */
export type Way = 'in' | 'out';

/** A device at which frames can be thrown. */
export interface Point {
  /** `gw:wan`, `device-a/host:docker0`. */
  readonly name: string;
  readonly device: NetDevice;
  readonly way: Way;
  /** Length of its link header. */
  readonly link: number;
}

/** Every device of every stack, and Comware's ports, both ways; nothing comes in by a bridge itself or by lo. */
export function pointsOf(world: World): Point[] {
  const devices = new Map<string, NetDevice>();
  for (const { title, net, comware } of world.stacks()) {
    // Comware's own stack stands beside the kernel that its devices are listed with.
    if (comware === undefined)
      for (const device of net.devices) devices.set(`${net.place.title}:${device.name}`, device);
    for (const { port } of comware?.interfaces ?? [])
      if (port !== undefined) devices.set(`${title}:${port.name}`, port);
  }
  return [...devices].flatMap(([name, device]) => {
    const link = device.linkType === 'none' ? 0 : ETHERNET;
    const out: Point = { name, device, way: 'out', link };
    const isOwn = device.kind === 'bridge' || device.kind === 'loopback';
    return isOwn ? [out] : [{ name, device, way: 'in', link }, out];
  });
}

/** Throws a frame at a device, and gives the packet that it became. */
export function throwAt({ device, way }: Point, bytes: Uint8Array, world: World): Packet {
  const packet = Packet.of(world.ledger, bytes);
  if (way === 'out') devQueueXmit(packet, device);
  else if (device instanceof PuntDevice) device.inject(packet);
  else netifReceive(packet, device);
  return packet;
}
