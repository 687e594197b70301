import type { Clock } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { CaptureTap, NetDevice } from '../link/device.ts';
import type { Packet } from '../packet/packet.ts';
import type { Sender } from '../packet/transmissions.ts';

/** A frame as it passed a device. `serial` orders frames of one moment. */
export interface StoredFrame {
  readonly serial: number;
  readonly time: SimTime;
  readonly direction: 'in' | 'out';
  readonly packet: number;
  readonly bytes: Uint8Array;
}

/** Everything that passed one device. */
export interface StoredCapture {
  readonly device: NetDevice;
  /** `device-a/comware:eth1`. */
  readonly name: string;
  readonly frames: readonly StoredFrame[];
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
  readonly #frames = new Map<NetDevice, StoredFrame[]>();
  readonly #options: CaptureOptions;
  readonly #room: CaptureRoom;
  #serial = 0;
  #bytes = 0;

  constructor(clock: Clock, options: CaptureOptions, room: CaptureRoom) {
    this.#clock = clock;
    this.#options = options;
    this.#room = room;
  }

  listen(device: NetDevice): void {
    this.#frames.set(device, []);
    device.tap = this.#options.tap?.(device, this.#clock) ?? {
      capture: (packet, direction) => this.#capture(device, packet, direction),
    };
  }

  #capture(device: NetDevice, packet: Packet, direction: 'in' | 'out'): void {
    const serial = this.#serial++;
    if (this.#options.keeps?.(packet.number) === false) return;
    const frames = this.#frames.get(device);
    if (frames === undefined || !this.#hasRoom(packet, device)) return;
    frames.push({
      serial,
      time: this.#clock.now,
      direction,
      packet: packet.number,
      bytes: packet.data(),
    });
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
