import type { SimTime } from '../core/time.ts';
import type { DroppedFrame } from './dropped-frame.ts';
import type { Place, Site } from './place.ts';
import { NO_VISIT, recordOf, StepLog } from './step-log.ts';
import type { Lineage, RecordedStep, Refusal, Step } from './trace.ts';

/** What a recorder does beyond keeping everything. */
export interface RecorderOptions {
  /** Asked at the birth of a packet: whether its steps are kept. */
  readonly keeps?: (packet: Lineage) => boolean;
  /** Told of every step when it is made, kept or not. */
  readonly watch?: (step: RecordedStep) => void;
  /** Told of the bytes of every packet that dies, kept or not; valid during the call. */
  readonly watchDeath?: (packet: number, frame: DroppedFrame) => void;
}

/** What is kept of one packet. */
interface Thread {
  readonly lineage: Lineage;
  /** Its visits in the log. */
  first: number;
  last: number;
  /** The steps that were read: who asks again gets the same records. */
  records: RecordedStep[] | undefined;
}

/** Keeps every step of every packet of a run, in order. */
export class Recorder {
  readonly #clock: { readonly now: SimTime };
  readonly #options: RecorderOptions;
  readonly #log = new StepLog();
  readonly #threads = new Map<number, Thread>();
  /** Of the packet that made the last step: mostly it makes the next one too. */
  #latest: Thread | undefined;
  readonly #refusals: Refusal[] = [];
  readonly #dropped = new Map<number, DroppedFrame>();
  #order = 0;

  constructor(clock: { readonly now: SimTime }, options: RecorderOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  /** How many steps there were so far. */
  get length(): number {
    return this.#order;
  }

  born(lineage: Lineage): void {
    if (this.#options.keeps?.(lineage) === false) return;
    this.#threads.set(lineage.number, { lineage, first: NO_VISIT, last: NO_VISIT, records: undefined });
  }

  /** `step` is not changed any more: it may be handed over for as many packets as it is true of. */
  step({ number: packet }: { readonly number: number }, place: Place, site: Site, step: Step): void {
    const order = this.#order++;
    const time = this.#clock.now;
    const thread = this.#latest?.lineage.number === packet ? this.#latest : this.#threads.get(packet);
    if (thread !== undefined) {
      thread.last = this.#log.add(step, place, site, order, time, thread.last);
      if (thread.first === NO_VISIT) thread.first = thread.last;
      this.#latest = thread;
    }
    this.#options.watch?.(recordOf(step, place, site, { order, time, packet }));
  }

  /** Keeps the bytes of a packet that dies. */
  keepFrame(packet: number, frame: DroppedFrame): void {
    this.#options.watchDeath?.(packet, frame);
    if (this.#threads.has(packet)) this.#dropped.set(packet, frame);
  }

  /** The bytes that a packet had when it was dropped; undefined while it was not. */
  frameOfDrop(packet: number): DroppedFrame | undefined {
    return this.#dropped.get(packet);
  }

  refused(refusal: Omit<Refusal, 'time'>): void {
    this.#refusals.push({ ...refusal, time: this.#clock.now });
  }

  /** What could not be sent, in the order it was tried. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** The steps of one packet, oldest first; empty for a number that never was. */
  stepsOf(packet: number): readonly RecordedStep[] {
    const thread = this.#threads.get(packet);
    if (thread === undefined) return [];
    const records = thread.records ?? [];
    thread.records = records;
    this.#log.each(thread.first, records.length, (visit, row) => {
      records.push(this.#log.record(visit, row, packet));
    });
    return records;
  }

  /** Shows each step of a packet, oldest first, without making records of them. */
  visit(packet: number, visitor: (step: Step, time: SimTime, place: Place) => void): void {
    const first = this.#threads.get(packet)?.first ?? NO_VISIT;
    this.#log.each(first, 0, (visit, row) => {
      visitor(this.#log.step(row), this.#log.time(visit), this.#log.place(visit));
    });
  }

  lineageOf(packet: number): Lineage | undefined {
    return this.#threads.get(packet)?.lineage;
  }

  /** All packets, in the order of their birth. */
  *packets(): Iterable<Lineage> {
    for (const { lineage } of this.#threads.values()) yield lineage;
  }
}
