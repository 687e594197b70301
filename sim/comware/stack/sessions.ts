import type { Clock } from '../../core/events.ts';
import { later, type SimTime, seconds } from '../../core/time.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { PROTOCOL_TCP } from '../../wire/ipv4.ts';

/** Both ends of a conversation, seen from the device. Ports are 0 and the identifier local for ICMP. */
export interface SessionKey {
  readonly protocol: number;
  readonly local: Ipv4;
  readonly localPort: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
}

export interface Session extends SessionKey {
  expires: SimTime;
}

/** `display session aging-time state`: UDP-READY and ICMP-REQUEST, 60 seconds; TCP-EST, an hour. */
const AGING = seconds(60);
const TCP_AGING = seconds(3600);

/**
 * What the kernel's stack sent out through Comware: the answers go back to the kernel, whoever else listens there
 * (the way Cisco's LPTS and H3C's port reservation keep two stacks on one address apart).
 */
export class SessionTable {
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  learn(key: SessionKey): void {
    this.#sessions.set(textOf(key), { ...key, expires: this.#expiry(key.protocol) });
  }

  /** Whether the kernel began this conversation; finding it renews it. */
  find(key: SessionKey): Session | undefined {
    const session = this.#sessions.get(textOf(key));
    if (session === undefined) return undefined;
    if (session.expires <= this.#clock.now) {
      this.#sessions.delete(textOf(key));
      return undefined;
    }
    session.expires = this.#expiry(key.protocol);
    return session;
  }

  #expiry(protocol: number): SimTime {
    return later(this.#clock.now, protocol === PROTOCOL_TCP ? TCP_AGING : AGING);
  }

  /** Those that have not run out, in the order they began. */
  list(): Session[] {
    return [...this.#sessions.values()].filter((session) => session.expires > this.#clock.now);
  }
}

function textOf(key: SessionKey): string {
  return `${key.protocol} ${key.local} ${key.localPort} ${key.remote} ${key.remotePort}`;
}
