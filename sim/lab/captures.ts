import type { SimTime } from '../core/time.ts';
import { type Layer, layersOf } from '../explain/layers.ts';
import { lookFor } from '../scenario/check-sightings.ts';
import { parseIpv4 } from '../wire/address.ts';
import type { StoredFrame } from '../world/frame-log.ts';
import type { World } from '../world/world.ts';
import { LabError } from './lab-error.ts';

/** What passed one device. */
export interface LabCapture {
  /** `gw:eth0`, `device-a/comware:eth1`. */
  readonly point: string;
  /** What its frames begin with; Comware's punt interfaces carry IP alone. */
  readonly begins: 'Ethernet' | 'IPv4';
  readonly frames: readonly LabFrame[];
}

/** A frame as it passed a device. */
export interface LabFrame {
  /** Nanoseconds. */
  readonly time: SimTime;
  /** As the device sees it: `in` is received. */
  readonly direction: 'in' | 'out';
  /** The same packet's at every point that it passes. */
  readonly packet: number;
  /** Its bytes, two hexadecimal digits each. */
  readonly hex: string;
  /** Its headers, outermost first. */
  readonly headers: readonly Layer[];
}

/** A packet that carries an address. */
export interface LabSighting {
  readonly packet: number;
  /** Nanoseconds. */
  readonly time: SimTime;
  /** `as source of the IP header`, `as target in ARP`, ... */
  readonly where: string;
}

/** Every capture point; a container that was started anew goes on at the points of the same names. */
export function capturesOf(world: World): LabCapture[] {
  const points = new Map<string, { begins: LabCapture['begins']; frames: StoredFrame[] }>();
  for (const { name, device, frames } of world.captures?.captures() ?? []) {
    const begins = device.headerLength === 0 ? 'IPv4' : 'Ethernet';
    const point = points.get(name) ?? { begins, frames: [] };
    for (const frame of frames) point.frames.push(frame);
    points.set(name, point);
  }
  return [...points].map(([point, { begins, frames }]) => ({
    point,
    begins,
    frames: frames.map(({ time, direction, packet, bytes }) => ({
      ...{ time, direction, packet, hex: hexOf(bytes), headers: layersOf(bytes, begins) },
    })),
  }));
}

export function sightingAt(
  world: World,
  address: string,
  point: string,
  direction: 'in' | 'out' | undefined,
): LabSighting | undefined {
  const parsed = parseIpv4(address);
  if (parsed === undefined) throw new LabError(`"${address}" is no IPv4 address`);
  const found = lookFor(world.captures?.captures() ?? [], { at: point, direction, address: parsed });
  if (found === 'no such point' || found.frame === undefined) return undefined;
  return { packet: found.frame.packet, time: found.frame.time, where: found.where };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
