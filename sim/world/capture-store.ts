import type { Clock } from '../core/events.ts';
import type { CaptureTap, NetDevice } from '../link/device.ts';
import type { Packet } from '../packet/packet.ts';
import type { Sender } from '../packet/transmissions.ts';
import { DeviceFrames, FrameLog, type StoredFrames } from './frame-log.ts';

/** Everything that passed one device. */
export interface StoredCapture {
  readonly device: NetDevice;
  /** `device-a/comware:eth1`. */
  readonly name: string;
  readonly frames: StoredFrames;
}

/** What a capture does beyond keeping everything. */
export interface CaptureOptions {
  /** Whether frames of a packet are kept. */
  readonly keeps?: (packet: number) => boolean;
  /** Who sees the frames of a device in place of the store, which keeps none of them then. */
  readonly tap?: (device: NetDevice, clock: Clock) => CaptureTap;
}

/** How many bytes of frames are kept, and who is told of the first frame that would be too much. */
export interface CaptureRoom {
  readonly bytes: number;
  readonly full: (packet: Packet, device: NetDevice) => void;
}

/** Keeps a copy of every frame that passes a device it listens on. */
export class CaptureStore {
  readonly #clock: Clock;
  readonly #log = new FrameLog();
  readonly #frames = new Map<NetDevice, DeviceFrames>();
  readonly #options: CaptureOptions;
  readonly #room: CaptureRoom;
  #bytes = 0;

  constructor(clock: Clock, options: CaptureOptions, room: CaptureRoom) {
    this.#clock = clock;
    this.#options = options;
    this.#room = room;
  }

  listen(device: NetDevice): void {
    const frames = new DeviceFrames(this.#log);
    this.#frames.set(device, frames);
    device.tap = this.#options.tap?.(device, this.#clock) ?? {
      capture: (packet, direction) => this.#keep(device, frames, packet, direction),
    };
  }

  #keep(device: NetDevice, frames: DeviceFrames, packet: Packet, direction: 'in' | 'out'): void {
    if (this.#options.keeps?.(packet.number) === false || !this.#hasRoom(packet, device)) return;
    frames.add(this.#clock.now, direction, packet.number, packet.view);
  }

  #hasRoom(packet: Packet, device: NetDevice): boolean {
    this.#bytes += packet.length;
    if (this.#bytes <= this.#room.bytes) return true;
    // What comes after the first that finds no room finds none either: a capture has no gaps.
    this.#bytes = Number.POSITIVE_INFINITY;
    this.#room.full(packet, device);
    return false;
  }

  /** Devices that never found a place are left out: nothing passed them. */
  captures(): StoredCapture[] {
    return [...this.#frames].flatMap(([device, frames]) =>
      device.place === undefined ? [] : [{ device, name: capturePoint(device), frames }],
    );
  }
}

/** `device-a/comware:eth1`. Comware's physical ports belong to the node; everything else to its namespace. */
export function capturePoint({ name, kind, where }: Sender): string {
  const node = where.role === 'comware' && kind === 'physical' ? where.node : where.title;
  return `${node}:${name}`;
}
