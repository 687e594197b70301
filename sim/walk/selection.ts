import type { WalkState } from './state.ts';
import { MARK, type StopIndex } from './stop-index.ts';
import type { Tape } from './tape.ts';

/** Which packets of a tape one walks along. */
export class Selection {
  readonly #index: StopIndex;
  readonly #has: (packet: number) => boolean;

  constructor(tape: Tape, { filter, follow, all }: Pick<WalkState, 'filter' | 'follow' | 'all'>) {
    const { index } = tape;
    const passes = filter === undefined ? undefined : tape.filtered(filter.filter);
    const root = follow === undefined ? undefined : index.rootOf(follow);
    this.#index = index;
    this.#has = (packet) =>
      (all || !index.isNoise(packet)) &&
      (root === undefined || index.rootOf(packet) === root) &&
      (passes === undefined || passes(packet));
  }

  has(packet: number): boolean {
    return this.#has(packet);
  }

  /** The next stop in a direction that is selected, and of which `also` is true; undefined where there is none. */
  next(from: number, direction: 1 | -1, also: (stop: number) => boolean = () => true): number | undefined {
    const index = this.#index;
    for (let stop = from + direction; stop >= 0 && stop < index.length; stop += direction) {
      if (this.#has(index.packet(stop)) && also(stop)) return stop;
    }
    return undefined;
  }

  /** The stop itself if it is selected, else the next one, else the one before. */
  nearest(stop: number): number | undefined {
    return this.next(stop - 1, 1) ?? this.next(stop, -1);
  }

  /** The next death or translation. */
  nextEvent(from: number, direction: 1 | -1): number | undefined {
    return this.next(from, direction, (stop) => this.#index.has(stop, MARK.drop | MARK.translation));
  }

  /** Packets that were made from no other, in the order of their birth: the next one in a direction. */
  nextPacket(packet: number, direction: 1 | -1): number | undefined {
    const index = this.#index;
    for (let number = packet + direction; number > 0 && number <= index.packets; number += direction) {
      if (this.isListed(number)) return number;
    }
    return undefined;
  }

  /** Whether a packet stands in the list of packets: copies and pieces stand with what they were made from. */
  isListed(number: number): boolean {
    const index = this.#index;
    return index.parent(number) === 0 && index.firstStop(number) !== undefined && this.#has(number);
  }
}
