import { type Clock, cancel, type Timer } from '../../../core/events.ts';
import { seconds } from '../../../core/time.ts';
import { drop, type Fate, hold, release } from '../../../packet/fate.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Place, Site } from '../../../packet/place.ts';
import type { Ipv4Header } from '../../../wire/ipv4.ts';
import { type FlowEntry, FlowTable } from '../flow-table.ts';
import type { FlowEnd } from './session.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'virtual fragment reassembly' };

/** `ip virtual-reassembly`: how long the fragments of a datagram wait for its first, and are recognised after it. */
const TIMEOUT = seconds(3);
/** An assumption: more than the 45 pieces of the largest datagram on an Ethernet may not wait. */
const HELD_MAX = 64;
/** And so many datagrams are known at a time. */
const DATAGRAMS = 4096;

/** Where a packet meets NAT: before the FIB or behind it. */
export type NatStage = 'in' | 'out';

interface Held {
  readonly packet: Packet;
  readonly resume: () => Fate;
}

/** A datagram that comes in pieces. Only its first fragment has ports, and so decides for all of them. */
export class Datagram implements FlowEntry {
  /** Protocol, and where it meets NAT: in bit 8. */
  readonly kind: number;
  readonly source: number;
  /** The identification: with no ports known, that tells datagrams of one flow apart. */
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort = 0;
  next: FlowEntry | undefined;
  /** `refused`: the first fragment was dropped. */
  state: 'waiting' | 'decided' | 'refused' = 'waiting';
  /** What the first fragment belongs to; undefined where it passes untranslated. */
  end: FlowEnd | undefined;
  readonly held: Held[] = [];
  timer: Timer | undefined;

  constructor(kind: number, { source, identification, destination }: Ipv4Header) {
    this.kind = kind;
    this.source = source;
    this.sourcePort = identification;
    this.destination = destination;
  }
}

/**
 * Virtual fragment reassembly: fragments stay fragments, but those that come before the first one of their datagram
 * wait for it.
 */
export class FragmentTracker {
  readonly #clock: Clock;
  readonly #place: Place;
  readonly #byKey = new FlowTable<Datagram>();
  readonly #datagrams = new Set<Datagram>();

  constructor(clock: Clock, place: Place) {
    this.#clock = clock;
    this.#place = place;
  }

  get held(): number {
    let count = 0;
    for (const datagram of this.#datagrams) count += datagram.held.length;
    return count;
  }

  /** The datagram that a fragment is a piece of; undefined where it would be one too many. */
  datagramOf(stage: NatStage, packet: Packet): Datagram | undefined {
    const { ip } = packet;
    const kind = ip.protocol | (stage === 'out' ? 0x100 : 0);
    const present = this.#byKey.find(kind, ip.source, ip.identification, ip.destination, 0);
    if (present !== undefined) return present;
    if (this.#datagrams.size >= DATAGRAMS) return undefined;
    const datagram = new Datagram(kind, ip);
    datagram.timer = this.#clock.after(TIMEOUT, this.#expire, datagram);
    this.#byKey.add(datagram);
    this.#datagrams.add(datagram);
    return datagram;
  }

  /** A fragment waits for the first one; `resume` sends it through NAT again. */
  hold(datagram: Datagram, packet: Packet, resume: () => Fate): Fate {
    if (datagram.held.length >= HELD_MAX) return this.dropForWantOfRoom(packet);
    datagram.held.push({ packet, resume });
    return hold(packet, this.#place, SITE, 'queue for the first fragment');
  }

  /** The first fragment has passed; those that waited follow it, in an event of their own. */
  decide(datagram: Datagram, end: FlowEnd | undefined): void {
    datagram.state = 'decided';
    datagram.end = end;
    this.#clock.atOnce(resumeHeld, datagram);
  }

  /** The first fragment was dropped; the others share its fate. */
  refuse(datagram: Datagram): void {
    datagram.state = 'refused';
    for (const { packet } of datagram.held.splice(0)) this.dropRefused(release(packet));
  }

  /** Comware ends: what waits for a first fragment waits no longer. */
  purge(): void {
    for (const datagram of this.#datagrams) {
      this.#forget(datagram);
      for (const { packet } of datagram.held.splice(0)) drop(release(packet), this.#place, SITE, 'comware:QUEUE_PURGE');
    }
  }

  dropForWantOfRoom(packet: Packet): Fate {
    return drop(packet, this.#place, SITE, 'comware:FRAGMENT_QUEUE_FULL');
  }

  dropRefused(packet: Packet): Fate {
    return drop(packet, this.#place, SITE, 'comware:NAT_FIRST_DROPPED');
  }

  #forget(datagram: Datagram): void {
    cancel(datagram.timer);
    this.#byKey.remove(datagram);
    this.#datagrams.delete(datagram);
  }

  readonly #expire = (datagram: Datagram): void => {
    this.#forget(datagram);
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
