import { Ipv4Header } from '../../sim/wire/ipv4.ts';
import type { Lab } from '../bench.ts';

/** IP headers of a packet and of what was copied from it, as they passed a capture point. */
export function headersAt(lab: Lab, point: string, packet: number): Ipv4Header[] {
  const family = new Set([packet]);
  for (const { number, parent } of lab.world.recorder?.packets() ?? []) if (family.has(parent)) family.add(number);
  const device = lab.world.captures?.captures().find((one) => one.name === point)?.device;
  const offset = device?.linkType === 'none' ? 0 : 14;
  return lab
    .frames(point)
    .filter((frame) => family.has(frame.packet))
    .map((frame) => new Ipv4Header(frame.bytes, offset));
}

/** The TTL with which a packet passed a capture point first. */
export function ttlAt(lab: Lab, point: string, packet: number): number | undefined {
  return headersAt(lab, point, packet)[0]?.ttl;
}
