import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapStream } from '../../sim/capture/pcap-stream.ts';
import type { Clock } from '../../sim/core/events.ts';
import { ZERO } from '../../sim/core/time.ts';
import type { NetDevice } from '../../sim/link/device.ts';
import type { Packet } from '../../sim/packet/packet.ts';
import type { CaptureOptions } from '../../sim/world/capture-store.ts';

/** A pcap file for every interface, written while the run goes on, in a folder that is gone afterwards. */
export class CaptureFiles {
  frames = 0;
  bytes = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  readonly #files = new Map<NetDevice, { readonly stream: PcapStream; readonly file: number }>();
  #clock: Clock | undefined;

  readonly options: CaptureOptions = {
    keeps: () => false,
    watch: (device, packet) => this.#record(device, packet),
  };

  /** The clock of the world, which is built after this. */
  begin(clock: Clock): void {
    this.#clock = clock;
  }

  /** Writes what is left; the files have been whole for a moment. */
  close(): void {
    for (const { stream, file } of this.#files.values()) {
      stream.flush();
      closeSync(file);
    }
    rmSync(this.#folder, { recursive: true });
  }

  #record(device: NetDevice, packet: Packet): void {
    const { stream } = this.#files.get(device) ?? this.#open(device);
    this.frames++;
    stream.record(this.#clock?.now ?? ZERO, packet.bytes, packet.head, packet.tail);
  }

  #open(device: NetDevice): { readonly stream: PcapStream; readonly file: number } {
    const file = openSync(join(this.#folder, `${this.#files.size}-${device.name}.pcap`), 'w');
    const stream = new PcapStream(device.headerLength === 0 ? 'raw' : 'ether', (chunk) => {
      this.bytes += writeSync(file, chunk);
    });
    const opened = { stream, file };
    this.#files.set(device, opened);
    return opened;
  }
}
