import type { Clock } from '../core/events.ts';
import { bySysctl } from '../packet/because.ts';
import { drop, type Fate, hold, release } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import type { NetDevice } from './device.ts';

const ENQUEUE: Site = { component: 'Interface', function: 'enqueue_to_backlog' };

/**
 * Packets on their way across a software link: each is processed at the same simulated time but in an event of its own,
 * first come first served, so that no stack is entered from inside a stack (softnet_data's input_pkt_queue). The kernel has one
 * such queue for each CPU; here each link has its own, of net.core.netdev_max_backlog packets.
 */
export class Backlog {
  /** Packets that wait. */
  length = 0;
  readonly #clock: Clock;
  readonly #device: NetDevice;
  readonly #process: (packet: Packet) => Fate;
  // One function for all packets: a closure for each would be garbage for each.
  readonly #run = (packet: Packet): void => {
    this.length--;
    this.#process(release(packet));
  };

  /** Of what `device` is to receive. */
  constructor(clock: Clock, device: NetDevice, process: (packet: Packet) => Fate) {
    this.#clock = clock;
    this.#device = device;
    this.#process = process;
  }

  /** Models enqueue_to_backlog(); a packet that finds no room is dropped where it was to come in. */
  enqueue(packet: Packet): Fate {
    const { netdev_max_backlog: most } = this.#device.backlogLimit;
    if (this.length > most) return this.#overflow(packet, most);
    const fate = hold(packet);
    this.length++;
    this.#clock.atOnce(this.#run, packet);
    return fate;
  }

  #overflow(packet: Packet, most: number): Fate {
    const device = this.#device;
    device.rxDropped++;
    const step = bySysctl('net.core.netdev_max_backlog', most, `so many wait for ${device.name}`);
    packet.ledger.recorder?.step(packet, device.where, ENQUEUE, step);
    return drop(packet, device.where, ENQUEUE, 'kernel:CPU_BACKLOG', `${most} packets wait for ${device.name}`);
  }
}
