import { assert } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import { Lane } from '../core/lane.ts';
import { later, ns, type SimTime, ZERO } from '../core/time.ts';
import { TimeRow } from '../core/time-row.ts';
import { byCable, byDevice, byMtu } from '../packet/because.ts';
import { drop, type Fate, hold, release } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { countTooLong, fitsMtu, netifReceive } from './device.ts';
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

const SITE: Site = { component: 'Cable', function: 'carry' };

/** What is on its way in one direction. */
class Direction {
  readonly to: EthernetPort;
  /** When the last bit of what is queued will have left. */
  busyUntil: SimTime = ZERO;
  /** When the last bit of each frame that has not left yet will have. */
  readonly leaving = new TimeRow();
  /** Frames that queue or are under way: they arrive as they were sent, unless jitter lets one overtake. */
  readonly held: Lane<Packet>;

  constructor(to: EthernetPort) {
    this.to = to;
    this.held = new Lane((packet) => arrive(packet, to));
  }
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
    this.#a = new Direction(a);
    this.#b = new Direction(b);
    a.medium = this;
    b.medium = this;
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  get options(): CableOptions {
    return this.#options;
  }

  /** Its two ports, in the order they were given. */
  get ends(): readonly [EthernetPort, EthernetPort] {
    return [this.#a.to, this.#b.to];
  }

  farEnd(port: EthernetPort): EthernetPort {
    return port === this.#a.to ? this.#b.to : this.#a.to;
  }

  /** Plugs the cable in or pulls it out; both ports see their carrier change. Frames under way are lost at once. */
  setPlugged(plugged: boolean): void {
    if (this.#plugged === plugged) return;
    this.#plugged = plugged;
    if (!plugged) for (const way of [this.#a, this.#b]) cut(way);
    this.#a.to.carrierChanged();
    this.#b.to.carrierChanged();
  }

  heldFor(port: EthernetPort): number {
    return port === this.#a.to ? this.#a.held.size : this.#b.held.size;
  }

  send(packet: Packet, from: EthernetPort): Fate {
    const way = from === this.#a.to ? this.#b : this.#a;
    const { now } = this.#clock;
    if (!this.#plugged) {
      packet.ledger.recorder?.step(packet, from.where, SITE, byCable(from.name, 'unplugged'));
      return drop(packet, from.where, SITE, 'link:LINK_DOWN', 'the cable is unplugged');
    }
    // As between the ends of a veth pair, which is what a cable between two namespaces is.
    if (way.to.mtuBoundsReceive && !fitsMtu(packet, way.to)) {
      const detail = `a frame of ${packet.length} bytes, the MTU of ${way.to.name} is ${way.to.mtu}`;
      const { name, mtu } = way.to;
      const length = packet.length - way.to.headerLength;
      packet.ledger.recorder?.step(
        packet,
        from.where,
        SITE,
        byMtu(name, mtu, length, `the far end, ${way.to.where.title}`),
      );
      countTooLong(from, way.to, packet);
      return drop(packet, from.where, SITE, 'kernel:PKT_TOO_BIG', detail);
    }
    const most = from.txQueueLength;
    if (waiting(way, now) >= most) {
      const queue = byCable(from.name, `${most} frames wait already`, { queue: most });
      packet.ledger.recorder?.step(packet, from.where, SITE, queue);
      return drop(packet, from.where, SITE, 'kernel:QDISC_DROP', `${most} frames wait on ${from.name}`);
    }
    const { rate, delay, jitter, loss } = this.#options;
    if (rate !== undefined) {
      const bits = (packet.length + WIRE_OVERHEAD) * 8;
      way.busyUntil = later(way.busyUntil > now ? way.busyUntil : now, ns((bits / rate) * 1e9));
      way.leaving.push(way.busyUntil);
    }
    // A frame that gets lost has taken its time on the wire like any other.
    if (this.#chance.happens(loss)) {
      packet.ledger.recorder?.step(packet, from.where, SITE, byCable(from.name, `loss ${loss * 100} %`, { loss }));
      return drop(packet, from.where, SITE, 'link:LOSS');
    }
    const late = jitter > 0 ? this.#chance.below(jitter + 1) : 0;
    const fate = hold(packet);
    this.#clock.join(way.held, later(ns(Math.max(0, way.busyUntil - now) + late), delay), packet);
    return fate;
  }
}

/** Frames that have not begun to leave: all but the one whose bits are on the wire. */
function waiting(way: Direction, now: SimTime): number {
  way.leaving.dropUntil(now);
  return way.leaving.size - 1;
}

/** What arrives at another machine is bytes: nothing else of the packet goes with them. */
function arrive(packet: Packet, to: EthernetPort): void {
  release(packet);
  scrubPacket(packet, true);
  if (to.up) netifReceive(packet, to);
  else {
    packet.ledger.recorder?.step(packet, to.where, SITE, byDevice(to.name, 'state DOWN'));
    drop(packet, to.where, SITE, 'link:LINK_DOWN', `${to.name} is down`);
  }
}

function cut(way: Direction): void {
  way.busyUntil = ZERO;
  way.leaving.clear();
  while (way.held.size > 0) {
    drop(release(way.held.shift()), way.to.where, SITE, 'link:LINK_DOWN', 'the cable was unplugged');
  }
}
