import type { Chance } from '../../sim/core/chance.ts';
import type { NetDevice, PacketReceiver } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { Connection } from '../../sim/transport/tcp/connection.ts';
import type { World } from '../../sim/world/world.ts';
import { get16, get32, IPV4, layersAt, set32, TCP, UDP } from './layers.ts';
import type { Point } from './points.ts';

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

/** What a stack has of its own. */
interface Home {
  readonly addresses: readonly number[];
  readonly connections: readonly Connection[];
}

const NOWHERE: Home = { addresses: [], connections: [] };

/** What an attacker knows of a world who has seen all of it: addresses, MACs, frames that passed, numbers of connections. */
export class Atlas {
  readonly addresses: number[] = [];
  /** What means no single host: networks, broadcasts, groups. */
  readonly #odd = [...SPECIAL];
  readonly macs: number[] = [];
  readonly samples: Sample[] = [];
  connections: readonly Connection[] = [];
  /** Those of the flows, of which none may be overlooked, however many others are open. */
  watched: readonly Connection[] = [];
  /** Where the next frame goes: its stack's own addresses and connections come up more often than others. */
  #at: Home = NOWHERE;
  readonly #homes = new Map<PacketReceiver, Home>();
  readonly #world: World;
  readonly #chance: Chance;
  #device: NetDevice | undefined;
  #passed = 0;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    const addresses = new Set<number>();
    const macs = new Set<number>();
    for (const { net, comware } of world.stacks()) {
      for (const { address, prefix } of net.addresses) {
        addresses.add(address);
        this.#odd.push(prefix.network, (prefix.network | (2 ** (32 - prefix.length) - 1)) >>> 0);
      }
      for (const { address } of comware?.interfaces ?? []) if (address !== undefined) addresses.add(address.address);
      for (const device of net.devices) macs.add(device.mac);
      for (const { port } of comware?.interfaces ?? []) if (port !== undefined) macs.add(port.mac);
    }
    // Everybody's, and so nobody's.
    addresses.delete(0x7f000001);
    macs.delete(0);
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
    this.#homes.clear();
    for (const { net, comware } of this.#world.stacks()) {
      const connections = (comware?.parts ?? net.parts).tcp.connections().slice(0, 64);
      const own = comware?.interfaces.flatMap(({ address }) => (address === undefined ? [] : [address.address]));
      this.#homes.set(comware ?? net, { connections, addresses: own ?? net.addresses.map(({ address }) => address) });
    }
    this.connections = [...this.#homes.values()].flatMap(({ connections }) => connections);
  }

  /** The next frame is for this device, or leaves by it for the one at the far end. */
  aim({ device, way }: Point): void {
    this.#device = way === 'in' ? device : (device.linkPeer ?? device);
    this.#at = this.#homes.get(this.#device.receiver as PacketReceiver) ?? NOWHERE;
  }

  /** One that is open, half the time an end of it at the stack that is aimed at. */
  connection(): Connection | undefined {
    const { connections } = this.#at;
    const from = connections.length > 0 && this.#chance.below(3) > 0 ? connections : this.connections;
    return from[this.#chance.below(from.length)];
  }

  /** The MAC of the device that is aimed at, mostly. */
  destinationMac(): number {
    return this.#device !== undefined && this.#chance.below(5) > 0 ? this.#device.mac : this.mac();
  }

  /** An address of the stack that is aimed at, half the time. */
  destination(): number {
    const { addresses } = this.#at;
    return addresses.length > 0 && this.#chance.below(2) === 0 ? this.pick(addresses) : this.address();
  }

  pick<T>(from: readonly T[]): T {
    return from[this.#chance.below(from.length)] as T;
  }

  address(): number {
    const roll = this.#chance.below(16);
    if (roll < 12) return this.pick(this.addresses);
    // Somebody in a subnet that is there.
    if (roll < 14) return ((this.pick(this.addresses) & 0xffffff00) | this.#chance.below(256)) >>> 0;
    return roll === 14 ? this.pick(this.#odd) : this.#chance.u32();
  }

  mac(): number {
    const roll = this.#chance.below(16);
    if (roll < 12) return this.pick(this.macs);
    if (roll === 12) return 0xffffffffffff;
    if (roll === 13)
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

  /** A packet that passed somewhere, mostly where the next frame goes; a copy to write in. */
  packet(): Uint8Array | undefined {
    return this.#sample()?.packet.slice();
  }

  /** One that goes with IPv4. */
  ipv4(): Uint8Array | undefined {
    for (let attempt = 0; attempt < 4; attempt++) {
      const sample = this.#sample();
      if (sample === undefined) return undefined;
      const isIp = sample.link.length === 0 || get16(sample.link, 12) === IPV4;
      if (isIp && sample.packet.length >= 20) return this.#turned(sample.packet.slice());
    }
    return undefined;
  }

  /** What the stack that is aimed at has sent becomes what its peer could answer. */
  #turned(packet: Uint8Array): Uint8Array {
    const { addresses } = this.#at;
    const [source, destination] = [get32(packet, 12), get32(packet, 16)];
    if (!addresses.includes(source) || addresses.includes(destination)) return packet;
    swap(packet, 12, 16, 4);
    const { protocol, transport } = layersAt(packet, 0);
    if (transport < 0) return packet;
    if (protocol === TCP || protocol === UDP) swap(packet, transport, transport + 2, 2);
    if (protocol === TCP && packet.length >= transport + 12) swap(packet, transport + 4, transport + 8, 4);
    return packet;
  }

  #sample(): Sample | undefined {
    let sample = this.samples[this.#chance.below(this.samples.length)];
    for (let attempt = 0; attempt < 8 && sample?.device !== this.#device; attempt++) {
      sample = this.samples[this.#chance.below(this.samples.length)];
    }
    return sample;
  }

  /** Random bytes; those of long ones come again and again. */
  noise(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const fresh = Math.min(length, 256);
    for (let at = 0; at + 4 <= fresh; at += 4) set32(bytes, at, this.#chance.u32());
    for (let at = fresh; at < length; at += fresh) bytes.copyWithin(at, 0, fresh);
    return bytes;
  }
}

function swap(bytes: Uint8Array, one: number, other: number, length: number): void {
  const kept = bytes.slice(one, one + length);
  bytes.copyWithin(one, other, other + length);
  bytes.set(kept, other);
}
