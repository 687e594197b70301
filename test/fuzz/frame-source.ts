import type { Chance } from '../../sim/core/chance.ts';
import type { NetDevice } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { World } from '../../sim/world/world.ts';
import { Atlas } from './atlas.ts';
import { Crafter } from './craft.ts';
import { ARP, IPV4, set16, setMac } from './layers.ts';
import { Mutator } from './mutate.ts';
import type { Point } from './points.ts';

/** Other things that are on an Ethernet: IPv6, VLAN tags, MPLS, PPPoE, LLDP, pause frames, EAPOL, PTP, and lengths of LLC. */
const ETHER_TYPES = [
  0x86dd, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8864, 0x88cc, 0x8808, 0x888e, 0x88f7, 0x0003, 46, 1500, 0x0600,
];

/** Makes hostile frames for the devices of one world. */
export class FrameSource {
  readonly atlas: Atlas;
  readonly #chance: Chance;
  readonly #mutator: Mutator;
  readonly #crafter: Crafter;

  constructor(world: World, chance: Chance) {
    this.#chance = chance;
    this.atlas = new Atlas(world, chance);
    this.#mutator = new Mutator(this.atlas, chance);
    this.#crafter = new Crafter(this.atlas, this.#mutator, chance);
  }

  /** Sees every frame that passes a device. */
  watch(device: NetDevice, packet: Packet): void {
    this.atlas.note(device, packet);
  }

  next(point: Point): Uint8Array {
    this.atlas.aim(point);
    const roll = this.#chance.below(100);
    if (roll < 3) return this.atlas.noise(this.#length());
    if (point.link === 0) return roll < 40 ? this.#mutated() : this.#crafter.ipv4();
    if (roll < 10) return this.#frame(point, ARP, this.#crafter.arp());
    if (roll < 16) return this.#other(point);
    return this.#frame(point, IPV4, roll < 50 ? this.#mutated() : this.#crafter.ipv4());
  }

  /** Runts, frames of every common length, and jumbo ones. */
  #length(): number {
    const { atlas } = this;
    return atlas.pick([
      0,
      1,
      6,
      13,
      14,
      15,
      20,
      33,
      34,
      60,
      64,
      100,
      1514,
      1518,
      1519,
      9000,
      65549,
      this.#chance.below(100),
    ]);
  }

  #mutated(): Uint8Array {
    const seen = this.#chance.below(8) === 0 ? this.atlas.packet() : this.atlas.ipv4();
    return seen === undefined ? this.#crafter.ipv4() : this.#mutator.mutate(seen);
  }

  #frame(point: Point, etherType: number, packet: Uint8Array): Uint8Array {
    const frame = new Uint8Array(14 + packet.length);
    const { device, way } = point;
    const roll = this.#chance.below(10);
    // A port of a bridge sees what is for others.
    const isPort = device.rxHandler !== undefined;
    setMac(frame, 0, isPort && roll % 2 === 0 ? this.atlas.mac() : this.atlas.destinationMac());
    setMac(frame, 6, way === 'out' && roll < 6 ? device.mac : this.atlas.mac());
    set16(frame, 12, etherType);
    frame.set(packet, 14);
    // A driver may hand over less than the header promises.
    return this.#chance.below(64) === 0 ? frame.subarray(0, this.#chance.below(frame.length)) : frame;
  }

  #other(point: Point): Uint8Array {
    const chance = this.#chance;
    const inner = chance.below(2) === 0 ? this.#crafter.ipv4() : this.atlas.noise(chance.below(80));
    let payload = inner;
    let etherType = this.atlas.pick(ETHER_TYPES);
    // Tags within tags, with an honest packet at the bottom.
    for (let tags = etherType === 0x8100 || etherType === 0x88a8 ? 1 + chance.below(4) : 0; tags > 0; tags--) {
      const tagged = new Uint8Array(4 + payload.length);
      set16(tagged, 0, chance.below(0x10000));
      set16(tagged, 2, payload === inner ? this.atlas.pick([IPV4, ARP, 0x86dd]) : this.atlas.pick([0x8100, 0x88a8]));
      tagged.set(payload, 4);
      payload = tagged;
    }
    if (chance.below(8) === 0) etherType = chance.below(0x10000);
    const frame = this.#frame(point, etherType, payload);
    if (frame.length >= 6 && chance.below(3) === 0)
      setMac(frame, 0, this.atlas.pick([0x0180c2000000, 0x0180c200000e, 0x0180c2000003, 0x01000ccccccc]));
    return frame;
  }
}
