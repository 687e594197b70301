import type { Chance } from '../../core/chance.ts';
import type { Clock } from '../../core/events.ts';
import { ms, type SimTime, seconds } from '../../core/time.ts';
import type { NetDevice } from '../../link/device.ts';

interface Draw {
  readonly base: number;
  readonly at: SimTime;
  readonly value: SimTime;
}

/**
 * How long a neighbour stays REACHABLE: half to one and a half times base_reachable_time, drawn for each device, afresh
 * every five minutes, and when the setting changes (neigh_rand_reach_time).
 */
export class ReachableTime {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #draws = new Map<NetDevice, Draw>();

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** `base` is base_reachable_time_ms of the device. */
  of(device: NetDevice, base: number): SimTime {
    const known = this.#draws.get(device);
    if (known !== undefined && known.base === base && this.#clock.now - known.at < seconds(300)) return known.value;
    const value = base === 0 ? ms(0) : ms(base / 2 + this.#chance.below(base));
    this.#draws.set(device, { base, at: this.#clock.now, value });
    return value;
  }
}
