import type { Ipv4 } from '../wire/address.ts';
import type { Mac } from '../wire/mac.ts';

/** What stands for addresses in an expression, as /etc/hosts and /etc/ethers do for tcpdump. */
export interface FilterNames {
  /** `gw` to all its addresses, `gw.eth0` to those of one interface. */
  readonly addresses: ReadonlyMap<string, readonly Ipv4[]>;
  readonly macs: ReadonlyMap<string, readonly Mac[]>;
}

export const NO_NAMES: FilterNames = { addresses: new Map(), macs: new Map() };
