import { type End, endText, type Flow } from './flow.ts';
import type { Seen } from './world-frames.ts';

/** What belongs together in the two worlds, one to one: once said, it holds to the end. */
export class OneToOne {
  readonly #toKernel = new Map<string, string>();
  readonly #toSimulated = new Map<string, string>();

  /** Says that the two belong together; false when one of them already belongs to another. */
  join(simulated: string, kernel: string): boolean {
    const known = this.#toKernel.get(simulated);
    const back = this.#toSimulated.get(kernel);
    if (known === undefined && back === undefined) {
      this.#toKernel.set(simulated, kernel);
      this.#toSimulated.set(kernel, simulated);
      return true;
    }
    return known === kernel && back === simulated;
  }

  kernelOf(simulated: string): string | undefined {
    return this.#toKernel.get(simulated);
  }

  simulatedOf(kernel: string): string | undefined {
    return this.#toSimulated.get(kernel);
  }

  entries(): Iterable<[string, string]> {
    return this.#toKernel.entries();
  }
}

/** Whether an end's port is one that a stack has chosen, and may differ between the worlds. */
export type IsFree = (family: Flow['family'], end: End) => boolean;

/** How the random numbers of one world stand to those of the other. */
export class Relations {
  /** Ends of conversations: `tcp 10.0.0.1:32768`. */
  readonly ends = new OneToOne();
  /** Packets met at several points. */
  readonly copies = new OneToOne();
  /** Whether a port may differ between the worlds. */
  readonly isFree: IsFree;
  /** Connections (the simulator's and the kernel's names) in which an answer raced the timer of delayed ACKs. */
  readonly raced = new Set<string>();
  readonly #offsets = new Map<string, number>();

  constructor(isFree: IsFree) {
    this.isFree = isFree;
  }

  /**
   * Whether a sequence number of the kernel stands to that of the simulator as all others that count the bytes of
   * `sender` from its initial number `isn`. The first that is asked for decides.
   */
  sequence(simulated: Seen, sender: End, isn: number | undefined, one: number, other: number): boolean {
    const key = `${simulated.flow.about} ${endText(sender)} ${isn}`;
    const offset = (other - one) >>> 0;
    const known = this.#offsets.get(key);
    if (known === undefined) this.#offsets.set(key, offset);
    return known === undefined || known === offset;
  }
}

/** The name of an end among those that are joined. */
export function endName(family: Flow['family'], end: End): string {
  return `${family} ${endText(end)}`;
}
