import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapStream } from '../../sim/capture/pcap-stream.ts';
import type { Clock } from '../../sim/core/events.ts';
import type { CaptureTap, NetDevice } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { CaptureOptions } from '../../sim/world/capture-store.ts';

/** A pcap file for every interface, written while the run goes on, in a folder of their own. */
export class CaptureFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  readonly #files: CaptureFile[] = [];

  readonly options: CaptureOptions = {
    tap: (device, clock) => {
      const path = join(this.#folder, `${this.#files.length}-${device.name}.pcap`);
      const file = new CaptureFile(path, device, clock);
      this.#files.push(file);
      return file;
    },
  };

  /** Writes what is left: the files are whole. */
  close(): void {
    for (const file of this.#files) file.close();
  }

  /** Takes the files away. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  get frames(): number {
    return this.#files.reduce((sum, { frames }) => sum + frames, 0);
  }

  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

class CaptureFile implements CaptureTap {
  frames = 0;
  bytes = 0;
  readonly #clock: Clock;
  readonly #file: number;
  readonly #stream: PcapStream;

  constructor(path: string, device: NetDevice, clock: Clock) {
    this.#clock = clock;
    this.#file = openSync(path, 'w');
    this.#stream = new PcapStream(device.headerLength === 0 ? 'raw' : 'ether', (chunk) => {
      this.bytes += writeSync(this.#file, chunk);
    });
  }

  capture(packet: Packet): void {
    this.frames++;
    this.#stream.record(this.#clock.now, packet.view);
  }

  close(): void {
    this.#stream.flush();
    closeSync(this.#file);
  }
}
