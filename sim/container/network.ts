import type { Comware } from '../comware/comware.ts';
import type { ComwareInterface } from '../comware/forwarding/interface.ts';
import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import type { SimTime } from '../core/time.ts';
import type { InterfaceAddress, Prefix } from '../wire/address.ts';

/*
 * Networks of the user's Docker instance. The whitepaper puts a container that does not share a namespace on the TPA
 * bridge of a Virtual-Eth-Group (3.5.2) and nothing but the host and Comware on the Docker0 bridge (3.5.3), whose subnet
 * lies in 127.0.0.0/8. So each Virtual-Eth-Group is a network, under the name of its interface; `bridge` and the
 * default mean the only one there is; and Docker0 is offered to nobody.
 */

/** Words of `--network` that are no network of a bridge. */
export const BUILT_IN = ['host', 'none'] as const;

/** A network that `docker network create` made: another name, and perhaps a smaller pool, over a Virtual-Eth-Group. */
export interface UserNetwork {
  readonly name: string;
  readonly id: string;
  /** Long name of the interface. */
  readonly group: string;
  /** `--ip-range`. */
  readonly range: Prefix | undefined;
  readonly created: SimTime;
}

/** Long names of the device's Virtual-Eth-Groups, in the order they were made. */
export function groupsOf(comware: Comware): string[] {
  return comware.interfaces.filter((one) => one.name.kind === 'virtual-eth-group').map((one) => one.name.long);
}

export function groupInterface(comware: Comware, name: string): ComwareInterface | undefined {
  const one = comware.interface(parseInterfaceName(name)?.long ?? name);
  return one?.name.kind === 'virtual-eth-group' ? one : undefined;
}

/** `bridge`, `default`: the name the only Virtual-Eth-Group's network has; else why there is none such. */
export function defaultNetwork(comware: Comware): { readonly name: string } | { readonly refused: string } {
  const [first, ...others] = groupsOf(comware);
  if (first === undefined) {
    return { refused: 'network bridge not found: this device has no Virtual-Eth-Group, and so no TPA bridge' };
  }
  if (others.length === 0) return { name: first };
  return { refused: `--network must be given: this device has ${[first, ...others].join(', ')}` };
}

/** Which part of a subnet addresses are taken from. */
export interface Pool {
  readonly network: string;
  readonly gateway: InterfaceAddress;
  readonly prefix: Prefix;
  /** Addresses not asked for by name come from here. */
  readonly range: Prefix;
}
