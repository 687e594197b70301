import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import type { NetDevice } from '../link/device.ts';
import type { Ledger } from '../packet/ledger.ts';
import type { Mac } from '../wire/mac.ts';

/** What a machine gets from the world it stands in. */
export interface WorldServices {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ledger: Ledger;
  /** The next MAC address of the world. */
  takeMac(): Mac;
  /** Called for every device that is made, so that it can be captured. */
  deviceMade(device: NetDevice): void;
  /** Called for every device that is taken away: what is still under way to it is held until it is dropped. */
  deviceGone(device: NetDevice): void;
}
