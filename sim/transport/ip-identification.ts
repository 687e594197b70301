import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import type { Ipv4 } from '../wire/address.ts';

/** Length of the kernel's clock tick at HZ=250, in nanoseconds. */
const JIFFY = 4e6;

/** Flows share so many counters: the kernel has as many where it has memory enough (ip_rt_init). */
const COUNTERS = 262144;

interface Generator {
  next: number;
  usedAt: number;
}

/**
 * The identification field (net/ipv4/route.c ip_idents_reserve()): one counter for each source, destination and
 * protocol (by their hash), which grows by one plus a random number up to the clock ticks since its last use.
 */
export class IpIdentification {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #generators = new Map<number, Generator>();

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  next(source: Ipv4, destination: Ipv4, protocol: number): number {
    const key = hash(source, destination, protocol);
    let generator = this.#generators.get(key);
    if (generator === undefined) {
      generator = { next: this.#chance.below(0x10000), usedAt: this.#clock.now };
      this.#generators.set(key, generator);
    }
    const ticks = Math.floor((this.#clock.now - generator.usedAt) / JIFFY);
    const identification = (generator.next + (ticks > 0 ? this.#chance.below(ticks) : 0)) & 0xffff;
    generator.next = (identification + 1) & 0xffff;
    generator.usedAt = this.#clock.now;
    return identification;
  }
}

function hash(source: Ipv4, destination: Ipv4, protocol: number): number {
  let mixed = Math.imul(source ^ Math.imul(protocol, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ destination, 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % COUNTERS;
}
