import { contains, formatIpv4, formatPrefix, type Ipv4, lastAddress } from '../wire/address.ts';
import type { Container } from './container.ts';
import type { Pool } from './network.ts';

/** What of the networks decides who shares an address with whom. */
interface Networks {
  /** What their names mean stays the same as long as this does. */
  readonly arrangement: string;
  shareBridge(one: string, other: string): boolean;
}

const NOBODY: readonly Container[] = [];

/**
 * Which container holds which address: the one it runs with, and the one it was given for good, also while it is
 * stopped. Networks of one TPA bridge share its addresses.
 */
export class AddressBook {
  readonly #networks: Networks;
  readonly #holders = new Map<Ipv4, Container[]>();
  /** Of each pool an address below which none is free, as long as the networks are arranged as they were. */
  readonly #floors = new Map<string, Ipv4>();
  #arrangement = '';

  constructor(networks: Networks) {
    this.#networks = networks;
  }

  hold(container: Container, address: Ipv4): void {
    const holders = this.#holders.get(address);
    if (holders === undefined) this.#holders.set(address, [container]);
    else holders.push(container);
  }

  release(container: Container, address: Ipv4): void {
    const holders = this.#holders.get(address) ?? [];
    const index = holders.indexOf(container);
    if (index >= 0) holders.splice(index, 1);
    if (holders.length === 0) this.#holders.delete(address);
    for (const [pool, floor] of this.#floors) if (address < floor) this.#floors.set(pool, address);
  }

  /** The address that a container asked for, or the lowest of the pool that is free (INC-30); the sentence of a refusal. */
  allocate(pool: Pool, self: Container): { readonly address: Ipv4 } | { readonly refused: string } {
    const asked = self.options.address;
    return asked === undefined ? this.#lowestFree(pool, self) : this.#asked(pool, self, asked);
  }

  #asked(pool: Pool, self: Container, asked: Ipv4): { readonly address: Ipv4 } | { readonly refused: string } {
    const { network, prefix } = pool;
    if (!contains(prefix, asked) || asked === prefix.network || asked === lastAddress(prefix)) {
      const subnet = `${formatPrefix(prefix)}, the subnet of ${network}`;
      return { refused: `${formatIpv4(asked)} is no host address of ${subnet}` };
    }
    if (!this.#isTaken(asked, pool, self)) return { address: asked };
    return { refused: `${formatIpv4(asked)} is already in use on ${network}` };
  }

  #lowestFree(pool: Pool, self: Container): { readonly address: Ipv4 } | { readonly refused: string } {
    const { network, gateway, prefix, range } = pool;
    const { arrangement } = this.#networks;
    if (arrangement !== this.#arrangement) this.#floors.clear();
    this.#arrangement = arrangement;
    const key = `${network} ${gateway.address} ${formatPrefix(range)}`;
    const last = lastAddress(prefix);
    // What was given back may lie below the range: another network's.
    const floor = Math.max(this.#floors.get(key) ?? 0, range.network);
    for (let address = floor; address <= lastAddress(range); address++) {
      this.#floors.set(key, address);
      if (address !== prefix.network && address !== last && !this.#isTaken(address, pool, self)) return { address };
    }
    return { refused: `no free address in ${formatPrefix(range)}, the subnet of ${network}` };
  }

  #isTaken(address: Ipv4, { network, gateway }: Pool, self: Container): boolean {
    if (address === gateway.address) return true;
    const holders = this.#holders.get(address) ?? NOBODY;
    return holders.some(
      (other) => other !== self && this.#networks.shareBridge(other.network ?? other.options.network, network),
    );
  }
}
