import type { Clock } from '../core/events.ts';
import type { SimTime } from '../core/time.ts';
import type { CaptureTap, NetDevice } from '../link/device.ts';
import type { Packet } from '../packet/packet.ts';

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
  /** Told of every frame, kept or not; the bytes are valid during the call. */
  readonly watch?: (device: NetDevice, packet: Packet) => void;
}

/** Keeps a copy of every frame that passes a device it listens on. */
export class CaptureStore implements CaptureTap {
  readonly #clock: Clock;
  readonly #frames = new Map<NetDevice, StoredFrame[]>();
  readonly #options: CaptureOptions;
  #serial = 0;

  constructor(clock: Clock, options: CaptureOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  listen(device: NetDevice): void {
    this.#frames.set(device, []);
    device.tap = this;
  }

  capture(device: NetDevice, packet: Packet, direction: 'in' | 'out'): void {
    const serial = this.#serial++;
    this.#options.watch?.(device, packet);
    if (this.#options.keeps?.(packet.number) === false) return;
    this.#frames.get(device)?.push({
      serial,
      time: this.#clock.now,
      direction,
      packet: packet.number,
      bytes: packet.data(),
    });
  }

  /** Devices that never found a place are left out: nothing passed them. */
  captures(): StoredCapture[] {
    return [...this.#frames].flatMap(([device, frames]) =>
      device.place === undefined ? [] : [{ device, name: `${captureNode(device)}:${device.name}`, frames }],
    );
  }
}

/** Comware's physical ports belong to the node; everything else to its namespace. */
function captureNode(device: NetDevice): string {
  const place = device.where;
  return place.role === 'comware' && device.kind === 'physical' ? place.node : place.title;
}
