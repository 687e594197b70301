import type { NetDevice } from '../link/device.ts';

/** The devices of a namespace, found by index and by name (dev_index_head, dev_name_head). */
export class DeviceTable {
  readonly #list: NetDevice[] = [];
  readonly #byIndex: (NetDevice | undefined)[] = [];
  readonly #byName = new Map<string, NetDevice>();

  /** In the order in which they were registered. */
  get list(): readonly NetDevice[] {
    return this.#list;
  }

  /** Its index and its name must not be taken. */
  add(device: NetDevice): void {
    this.#list.push(device);
    this.#byIndex[device.ifindex] = device;
    this.#byName.set(device.name, device);
  }

  remove(device: NetDevice): void {
    this.#list.splice(this.#list.indexOf(device), 1);
    this.#byIndex[device.ifindex] = undefined;
    this.#byName.delete(device.name);
  }

  at(ifindex: number): NetDevice | undefined {
    return this.#byIndex[ifindex];
  }

  named(name: string): NetDevice | undefined {
    return this.#byName.get(name);
  }
}
