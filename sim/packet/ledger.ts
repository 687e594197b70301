import { assert } from '../core/assert.ts';
import type { DropReason } from './drop-reasons.ts';
import { PacketMemory } from './packet-memory.ts';
import type { Recorder } from './recorder.ts';
import type { TransmissionWatch } from './transmissions.ts';

/**
 * Counts every packet of a world. Between events, born = consumed + dropped + held: a packet that is neither was lost
 * by a bug. `held` counts hold() less release(); the world checks it against what its queues really hold.
 */
export class Ledger {
  born = 0;
  consumed = 0;
  dropped = 0;
  held = 0;
  readonly drops = new Map<DropReason, number>();
  readonly memory = new PacketMemory();
  /** Undefined when tracing is off. */
  recorder: Recorder | undefined;
  /** Told of every transmission of a packet that, with its copies, has been sent more often than so. */
  watch: TransmissionWatch | undefined;
  mostTransmissions = Number.POSITIVE_INFINITY;
  #next = 1;

  /** A packet number that never repeats in this world; the first is 1. */
  birth(parent: number, cause: number): number {
    const number = this.#next++;
    this.born++;
    this.recorder?.born({ number, parent, cause });
    return number;
  }

  countDrop(reason: DropReason): void {
    this.dropped++;
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
  }

  /** Asserts the equation; `inQueues` is what the world's queues, counted one by one, hold. */
  audit(inQueues: number): void {
    const { born, consumed, dropped, held } = this;
    assert(
      born === consumed + dropped + held,
      `packets were lost: born ${born}, consumed ${consumed}, dropped ${dropped}, held ${held}`,
    );
    assert(held === inQueues, `the ledger says that ${held} packets are held, the queues hold ${inQueues}`);
  }
}
