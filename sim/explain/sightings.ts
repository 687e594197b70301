import type { RecordedStep } from '../packet/trace.ts';
import type { StoredFrame } from '../world/frame-log.ts';
import type { World } from '../world/world.ts';
import { type Layer, layersOf } from './layers.ts';

/** The headers of packets as devices saw them, read from the captures of a run. */
export class Sightings {
  /** Of each packet: its frames on each device in each direction, oldest first. */
  readonly #frames = new Map<number, Map<string, StoredFrame[]>>();
  readonly #raw = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    for (const { device, frames } of world.captures?.captures() ?? []) {
      const at = `${device.where.title} ${device.name}`;
      if (device.headerLength === 0) this.#raw.add(at);
      for (const frame of frames) this.#add(`${at} ${frame.direction}`, frame);
    }
  }

  #add(key: string, frame: StoredFrame): void {
    let byDevice = this.#frames.get(frame.packet);
    if (byDevice === undefined) {
      byDevice = new Map();
      this.#frames.set(frame.packet, byDevice);
    }
    const list = byDevice.get(key);
    if (list === undefined) byDevice.set(key, [frame]);
    else list.push(frame);
  }

  /**
   * The headers at a receive or transmit step, which is the `nth` (from 0) of its packet, device and direction;
   * undefined where nothing was captured.
   */
  at(step: RecordedStep & { readonly kind: 'receive' | 'transmit' }, nth: number): Layer[] | undefined {
    const at = `${step.place.title} ${step.device}`;
    const direction = step.kind === 'receive' ? 'in' : 'out';
    const frame = this.#frames.get(step.packet)?.get(`${at} ${direction}`)?.[nth];
    return frame === undefined ? undefined : layersOf(frame.bytes, this.#raw.has(at) ? 'IPv4' : 'Ethernet');
  }

  /** The headers a packet had when it was dropped; undefined while it was not. */
  atDrop(packet: number): Layer[] | undefined {
    const frame = this.#world.recorder?.frameOfDrop(packet);
    return frame === undefined ? undefined : layersOf(frame.bytes, frame.linkLength === 14 ? 'Ethernet' : 'IPv4');
  }

  /** Whether a test is true of a packet as any device saw it, or as it was when it died. */
  some(packet: number, test: (frame: Uint8Array, linkType: 'ether' | 'raw') => boolean): boolean {
    for (const [key, frames] of this.#frames.get(packet) ?? []) {
      const type = this.#raw.has(key.slice(0, key.lastIndexOf(' '))) ? 'raw' : 'ether';
      if (frames.some(({ bytes }) => test(bytes, type))) return true;
    }
    const died = this.#world.recorder?.frameOfDrop(packet);
    return died !== undefined && test(died.bytes, died.linkLength === 0 ? 'raw' : 'ether');
  }

  /** The first sighting of a packet: as it was sent, or for one that no device saw as it died. */
  first(packet: number): Layer[] | undefined {
    const frames = [...(this.#frames.get(packet) ?? [])].map(([key, list]) => ({ key, frame: list[0] as StoredFrame }));
    frames.sort((a, b) => a.frame.serial - b.frame.serial);
    const [first] = frames;
    if (first === undefined) return this.atDrop(packet);
    const isRaw = this.#raw.has(first.key.slice(0, first.key.lastIndexOf(' ')));
    return layersOf(first.frame.bytes, isRaw ? 'IPv4' : 'Ethernet');
  }
}
