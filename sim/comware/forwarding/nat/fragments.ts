import { type Clock, cancel, type Timer } from '../../../core/events.ts';
import { seconds, ZERO } from '../../../core/time.ts';
import { drop, type Fate, hold, release } from '../../../packet/fate.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Place, Site } from '../../../packet/place.ts';
import type { FlowEnd } from './session.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'virtual fragment reassembly' };

/** `ip virtual-reassembly`: how long the fragments of a datagram wait for its first, and are recognised after it. */
const TIMEOUT = seconds(3);
/** An assumption: more than the 45 pieces of the largest datagram on an Ethernet may not wait. */
const HELD_MAX = 64;

/** Where a packet meets NAT: before the FIB or behind it. */
export type NatStage = 'in' | 'out';

interface Held {
  readonly packet: Packet;
  readonly resume: () => Fate;
}

/** A datagram that comes in pieces. Only its first fragment has ports, and so decides for all of them. */
export interface Datagram {
  readonly key: string;
  /** `refused`: the first fragment was dropped. */
  state: 'waiting' | 'decided' | 'refused';
  /** What the first fragment belongs to; undefined where it passes untranslated. */
  end: FlowEnd | undefined;
  held: Held[];
  timer: Timer | undefined;
}

/**
 * Virtual fragment reassembly: fragments stay fragments, but those that come before the first one of their datagram
 * wait for it.
 */
export class FragmentTracker {
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #datagrams = new Map<string, Datagram>();

  constructor(clock: Clock, place: Place) {
    this.#clock = clock;
    this.#place = place;
  }

  get held(): number {
    let count = 0;
    for (const datagram of this.#datagrams.values()) count += datagram.held.length;
    return count;
  }

  /** The datagram that a fragment is a piece of. */
  datagramOf(stage: NatStage, packet: Packet): Datagram {
    const { source, destination, protocol, identification } = packet.ip;
    const key = `${stage} ${source} ${destination} ${protocol} ${identification}`;
    const present = this.#datagrams.get(key);
    if (present !== undefined) return present;
    const datagram: Datagram = { key, state: 'waiting', end: undefined, held: [], timer: undefined };
    datagram.timer = this.#clock.after(TIMEOUT, this.#expire, datagram);
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  /** A fragment waits for the first one; `resume` sends it through NAT again. */
  hold(datagram: Datagram, packet: Packet, resume: () => Fate): Fate {
    if (datagram.held.length >= HELD_MAX) return drop(packet, this.#place, SITE, 'comware:FRAGMENT_QUEUE_FULL');
    datagram.held.push({ packet, resume });
    return hold(packet, this.#place, SITE, 'queue for the first fragment');
  }

  /** The first fragment has passed; those that waited follow it, in an event of their own. */
  decide(datagram: Datagram, end: FlowEnd | undefined): void {
    datagram.state = 'decided';
    datagram.end = end;
    this.#clock.after(ZERO, resumeHeld, datagram);
  }

  /** The first fragment was dropped; the others share its fate. */
  refuse(datagram: Datagram): void {
    datagram.state = 'refused';
    for (const { packet } of datagram.held.splice(0)) this.dropRefused(release(packet));
  }

  /** Comware ends: what waits for a first fragment waits no longer. */
  purge(): void {
    for (const datagram of this.#datagrams.values()) {
      cancel(datagram.timer);
      for (const { packet } of datagram.held.splice(0)) drop(release(packet), this.#place, SITE, 'comware:QUEUE_PURGE');
    }
    this.#datagrams.clear();
  }

  dropRefused(packet: Packet): Fate {
    return drop(packet, this.#place, SITE, 'comware:NAT_FIRST_DROPPED');
  }

  readonly #expire = (datagram: Datagram): void => {
    cancel(datagram.timer);
    this.#datagrams.delete(datagram.key);
    for (const { packet } of datagram.held.splice(0)) {
      drop(release(packet), this.#place, SITE, 'comware:FRAGMENT_TIMEOUT', 'the first fragment did not come');
    }
  };
}

function resumeHeld(datagram: Datagram): void {
  for (const { packet, resume } of datagram.held.splice(0)) {
    release(packet);
    resume();
  }
}
