import type { EventQueue } from '../core/events.ts';
import type { Limits } from '../core/limits.ts';
import type { SimTime } from '../core/time.ts';
import type { Ledger } from '../packet/ledger.ts';
import type { Sender, SentPacket, TransmissionWatch } from '../packet/transmissions.ts';
import { capturePoint } from './capture-store.ts';
import type { Halt, HaltedFrame, HaltReason } from './halt.ts';
import { Senders } from './senders.ts';

/**
 * How often one device sends the same frame before that is a storm. In a network without loops it does so once; in a
 * loop of routers not more often than there are hops in a TTL.
 */
const ROUNDS = 300;

/** Events at the end of a run that has reached a limit in which it is seen who sends. */
const LAST_LOOK = 1000;

/** Events between two looks at the memory. */
const MEMORY_SPAN = 5000;

interface Transmission {
  readonly packet: SentPacket;
  readonly device: Sender;
}

/** Sees to it that a run ends: holds it against its limits, and tells what was going on when it reached one. */
export class RunWatch implements TransmissionWatch {
  readonly limits: Limits;
  /** Why the run has ended; undefined while it goes on. */
  halt: Halt | undefined;
  /** So many events may run before isOver() has to be asked again. */
  nextCheck = 0;
  readonly #clock: EventQueue;
  readonly #ledger: Ledger;
  /** Who sends what is sent very often, a packet or all its copies; it goes with them. */
  readonly #frequent = new WeakMap<object, Senders>();
  /** The run has reached a limit, and ends when so many events have run. */
  #lastLook: { readonly reason: HaltReason; readonly limit: number | string; readonly until: number } | undefined;
  readonly #senders = new Senders();
  #latest: Transmission | undefined;

  constructor(clock: EventQueue, ledger: Ledger, limits: Limits) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.limits = limits;
    ledger.watch = this;
    ledger.mostTransmissions = limits.transmissions;
  }

  /** A device sends a packet that was sent very often, or in the last look any packet. */
  sent(packet: SentPacket, device: Sender): void {
    if (this.#lastLook !== undefined) {
      this.#senders.note(packet, device);
      this.#latest = { packet, device };
    }
    const { transmissions } = this.limits;
    if (this.halt !== undefined || countOf(packet) <= transmissions) return;
    const senders = this.#sendersOf(packet.copies ?? packet);
    if (senders.note(packet, device) >= ROUNDS) this.#end('storm', transmissions, senders, { packet, device });
  }

  #sendersOf(frame: object): Senders {
    let senders = this.#frequent.get(frame);
    if (senders === undefined) {
      senders = new Senders();
      this.#frequent.set(frame, senders);
    }
    return senders;
  }

  /** A frame would be one too many for the captures. */
  captureFull(packet: SentPacket, device: Sender): void {
    this.#end('captures', this.limits.captureBytes, this.#senders, { packet, device });
  }

  /** Nothing is due any more before the limit, and the run is not over. */
  timeOver(): void {
    this.#end('time', this.limits.time, this.#senders, this.#latest);
  }

  /** Whether the run ends here; asked between events, when `nextCheck` of them have run. */
  isOver(): boolean {
    if (this.halt !== undefined) return true;
    const { ran } = this.#clock;
    const { events, memory } = this.limits;
    if (this.#lastLook === undefined && ran >= events - LAST_LOOK) this.#look('events', events, events);
    const shortage = this.#lastLook === undefined ? memory?.() : undefined;
    if (shortage !== undefined) this.#look('memory', shortage, ran + LAST_LOOK);
    const look = this.#lastLook;
    if (look !== undefined && ran >= look.until) {
      this.#end(look.reason, look.limit, this.#senders, this.#latest);
      return true;
    }
    this.nextCheck = look?.until ?? Math.min(events - LAST_LOOK, memory === undefined ? events : ran + MEMORY_SPAN);
    return false;
  }

  #look(reason: HaltReason, limit: number | string, until: number): void {
    this.#lastLook = { reason, limit, until };
    this.#ledger.mostTransmissions = -1;
  }

  #end(reason: HaltReason, limit: number | string, senders: Senders, last: Transmission | undefined): void {
    if (this.halt !== undefined) return;
    const at: SimTime = this.#clock.now;
    this.halt = {
      ...{ reason, at, events: this.#clock.ran, limit },
      frame: last === undefined ? undefined : frameOf(last.packet, last.device),
      loop: reason === 'storm' ? senders.loop() : [],
      busiest: senders.busiest(),
    };
    this.nextCheck = 0;
    this.#ledger.mostTransmissions = Number.POSITIVE_INFINITY;
  }
}

function rootOf({ number, copies }: SentPacket): number {
  return copies?.root ?? number;
}

function countOf({ transmissions, copies }: SentPacket): number {
  return copies?.transmissions ?? transmissions;
}

function frameOf(packet: SentPacket, device: Sender): HaltedFrame {
  return {
    packet: rootOf(packet),
    transmissions: countOf(packet),
    device: capturePoint(device),
    bytes: packet.bytes.slice(packet.head, packet.tail),
    linkType: device.headerLength === 0 ? 'raw' : 'ether',
  };
}
