import type { NetDevice } from '../../link/device.ts';
import type { Ipv4 } from '../../wire/address.ts';

export interface ProxyNeighbour {
  readonly address: Ipv4;
  /** On whose link it is answered for; undefined for every link. */
  readonly device: NetDevice | undefined;
}

/** Single addresses that are answered for in the name of others (struct pneigh_entry of net/core/neighbour.c). */
export class ProxyNeighbours {
  #entries: ProxyNeighbour[] = [];
  /** Requests that wait on each device to be answered (neigh_parms.qlen). */
  readonly #waiting = new Map<NetDevice, number>();

  get list(): readonly ProxyNeighbour[] {
    return this.#entries;
  }

  /** `ip neigh add proxy`: twice is once. Models pneigh_create(). */
  add(address: Ipv4, device: NetDevice | undefined): void {
    if (!this.#entries.some((entry) => entry.address === address && entry.device === device)) {
      this.#entries.push({ address, device });
    }
  }

  /** `ip neigh del proxy`; false where there is none. Models pneigh_delete(). */
  remove(address: Ipv4, device: NetDevice | undefined): boolean {
    const rest = this.#entries.filter((entry) => entry.address !== address || entry.device !== device);
    const isFound = rest.length < this.#entries.length;
    this.#entries = rest;
    return isFound;
  }

  /** Whether who asks on a link for an address is answered. Models pneigh_lookup(). */
  covers(address: Ipv4, device: NetDevice): boolean {
    return this.#entries.some(
      (entry) => entry.address === address && (entry.device === undefined || entry.device === device),
    );
  }

  /** One more request waits; false where more than `most` do already. Models pneigh_enqueue(). */
  enqueue(device: NetDevice, most: number): boolean {
    const waiting = this.#waiting.get(device) ?? 0;
    if (waiting > most) return false;
    this.#waiting.set(device, waiting + 1);
    return true;
  }

  dequeue(device: NetDevice): void {
    this.#waiting.set(device, (this.#waiting.get(device) ?? 1) - 1);
  }

  /** The device went down, or is no longer one of IP. Models pneigh_ifdown_and_unlock(). */
  forget(device: NetDevice): void {
    this.#entries = this.#entries.filter((entry) => entry.device !== device);
  }
}
