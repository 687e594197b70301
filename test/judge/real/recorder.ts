import type { ChildProcess } from 'node:child_process';
import type { FreedPackets } from './drop-reasons.ts';
import type { TracedDrops } from './dropping-rules.ts';
import { closeChecksum } from './open-checksum.ts';
import { startHelper } from './process.ts';
import { pythonScript } from './scripts.ts';

/** More frames than this are no scenario but a storm. */
const MOST_FRAMES = 300_000;

/** Two clocks of the kernel at one moment, in nanoseconds: frames are stamped by the first, the judge waits by the second. */
export interface Clocks {
  readonly real: bigint;
  readonly steady: bigint;
}

/** A frame as a packet socket heard it. */
export interface HeardFrame {
  /** Index of the namespace. */
  readonly namespace: number;
  readonly device: string;
  /** CLOCK_REALTIME in nanoseconds. */
  readonly time: bigint;
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
}

/** Hears every device of some namespaces; whatever it misses fails the run. */
export class Recorder {
  readonly frames: HeardFrame[] = [];
  /** What rules dropped, known once it has stopped. */
  drops: readonly (TracedDrops & { readonly namespace: number })[] = [];
  /** What the kernel freed for a reason, known once it has stopped; undefined where it was not or could not be asked. */
  freed: readonly FreedPackets[] | undefined;
  readonly #child: ChildProcess;
  readonly #complaint: Buffer[] = [];
  #input: Buffer = Buffer.alloc(0);
  #clocks: Clocks | undefined;
  #last: { readonly clocks: Clocks; readonly lost: number } | undefined;
  #failure: string | undefined;
  #wake: () => void = () => {};
  readonly #broken = new AbortController();

  /** `drops`: counts what the kernel frees for a reason, too. */
  constructor(drops: boolean) {
    this.#child = startHelper([...pythonScript('recorder.py'), ...(drops ? ['--drops'] : [])]);
    this.#child.stdout?.on('data', (data: Buffer) => this.#read(data));
    this.#child.stderr?.on('data', (data: Buffer) => this.#complaint.push(data));
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('close', () => {
      if (this.#last === undefined) this.#fail(`the recorder ended early ${Buffer.concat(this.#complaint).toString()}`);
    });
  }

  /** Aborted as soon as the record is worth nothing, with the reason. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Begins; every frame after it is heard. Of the `filtered` namespaces, by index, the trace of the packet filter as well. */
  async listen(paths: readonly string[], filtered: readonly number[]): Promise<Clocks> {
    this.#child.stdin?.write(`${JSON.stringify({ namespaces: paths, filtered, most: MOST_FRAMES })}\n`);
    return this.#await(() => this.#clocks);
  }

  /** Ends, when all that has come so far is written down. */
  async stop(): Promise<Clocks> {
    this.#child.stdin?.write('{"stop": true}\n');
    const { clocks, lost } = await this.#await(() => this.#last);
    if (lost > 0) throw new Error(`${lost} frames were not recorded: the machine was too slow`);
    return clocks;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #await<T>(ready: () => T | undefined): Promise<T> {
    for (;;) {
      const value = ready();
      if (value !== undefined) return value;
      if (this.#failure !== undefined) throw new Error(this.#failure);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #fail(why: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = why;
    this.#broken.abort(new Error(why));
    this.#wake();
  }

  #read(data: Buffer): void {
    this.#input = this.#input.length === 0 ? data : Buffer.concat([this.#input, data]);
    let at = 0;
    while (this.#input.length - at >= 4) {
      const length = this.#input.readUInt32LE(at);
      if (this.#input.length - at - 4 < length) break;
      this.#take(this.#input.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#input = this.#input.subarray(at);
  }

  #take(record: Buffer): void {
    const kind = record[0];
    if (kind === 2) this.frames.push(frameOf(record));
    else if (kind === 1) this.#clocks = clocksAt(record, 1);
    else if (kind === 3) this.#last = { clocks: clocksAt(record, 1), lost: record.readUInt32LE(17) };
    else if (kind === 5) this.drops = JSON.parse(record.subarray(1).toString()) as typeof this.drops;
    else if (kind === 6) {
      const rows = JSON.parse(record.subarray(1).toString()) as FreedPackets[] | { readonly fault: string };
      this.freed = 'fault' in rows ? undefined : rows;
    } else this.#fail(`more than ${MOST_FRAMES} frames: they multiply`);
    if (kind !== 2) this.#wake();
  }
}

function clocksAt(record: Buffer, at: number): Clocks {
  return { real: record.readBigUInt64LE(at), steady: record.readBigUInt64LE(at + 8) };
}

function frameOf(record: Buffer): HeardFrame {
  const nameLength = record.readUInt8(13);
  const name = record.subarray(14, 14 + nameLength);
  // A copy, because the record is a part of a larger buffer.
  const bytes = Uint8Array.from(record.subarray(14 + nameLength));
  if (record.readUInt8(12) === 1) closeChecksum(bytes);
  return {
    namespace: record.readUInt16LE(1),
    device: name.toString(),
    time: record.readBigUInt64LE(3),
    direction: record.readUInt8(11) === 1 ? 'out' : 'in',
    bytes,
  };
}
