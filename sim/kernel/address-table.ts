import type { NetDevice } from '../link/device.ts';
import type { Ipv4, Prefix } from '../wire/address.ts';
import type { Scope } from './forwarding/fib-table.ts';

/** An address of an interface (struct in_ifaddr). */
export interface InterfaceAddressEntry {
  readonly device: NetDevice;
  readonly address: Ipv4;
  readonly prefix: Prefix;
  readonly scope: Scope;
  /** A further address of a subnet the interface already is in (IFA_F_SECONDARY). */
  readonly secondary: boolean;
  readonly shown: ShownAddress;
}

/** What of an address is only shown. */
export interface ShownAddress {
  /** Directed broadcast as it was given (IFA_BROADCAST), absent for none. */
  readonly broadcast?: Ipv4;
  /** Absent where it is the name of the device (IFA_LABEL). */
  readonly label?: string;
}

const NONE: readonly InterfaceAddressEntry[] = [];

/** The addresses of a namespace, found by device (in_device's ifa_list) and by themselves (inet_addr_lst). */
export class AddressTable {
  readonly #list: InterfaceAddressEntry[] = [];
  readonly #byDevice = new Map<NetDevice, InterfaceAddressEntry[]>();
  /** How many interfaces have an address, which stands here as a signed number: a map finds these faster. */
  readonly #owners = new Map<number, number>();

  get list(): readonly InterfaceAddressEntry[] {
    return this.#list;
  }

  of(device: NetDevice): readonly InterfaceAddressEntry[] {
    return this.#byDevice.get(device) ?? NONE;
  }

  has(address: Ipv4): boolean {
    return this.#owners.has(address | 0);
  }

  /** Before `next`, an address of the same device; without it at the end. */
  insert(entry: InterfaceAddressEntry, next?: InterfaceAddressEntry): void {
    const { device, address } = entry;
    const own = this.#byDevice.get(device) ?? [];
    this.#byDevice.set(device, own);
    for (const list of [this.#list, own]) list.splice(next === undefined ? list.length : list.indexOf(next), 0, entry);
    this.#owners.set(address | 0, (this.#owners.get(address | 0) ?? 0) + 1);
  }

  remove(entry: InterfaceAddressEntry): void {
    const { device, address } = entry;
    const own = this.#byDevice.get(device) ?? [];
    for (const list of [this.#list, own]) list.splice(list.indexOf(entry), 1);
    if (own.length === 0) this.#byDevice.delete(device);
    const owners = (this.#owners.get(address | 0) ?? 0) - 1;
    if (owners > 0) this.#owners.set(address | 0, owners);
    else this.#owners.delete(address | 0);
  }
}
