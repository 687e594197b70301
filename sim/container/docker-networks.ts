import type { Chance } from '../core/chance.ts';
import { type SimTime, ZERO } from '../core/time.ts';
import { contains, formatPrefix, type Ipv4, type Prefix, prefixOf } from '../wire/address.ts';
import type { Container } from './container.ts';
import { hexId } from './hex-id.ts';
import { BUILT_IN, defaultNetwork, groupInterface, groupsOf, type Pool, type UserNetwork } from './network.ts';
import type { Machine } from './sandbox.ts';

/** What `docker network create` asks for. */
export interface NetworkRequest {
  readonly name: string;
  /** `-o parent=Virtual-Eth-GroupN`; undefined for the group whose subnet is asked for, or the only one. */
  readonly parent: string | undefined;
  readonly subnet: Prefix | undefined;
  readonly gateway: Ipv4 | undefined;
  readonly range: Prefix | undefined;
}

/** A network as lists show it. */
export interface NetworkRow {
  readonly name: string;
  readonly id: string;
  readonly driver: 'bridge' | 'host' | 'null';
  /** Virtual-Eth-Group behind a bridge network. */
  readonly group: string | undefined;
  readonly range: Prefix | undefined;
  /** 0 for those that nobody made. */
  readonly created: SimTime;
}

/**
 * The networks of the user's Docker instance: one for each Virtual-Eth-Group, which comes and goes with the interface,
 * those that a user made over them, and none and host.
 */
export class DockerNetworks {
  readonly #machine: Machine;
  readonly #chance: Chance;
  readonly #made: UserNetwork[] = [];
  /** Networks that nobody made have an identity too. */
  readonly #ids = new Map<string, string>();

  constructor(machine: Machine, chance: Chance) {
    this.#machine = machine;
    this.#chance = chance;
  }

  /** By name, as Docker lists them. */
  list(): NetworkRow[] {
    const groups = groupsOf(this.#machine.comware).map((name) => this.#row(name, 'bridge', name));
    const made = this.#made.map(
      ({ name, id, group, range, created }) => ({ name, id, driver: 'bridge', group, range, created }) as const,
    );
    const rows = [...groups, ...made, this.#row('host', 'host', undefined), this.#row('none', 'null', undefined)];
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By name or by the beginning of the identity; interface names in any case, and `bridge` for the only one. */
  find(name: string): NetworkRow | undefined {
    const rows = this.list();
    const exact = rows.find((row) => row.name === name);
    if (exact !== undefined) return exact;
    const group = groupInterface(this.#machine.comware, name)?.name.long ?? this.#default(name);
    const byGroup = rows.find((row) => row.name === group);
    if (byGroup !== undefined) return byGroup;
    const byId = /^[0-9a-f]+$/.test(name) ? rows.filter((row) => row.id.startsWith(name)) : [];
    return byId.length === 1 ? byId[0] : undefined;
  }

  /** Where `--network NAME` takes addresses from, and which group it is on; the sentence of a refusal. */
  pool(name: string): (Pool & { readonly group: string }) | { readonly refused: string } {
    const { comware } = this.#machine;
    if (isDefault(name)) {
      const chosen = defaultNetwork(comware);
      if ('refused' in chosen) return chosen;
    }
    const row = this.find(name);
    if (row?.group === undefined) return { refused: `network ${name} not found` };
    const gateway = groupInterface(comware, row.group)?.address;
    // A network over a group that is gone stays in the list, and cannot be used.
    if (gateway === undefined) return { refused: `${row.name} has no address to take a subnet from` };
    const prefix = prefixOf(gateway.address, gateway.length);
    return { network: row.name, group: row.group, gateway, prefix, range: row.range ?? prefix };
  }

  /** Networks that share a TPA bridge share its addresses. */
  shareBridge(one: string, other: string): boolean {
    const group = this.find(one)?.group;
    return group !== undefined && group === this.find(other)?.group;
  }

  /** What the names of networks mean stays the same as long as this does. */
  get arrangement(): string {
    return [...groupsOf(this.#machine.comware), ...this.#made.map(({ id }) => id)].join(' ');
  }

  create(request: NetworkRequest): { readonly id: string } | { readonly refused: string } {
    const { name, range } = request;
    const refused = this.#createFault(request);
    if (refused !== undefined) return { refused };
    const group = this.#parentOf(request);
    if (typeof group !== 'string') return group;
    const id = hexId(this.#chance);
    this.#made.push({ name, id, group, range, created: this.#machine.comware.clock.now });
    return { id };
  }

  remove(name: string, containers: readonly Container[]): string | undefined {
    const row = this.find(name);
    if (row === undefined) return `network ${name} not found`;
    const made = this.#made.find((one) => one.id === row.id);
    if (made === undefined) return `${row.name} is a pre-defined network and cannot be removed`;
    if (containers.some((container) => container.network === row.name)) {
      return `error while removing network: network ${row.name} id ${row.id} has active endpoints`;
    }
    this.#made.splice(this.#made.indexOf(made), 1);
    return undefined;
  }

  #createFault({ name, range, subnet }: NetworkRequest): string | undefined {
    if (this.list().some((row) => row.name === name)) return `network with name ${name} already exists`;
    const isReserved = isDefault(name) || BUILT_IN.some((one) => one === name) || name.startsWith('container:');
    if (isReserved || this.find(name) !== undefined) return `operation is not permitted on predefined ${name} network`;
    if (range === undefined || subnet === undefined || contains(subnet, range.network)) return undefined;
    return `no matching subnet for range ${formatPrefix(range)}`;
  }

  /** The group that a new network is made over. */
  #parentOf({ parent, subnet, gateway, range }: NetworkRequest): string | { readonly refused: string } {
    const { comware } = this.#machine;
    const subnetOf = (name: string): Prefix | undefined => groupInterface(comware, name)?.prefix;
    const bySubnet = groupsOf(comware).find((name) => samePrefix(subnetOf(name), subnet));
    const chosen = parent ?? bySubnet;
    const only = defaultNetwork(comware);
    if (chosen === undefined && 'refused' in only) return { refused: withParentHint(only.refused) };
    const one = groupInterface(comware, chosen ?? ('name' in only ? only.name : ''));
    if (one === undefined) return { refused: `${chosen} is no Virtual-Eth-Group of this device` };
    const { prefix, address } = one;
    const group = one.name.long;
    if (subnet !== undefined && !samePrefix(prefix, subnet)) {
      const has = prefix === undefined ? 'no address' : formatPrefix(prefix);
      return { refused: `${formatPrefix(subnet)} is not the subnet of ${group}, which has ${has}` };
    }
    if (gateway !== undefined && gateway !== address?.address) {
      return { refused: `the gateway of a network over ${group} is the address of ${group}` };
    }
    if (range !== undefined && (prefix === undefined || !contains(prefix, range.network))) {
      return { refused: `no matching subnet for range ${formatPrefix(range)}` };
    }
    return group;
  }

  #default(name: string): string | undefined {
    if (!isDefault(name)) return undefined;
    const chosen = defaultNetwork(this.#machine.comware);
    return 'name' in chosen ? chosen.name : undefined;
  }

  #row(name: string, driver: NetworkRow['driver'], group: string | undefined): NetworkRow {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = hexId(this.#chance.fork(name));
      this.#ids.set(name, id);
    }
    return { name, id, driver, group, range: undefined, created: ZERO };
  }
}

function withParentHint(sentence: string): string {
  return sentence.replace('--network must be given', 'a parent must be given with -o parent=INTERFACE');
}

function isDefault(name: string): boolean {
  return name === 'bridge' || name === 'default';
}

function samePrefix(a: Prefix | undefined, b: Prefix | undefined): boolean {
  return a !== undefined && b !== undefined && a.network === b.network && a.length === b.length;
}
