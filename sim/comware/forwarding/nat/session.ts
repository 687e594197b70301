import { type Clock, cancel, type Timer } from '../../../core/events.ts';
import { later, ns, type SimTime } from '../../../core/time.ts';
import type { FlowKey } from '../flow.ts';
import { type FlowEntry, FlowTable } from '../flow-table.ts';
import type { ComwareInterface } from '../interface.ts';
import { SessionTrack } from '../session-track.ts';
import type { NatRule } from './rules.ts';

/**
 * One direction of a session: the flow as its packets arrive, before any translation. What they become is the other
 * direction's flow with its ends swapped.
 */
export class FlowEnd implements FlowEntry {
  readonly session: NatSession;
  readonly isReply: boolean;
  readonly kind: number;
  source: number;
  sourcePort: number;
  destination: number;
  destinationPort: number;
  packets = 0;
  bytes = 0;
  next: FlowEntry | undefined;

  constructor(session: NatSession, isReply: boolean, flow: FlowKey) {
    this.session = session;
    this.isReply = isReply;
    this.kind = flow.kind;
    this.source = flow.source;
    this.sourcePort = flow.sourcePort;
    this.destination = flow.destination;
    this.destinationPort = flow.destinationPort;
  }

  get other(): FlowEnd {
    return this.isReply ? this.session.initiator : this.session.responder;
  }
}

/** A session: both directions of a conversation through an interface with NAT, whether or not it is translated. */
export class NatSession {
  readonly kind: number;
  readonly initiator: FlowEnd;
  readonly responder: FlowEnd;
  readonly started: SimTime;
  expires: SimTime;
  /** Where the first packet came in, and where it went out; undefined for the device itself. */
  initiatorInterface: ComwareInterface | undefined;
  responderInterface: ComwareInterface | undefined;
  /** The rules that translated its first packet's destination and source. */
  destinationRule: NatRule | undefined;
  sourceRule: NatRule | undefined;
  /** The interface whose rules translate the source when it turns round on the inside (nat hairpin). */
  hairpin: ComwareInterface | undefined;
  /** The request that it answers from another port (nat alg tftp), where that was translated on its way in. */
  request: FlowEnd | undefined;
  /** Its first packet has left: its translation is decided for good. */
  settled = false;
  timer: Timer | undefined;
  readonly track: SessionTrack;

  constructor(flow: FlowKey, back: FlowKey, now: SimTime) {
    this.kind = flow.kind;
    this.track = new SessionTrack(flow.kind);
    this.initiator = new FlowEnd(this, false, flow);
    this.responder = new FlowEnd(this, true, back);
    this.started = now;
    this.expires = now;
  }

  get isTranslated(): boolean {
    return this.destinationRule !== undefined || this.sourceRule !== undefined;
  }
}

/** An assumption: the vendor's devices hold from some ten thousands to some millions, by their memory. */
const MOST_SESSIONS = 262144;

/** The sessions of a device, found by either direction's flow. Each is forgotten when nothing came for its ageing time. */
export class NatSessions {
  readonly #clock: Clock;
  readonly #flows = new FlowTable<FlowEnd>();
  readonly #sessions = new Set<NatSession>();
  /** Called with a session that is no more. */
  readonly #forgotten: (session: NatSession) => void;
  /** No more are opened. */
  most = MOST_SESSIONS;

  constructor(clock: Clock, forgotten: (session: NatSession) => void) {
    this.#clock = clock;
    this.#forgotten = forgotten;
  }

  get isFull(): boolean {
    return this.#sessions.size >= this.most;
  }

  find(flow: FlowKey): FlowEnd | undefined {
    return this.#flows.findKey(flow);
  }

  findFlow(
    kind: number,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
  ): FlowEnd | undefined {
    return this.#flows.find(kind, source, sourcePort, destination, destinationPort);
  }

  isFree(kind: number, source: number, sourcePort: number, destination: number, destinationPort: number): boolean {
    return this.findFlow(kind, source, sourcePort, destination, destinationPort) === undefined;
  }

  /** Neither direction's flow may be in use, and there must be room for one more. */
  open(flow: FlowKey, back: FlowKey): NatSession {
    const session = new NatSession(flow, back, this.#clock.now);
    this.#sessions.add(session);
    this.#flows.add(session.initiator);
    // A packet that a device sends to itself comes back as the same flow.
    if (this.#flows.findKey(session.responder) === undefined) this.#flows.add(session.responder);
    return session;
  }

  /** The packets back go to another address and port from now on: the source was translated after the destination. */
  redirectReplies(session: NatSession, address: number, port: number): void {
    const { responder } = session;
    this.#flows.remove(responder);
    responder.destination = address;
    responder.destinationPort = port;
    this.#flows.add(responder);
  }

  /** A packet of a session passed, with these flags where it is TCP. */
  touch(end: FlowEnd, length: number, tcpFlags: number): void {
    const { session } = end;
    end.packets++;
    end.bytes += length;
    session.track.passed(end.isReply, tcpFlags);
    session.expires = later(this.#clock.now, session.track.aging);
    if (session.timer === undefined) this.#arm(session);
    else if (session.timer.at > session.expires) {
      cancel(session.timer);
      this.#arm(session);
    }
  }

  remove(session: NatSession): void {
    if (!this.#sessions.delete(session)) return;
    cancel(session.timer);
    this.#flows.remove(session.initiator);
    this.#flows.remove(session.responder);
    this.#forgotten(session);
  }

  removeIf(condemned: (session: NatSession) => boolean): void {
    for (const session of [...this.#sessions]) if (condemned(session)) this.remove(session);
  }

  /** In the order they began. */
  list(): NatSession[] {
    return [...this.#sessions];
  }

  #arm(session: NatSession): void {
    session.timer = this.#clock.after(ns(session.expires - this.#clock.now), this.#age, session);
  }

  /** Packets only put the end off; the timer looks again when it fires. */
  readonly #age = (session: NatSession): void => {
    if (session.expires > this.#clock.now) this.#arm(session);
    else this.remove(session);
  };
}
