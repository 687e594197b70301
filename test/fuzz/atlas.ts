import type { Chance } from '../../sim/core/chance.ts';
import type { NetDevice } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { World } from '../../sim/world/world.ts';
import { get16, IPV4, set32 } from './layers.ts';

/** A frame that passed a device of the world, without its link header. */
export interface Sample {
  readonly device: NetDevice;
  readonly link: Uint8Array;
  readonly packet: Uint8Array;
}

const SAMPLES = 256;
/** One in so many frames that pass is kept, once there are enough. */
const SAMPLE_RATE = 16;
/** Addresses that mean something everywhere. */
const SPECIAL = [0, 0xffffffff, 0xe0000001, 0xe0000005, 0xefffffff, 0x7f000001, 0x7f010101, 0xf0000001, 0x01020304];

/** What an attacker knows of a world who has seen all of it: addresses, MACs, frames that passed, numbers of connections. */
export class Atlas {
  readonly addresses: number[] = [];
  readonly macs: number[] = [];
  readonly samples: Sample[] = [];
  connections: Connection[] = [];
  readonly #world: World;
  readonly #chance: Chance;
  #passed = 0;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    const addresses = new Set<number>();
    const macs = new Set<number>();
    for (const { net, comware } of world.stacks()) {
      for (const { address, prefix } of net.addresses) {
        for (const one of [address, prefix.network, (prefix.network | (2 ** (32 - prefix.length) - 1)) >>> 0])
          addresses.add(one);
      }
      for (const { address } of comware?.interfaces ?? []) if (address !== undefined) addresses.add(address.address);
      for (const device of net.devices) macs.add(device.mac);
      for (const { port } of comware?.interfaces ?? []) if (port !== undefined) macs.add(port.mac);
    }
    this.addresses.push(...addresses);
    this.macs.push(...macs);
  }

  /** Keeps some of the frames that pass, once there are enough of them. */
  note(device: NetDevice, packet: Packet): void {
    if (this.samples.length >= SAMPLES && this.#passed++ % SAMPLE_RATE !== 0) return;
    const bytes = packet.data();
    const link = device.headerLength;
    const sample = { device, link: bytes.subarray(0, link), packet: bytes.subarray(link) };
    if (this.samples.length < SAMPLES) this.samples.push(sample);
    else this.samples[this.#chance.below(SAMPLES)] = sample;
  }

  /** Looks at the connections that are open now. */
  renew(): void {
    this.connections = this.#world
      .stacks()
      .flatMap(({ net, comware }) => (comware?.parts ?? net.parts).tcp.connections().slice(0, 64));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.#chance.below(from.length)] as T;
  }

  address(): number {
    const roll = this.#chance.below(10);
    if (roll < 6) return this.pick(this.addresses);
    // Somebody in a subnet that is there.
    if (roll < 8) return ((this.pick(this.addresses) & 0xffffff00) | this.#chance.below(256)) >>> 0;
    return roll === 8 ? this.pick(SPECIAL) : this.#chance.u32();
  }

  mac(): number {
    const roll = this.#chance.below(12);
    if (roll < 7) return this.pick(this.macs);
    if (roll === 7) return 0xffffffffffff;
    if (roll === 8)
      return this.pick([0x01005e000001, 0x0180c2000000, 0x0180c2000001, 0x0180c200000e, 0x333300000001, 0]);
    return this.#chance.u32() * 0x10000 + this.#chance.below(0x10000);
  }

  port(): number {
    const ports = [0, 1, 7, 7, 7, 9, 21, 53, 67, 68, 69, 80, 161, 179, 8080, 8080, 10250, 50051, 65535];
    const roll = this.#chance.below(10);
    if (roll < 5) return this.pick(ports);
    const one = this.connections[this.#chance.below(this.connections.length)];
    if (roll < 9 && one !== undefined) return one.localPort;
    return this.#chance.below(0x10000);
  }

  /** A packet that passed somewhere, with the addresses of its flow; a copy to write in. */
  packet(): Uint8Array | undefined {
    return this.samples[this.#chance.below(this.samples.length)]?.packet.slice();
  }

  /** One that goes with IPv4. */
  ipv4(): Uint8Array | undefined {
    for (let attempt = 0; attempt < 4; attempt++) {
      const sample = this.samples[this.#chance.below(this.samples.length)];
      if (sample === undefined) return undefined;
      const isIp = sample.link.length === 0 || get16(sample.link, 12) === IPV4;
      if (isIp && sample.packet.length >= 20) return sample.packet.slice();
    }
    return undefined;
  }

  /** Random bytes. */
  noise(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) set32(bytes, at, this.#chance.u32());
    return bytes;
  }
}
