import type { Clock } from '../core/events.ts';
import { ZERO } from '../core/time.ts';
import { type Fate, hold, release } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';

/**
 * Packets on their way across a software link: each is processed at the same simulated time but in an event of its own,
 * first come first served, so that no stack is entered from inside a stack (softnet_data's input_pkt_queue).
 * Not modelled: net.core.netdev_max_backlog.
 */
export class Backlog {
  /** Packets that wait. */
  length = 0;
  readonly #clock: Clock;
  readonly #process: (packet: Packet) => Fate;
  // One function for all packets: a closure for each would be garbage for each.
  readonly #run = (packet: Packet): void => {
    this.length--;
    this.#process(release(packet));
  };

  constructor(clock: Clock, process: (packet: Packet) => Fate) {
    this.#clock = clock;
    this.#process = process;
  }

  enqueue(packet: Packet): Fate {
    const fate = hold(packet);
    this.length++;
    this.#clock.after(ZERO, this.#run, packet);
    return fate;
  }
}
