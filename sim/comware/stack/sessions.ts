import type { Clock } from '../../core/events.ts';
import { later, type SimTime, seconds, ZERO } from '../../core/time.ts';
import { TCP_RST } from '../../wire/tcp.ts';
import { Flow, type FlowKey } from '../forwarding/flow.ts';
import { type FlowEntry, FlowTable } from '../forwarding/flow-table.ts';
import { SessionTrack } from '../forwarding/session-track.ts';

/** Who holds the near end: the stack of Comware's own kernel, or the host behind the Docker0 bridge. */
export type SessionOwner = 'kernel' | 'host';

/** A conversation, as the flow of what its near end sends. */
export class Session implements FlowEntry {
  readonly kind: number;
  readonly source: number;
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort: number;
  readonly owner: SessionOwner;
  readonly track: SessionTrack;
  expires: SimTime;
  next: FlowEntry | undefined;

  constructor(flow: FlowKey, owner: SessionOwner, now: SimTime) {
    this.kind = flow.kind;
    this.source = flow.source;
    this.sourcePort = flow.sourcePort;
    this.destination = flow.destination;
    this.destinationPort = flow.destinationPort;
    this.owner = owner;
    this.track = new SessionTrack(flow.kind);
    this.expires = now;
  }
}

/** So many sessions are kept before those that ran out are swept away. */
const SWEEP_AT = 4096;
/** An assumption: beyond so many the oldest is forgotten, and its answers go to whoever listens. */
const MOST = 65536;

/**
 * Conversations whose near end is not Comware's own stack, learnt from what the kernel sends out through Comware: the
 * answers go back where they came from (the way Cisco's LPTS and H3C's port reservation keep two stacks on one
 * address apart). Every flow is given as the near end sends it.
 */
export class SessionTable {
  /** For the packet at work: one at a time. */
  readonly flow = new Flow();
  readonly #clock: Clock;
  readonly #flows = new FlowTable<Session>();
  readonly #sessions = new Set<Session>();
  #sweepAt = SWEEP_AT;
  #nextSweep: SimTime = ZERO;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The near end sent a packet; `flags` are those of its TCP header, 0 for other protocols. */
  sent(flow: FlowKey, owner: SessionOwner, flags: number): void {
    const known = this.peek(flow);
    if (known !== undefined && known.owner === owner && !known.track.isSynOfAnother(flags)) {
      this.#passed(known, false, flags);
      return;
    }
    if (known !== undefined && known.owner !== owner && known.track.outlives(flags)) return;
    // A reset begins nothing: a closed port may be opened by either stack a moment later.
    if ((flags & TCP_RST) !== 0) return;
    if (known !== undefined) this.#remove(known);
    this.#makeRoom();
    const session = new Session(flow, owner, this.#clock.now);
    this.#flows.add(session);
    this.#sessions.add(session);
    this.#passed(session, false, flags);
  }

  /** The session a packet from outside belongs to; finding it renews it. */
  find(flow: FlowKey, flags: number): Session | undefined {
    const session = this.peek(flow);
    // Who gets a connection that is opened anew is decided anew.
    if (session === undefined || session.track.isSynOfAnother(flags)) return undefined;
    this.#passed(session, true, flags);
    return session;
  }

  /** The session of a flow, left as it is: an ICMP error about one of its packets does not renew it. */
  peek(flow: FlowKey): Session | undefined {
    const found = this.#flows.findKey(flow);
    if (found === undefined || found.expires > this.#clock.now) return found;
    this.#remove(found);
    return undefined;
  }

  /** Those that have not run out, in the order they began. */
  list(): Session[] {
    return [...this.#sessions].filter((session) => session.expires > this.#clock.now);
  }

  #passed(session: Session, isReply: boolean, flags: number): void {
    session.track.passed(isReply, flags);
    session.expires = later(this.#clock.now, session.track.aging);
  }

  #remove(session: Session): void {
    this.#flows.remove(session);
    this.#sessions.delete(session);
  }

  #makeRoom(): void {
    const { now } = this.#clock;
    if (this.#sessions.size >= this.#sweepAt && now >= this.#nextSweep) this.#sweep();
    if (this.#sessions.size < MOST) return;
    const [oldest] = this.#sessions;
    if (oldest !== undefined) this.#remove(oldest);
  }

  /** No oftener than once a second, however many there are. */
  #sweep(): void {
    const { now } = this.#clock;
    this.#nextSweep = later(now, seconds(1));
    for (const session of this.#sessions) if (session.expires <= now) this.#remove(session);
    this.#sweepAt = Math.min(Math.max(SWEEP_AT, 2 * this.#sessions.size), MOST);
  }
}
