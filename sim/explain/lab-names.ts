import type { FilterNames } from '../filter/names.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { Mac } from '../wire/mac.ts';
import type { World } from '../world/world.ts';

/** A device of a stack, with what it goes by on the wire. */
export interface LabName {
  /** `host-b`, `device-a/container3`. */
  readonly stack: string;
  readonly device: string;
  readonly addresses: readonly Ipv4[];
  /** Undefined where it has none: on raw IP. */
  readonly mac: Mac | undefined;
}

/** Every device of every stack that is there now, loopbacks left out. */
export function labNames(world: World): LabName[] {
  return world.stacks().flatMap(({ title: stack, net, comware }) => {
    if (comware !== undefined) {
      return comware.interfaces.map(({ name, address, port }): LabName => {
        const addresses = address === undefined ? [] : [address.address];
        return { stack, device: name.short, addresses, mac: port?.mac };
      });
    }
    return net.devices
      .filter((device) => !device.isLoopback)
      .map((device): LabName => {
        const addresses = net.addresses.filter((entry) => entry.device === device).map((entry) => entry.address);
        return { stack, device: device.name, addresses, mac: device.headerLength === 0 ? undefined : device.mac };
      });
  });
}

/**
 * The names that a filter expression may use: a stack's title stands for all its addresses and MACs, `TITLE.DEVICE` for
 * those of a device, a container's bare name for the container where no other stack has it.
 */
export function filterNames(world: World): FilterNames {
  const addresses = new Map<string, Ipv4[]>();
  const macs = new Map<string, Mac[]>();
  const titles = new Set(labNames(world).map(({ stack }) => stack));
  for (const { stack, device, addresses: own, mac } of labNames(world)) {
    for (const name of namesOf(stack, titles)) {
      for (const key of [name, `${name}.${device}`]) {
        if (own.length > 0) addresses.set(key, [...(addresses.get(key) ?? []), ...own]);
        if (mac !== undefined) macs.set(key, [...(macs.get(key) ?? []), mac]);
      }
    }
  }
  return { addresses, macs };
}

function namesOf(title: string, titles: ReadonlySet<string>): string[] {
  const bare = title.slice(title.indexOf('/') + 1);
  const isUnique = [...titles].filter((one) => one === bare || one.endsWith(`/${bare}`)).length === 1;
  return title.includes('/') && isUnique ? [title, bare] : [title];
}
