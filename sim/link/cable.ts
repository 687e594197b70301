import { assert } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import { ns, type SimTime, ZERO } from '../core/time.ts';
import { drop, type Fate, hold, release } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { netifReceive } from './device.ts';
import type { EthernetPort, Medium } from './ethernet-port.ts';
import { scrubPacket } from './scrub.ts';

export interface CableOptions {
  /** One way. */
  readonly delay: SimTime;
  /** Up to this much more for each frame, by chance: frames may overtake each other. */
  readonly jitter: SimTime;
  /** Bits a second; undefined: sending takes no time. */
  readonly rate: number | undefined;
  /** Share of frames lost, 0 to 1. */
  readonly loss: number;
}

/** On the wire each frame has preamble and SFD (8), FCS (4) and a gap (12) beside its bytes (IEEE 802.3). */
const WIRE_OVERHEAD = 24;
/** Frames that wait for their turn, a direction (txqueuelen). */
const QUEUE_LIMIT = 1000;

const SITE: Site = { component: 'Cable', function: 'carry' };

/** What is on its way in one direction. */
interface Direction {
  readonly to: EthernetPort;
  /** When the last bit of what is queued will have left. */
  busyUntil: SimTime;
  queued: number;
  /** Frames that queue, or are under way. */
  held: number;
}

/** A full-duplex Ethernet cable between two ports: rate, delay, jitter, loss, each direction for itself. */
export class Cable implements Medium {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #options: CableOptions;
  readonly #a: Direction;
  readonly #b: Direction;
  #plugged = true;

  constructor(clock: Clock, chance: Chance, a: EthernetPort, b: EthernetPort, options: CableOptions) {
    assert(a.medium === undefined && b.medium === undefined, 'a port takes one cable');
    this.#clock = clock;
    this.#chance = chance;
    this.#options = options;
    this.#a = { to: a, busyUntil: ZERO, queued: 0, held: 0 };
    this.#b = { to: b, busyUntil: ZERO, queued: 0, held: 0 };
    a.medium = this;
    b.medium = this;
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  farEnd(port: EthernetPort): EthernetPort {
    return port === this.#a.to ? this.#b.to : this.#a.to;
  }

  /** Plugs the cable in or pulls it out; both ports see their carrier change. Frames under way are lost. */
  setPlugged(plugged: boolean): void {
    if (this.#plugged === plugged) return;
    this.#plugged = plugged;
    this.#a.to.carrierChanged();
    this.#b.to.carrierChanged();
  }

  heldFor(port: EthernetPort): number {
    return port === this.#a.to ? this.#a.held : this.#b.held;
  }

  send(packet: Packet, from: EthernetPort): Fate {
    const way = from === this.#a.to ? this.#b : this.#a;
    if (way.queued >= QUEUE_LIMIT) {
      return drop(packet, from.where, SITE, 'kernel:QDISC_DROP', `${QUEUE_LIMIT} frames wait on ${from.name}`);
    }
    const { now } = this.#clock;
    const bits = (packet.length + WIRE_OVERHEAD) * 8;
    const sending = this.#options.rate === undefined ? 0 : (bits / this.#options.rate) * 1e9;
    way.busyUntil = ns(Math.max(now, way.busyUntil) + sending);
    if (this.#chance.happens(this.#options.loss)) return drop(packet, from.where, SITE, 'link:LOSS');
    const jitter = this.#chance.below(this.#options.jitter + (this.#options.jitter > 0 ? 1 : 0));
    way.held++;
    const fate = hold(packet);
    if (sending > 0) {
      way.queued++;
      this.#clock.after(ns(way.busyUntil - now), leave, way);
    }
    const arrive = way === this.#a ? this.#arriveAtA : this.#arriveAtB;
    this.#clock.after(ns(way.busyUntil - now + this.#options.delay + jitter), arrive, packet);
    return fate;
  }

  readonly #arriveAtA = (packet: Packet): void => this.#arrive(packet, this.#a);
  readonly #arriveAtB = (packet: Packet): void => this.#arrive(packet, this.#b);

  #arrive(packet: Packet, way: Direction): void {
    const { to } = way;
    way.held--;
    release(packet);
    scrubPacket(packet, true);
    if (!this.#plugged || !to.up) drop(packet, to.where, SITE, 'link:LINK_DOWN', to.name);
    else netifReceive(packet, to);
  }
}

/** The last bit of a frame has left: the next one may queue. */
function leave(way: Direction): void {
  way.queued--;
}
