import type { Chance } from '../../core/chance.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { StackProfile } from '../profile.ts';

/** Who holds a local port: a listener or a bound socket. Address 0 is the wildcard. */
export interface PortHolder {
  readonly localAddress: Ipv4;
}

/** Destinations share so many places in which the next search begins (INET_TABLE_PERTURB_SIZE). */
const PLACES = 0x10000;

/** Local ports that are taken, and the choice of free ones (struct inet_bind_hashbucket). */
export class PortTable {
  readonly #chance: Chance;
  readonly #profile: Pick<StackProfile, 'ephemeralPorts'>;
  readonly #holders = new Map<number, PortHolder[]>();
  /** Where the search for the next connection to a destination begins (table_perturb[]). */
  readonly #offsets = new Map<number, number>();

  constructor(chance: Chance, profile: Pick<StackProfile, 'ephemeralPorts'>) {
    this.#chance = chance;
    this.#profile = profile;
  }

  get #low(): number {
    return this.#profile.ephemeralPorts[0];
  }

  get #count(): number {
    return this.#profile.ephemeralPorts[1] - this.#low + 1;
  }

  /** A second holder needs another address; a wildcard leaves no other address. */
  conflicts(address: Ipv4, port: number): boolean {
    const holders = this.#holders.get(port) ?? [];
    return holders.some((other) => address === 0 || other.localAddress === 0 || other.localAddress === address);
  }

  hold(port: number, holder: PortHolder): void {
    this.#holders.set(port, [...(this.#holders.get(port) ?? []), holder]);
  }

  release(port: number, holder: PortHolder): void {
    const rest = (this.#holders.get(port) ?? []).filter((other) => other !== holder);
    if (rest.length > 0) this.#holders.set(port, rest);
    else this.#holders.delete(port);
  }

  /** A port for bind() without one: those that connect() does not take first. Models inet_csk_find_open_port(). */
  forBind(address: Ipv4): number | undefined {
    const offset = this.#chance.below(this.#count) | 1;
    return this.#search(offset, (port) => !this.conflicts(address, port));
  }

  /**
   * A port for connect() without bind(): even ones first, a small random step on from the last one for the same
   * destination. Models __inet_hash_connect().
   */
  forConnect(address: Ipv4, destination: number, isFree: (port: number) => boolean): number | undefined {
    const place = placeOf(destination);
    const start = (this.#offsets.get(place) ?? this.#chance.below(this.#count)) % this.#count;
    const port = this.#search(start & ~1, (one) => !this.conflicts(address, one) && isFree(one));
    if (port !== undefined) {
      this.#offsets.set(place, port - this.#low + 2 * (1 + this.#chance.below(8)));
    }
    return port;
  }

  /** Every second port from `offset` on, round to where it began, then those in between. */
  #search(offset: number, isFree: (port: number) => boolean): number | undefined {
    const parity = offset & 1;
    for (const first of [parity, 1 - parity]) {
      const ofParity = Math.floor((this.#count - first + 1) / 2);
      for (let step = 0; step < ofParity; step++) {
        const index = (Math.floor(offset / 2) + step) % ofParity;
        const port = this.#low + 2 * index + first;
        if (isFree(port)) return port;
      }
    }
    return undefined;
  }
}

function placeOf(destination: number): number {
  const hash = Math.imul(Math.floor(destination / 0x10000), 0x9e3779b1) ^ Math.imul(destination & 0xffff, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) & (PLACES - 1);
}
