import type { Clock } from '../../core/events.ts';
import { later, type SimTime, seconds } from '../../core/time.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../wire/tcp.ts';

/** Both ends of a conversation, seen from the device. For ICMP `localPort` is the identifier, `remotePort` 0. */
export interface SessionKey {
  readonly protocol: number;
  readonly local: Ipv4;
  readonly localPort: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
}

/** Who holds the near end: the stack of Comware's own kernel, or the host behind the Docker0 bridge. */
export type SessionOwner = 'kernel' | 'host';

export interface Session extends SessionKey {
  readonly owner: SessionOwner;
  state: SessionState;
  expires: SimTime;
}

type SessionState = 'TCP_SYN' | 'TCP_EST' | 'TCP_FIN' | 'UDP_OPEN' | 'UDP_READY' | 'ICMP_REQUEST' | 'ICMP_REPLY';

/** `display session aging-time state`, in seconds. */
const AGING: Readonly<Record<SessionState, number>> = {
  TCP_SYN: 30,
  TCP_EST: 3600,
  TCP_FIN: 30,
  UDP_OPEN: 30,
  UDP_READY: 60,
  ICMP_REQUEST: 60,
  ICMP_REPLY: 30,
};

/** So many sessions are kept before those that ran out are swept away. */
const SWEEP_AT = 4096;

/**
 * Conversations whose near end is not Comware's own stack, learnt from what the kernel sends out through Comware: the
 * answers go back where they came from (the way Cisco's LPTS and H3C's port reservation keep two stacks on one
 * address apart).
 */
export class SessionTable {
  readonly #clock: Clock;
  /** By a hash of both ends. */
  readonly #buckets = new Map<number, Session[]>();
  #count = 0;
  #sweepAt = SWEEP_AT;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The near end sent a packet; `flags` are those of its TCP header, 0 for other protocols. */
  sent(key: SessionKey, owner: SessionOwner, flags: number): void {
    const known = this.#live(key);
    if (known !== undefined && known.owner === owner && !isNew(known, flags)) this.#moved(known, flags, known.state);
    // A reset begins nothing: a closed port may be opened by either stack a moment later.
    else if ((flags & TCP_RST) === 0) this.#add(key, owner, flags);
  }

  /** The session a packet from outside belongs to; finding it renews it. */
  find(key: SessionKey, flags: number): Session | undefined {
    const session = this.#live(key);
    if (session === undefined || isNew(session, flags)) return undefined;
    this.#moved(session, flags, answered(session.state));
    return session;
  }

  /** Those that have not run out, in the order they began. */
  list(): Session[] {
    return [...this.#buckets.values()].flat().filter((session) => session.expires > this.#clock.now);
  }

  #live(key: SessionKey): Session | undefined {
    const found = this.#buckets.get(hashOf(key))?.find((session) => isSame(session, key));
    return found !== undefined && found.expires > this.#clock.now ? found : undefined;
  }

  #add(key: SessionKey, owner: SessionOwner, flags: number): void {
    if (this.#count >= this.#sweepAt) this.#sweep();
    const state = firstState(key.protocol, flags);
    const session = { ...key, owner, state, expires: later(this.#clock.now, seconds(AGING[state])) };
    const hash = hashOf(key);
    const others = (this.#buckets.get(hash) ?? []).filter((other) => !isSame(other, key));
    this.#count += 1 + others.length - (this.#buckets.get(hash)?.length ?? 0);
    this.#buckets.set(hash, [...others, session]);
  }

  #moved(session: Session, flags: number, state: SessionState): void {
    session.state = session.protocol === PROTOCOL_TCP ? tcpState(session.state, flags) : state;
    session.expires = later(this.#clock.now, seconds(AGING[session.state]));
  }

  #sweep(): void {
    this.#count = 0;
    for (const [hash, sessions] of this.#buckets) {
      const left = sessions.filter((session) => session.expires > this.#clock.now);
      if (left.length === 0) this.#buckets.delete(hash);
      else this.#buckets.set(hash, left);
      this.#count += left.length;
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#count);
  }
}

/** A SYN of a connection that is not being opened: who gets it is decided anew. */
function isNew(session: Session, flags: number): boolean {
  return (flags & (TCP_SYN | TCP_ACK)) === TCP_SYN && session.state !== 'TCP_SYN';
}

function firstState(protocol: number, flags: number): SessionState {
  if (protocol === PROTOCOL_TCP) return tcpState('TCP_EST', flags);
  return protocol === PROTOCOL_ICMP ? 'ICMP_REQUEST' : 'UDP_OPEN';
}

function tcpState(before: SessionState, flags: number): SessionState {
  if ((flags & (TCP_FIN | TCP_RST)) !== 0) return 'TCP_FIN';
  if ((flags & TCP_SYN) !== 0) return 'TCP_SYN';
  return before === 'TCP_FIN' ? 'TCP_FIN' : 'TCP_EST';
}

function answered(state: SessionState): SessionState {
  if (state === 'UDP_OPEN') return 'UDP_READY';
  return state === 'ICMP_REQUEST' ? 'ICMP_REPLY' : state;
}

function isSame(a: SessionKey, b: SessionKey): boolean {
  return (
    a.local === b.local &&
    a.remote === b.remote &&
    a.localPort === b.localPort &&
    a.remotePort === b.remotePort &&
    a.protocol === b.protocol
  );
}

function hashOf(key: SessionKey): number {
  const ends = Math.imul(key.local, 0x9e3779b1) ^ Math.imul(key.remote, 0x85ebca77);
  return (ends ^ Math.imul(key.localPort * 65536 + key.remotePort, 0xc2b2ae3d) ^ key.protocol) >>> 0;
}
