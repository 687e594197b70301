import type { Chance } from '../../../core/chance.ts';
import type { NetDevice } from '../../../link/device.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Connection } from '../conntrack/connection.ts';
import type { Tuple } from '../conntrack/tuple.ts';
import type { Verdict } from '../netfilter.ts';

/** The hooks that translate: destinations at the first two, sources at the other two. */
export type NatHook = 'PREROUTING' | 'OUTPUT' | 'INPUT' | 'POSTROUTING';

/**
 * Asked for the first packet of a connection (the chains of the nat table): it may set a translation up by natSetup(),
 * and accepts, or it drops the packet.
 */
export type NatLookup = (packet: Packet, input: NetDevice | undefined, output: NetDevice | undefined) => Verdict;

/** What translation knows of a namespace beyond its connections (struct nat_net). */
export class NatState {
  readonly chance: Chance;
  readonly lookups: { readonly [hook in NatHook]: NatLookup[] } = {
    PREROUTING: [],
    OUTPUT: [],
    INPUT: [],
    POSTROUTING: [],
  };
  /** The hooks that translate are registered. */
  enabled = false;
  /** Connections by the address and port they come from (nf_nat_bysource). */
  readonly #bySource = new Map<number, Connection[]>();

  constructor(chance: Chance) {
    this.chance = chance;
  }

  /** Notes a connection that has a binding. */
  enter(connection: Connection): void {
    if (!connection.sourceNatDone) return;
    const key = sourceHash(connection.original.tuple);
    const others = this.#bySource.get(key);
    if (others === undefined) this.#bySource.set(key, [connection]);
    else others.push(connection);
  }

  forget(connection: Connection): void {
    if (!connection.sourceNatDone) return;
    const key = sourceHash(connection.original.tuple);
    const others = this.#bySource.get(key);
    const index = others?.indexOf(connection) ?? -1;
    if (others === undefined || index < 0) return;
    others.splice(index, 1);
    if (others.length === 0) this.#bySource.delete(key);
  }

  /** Connections that come from the same address and port as `tuple`, newest first. */
  *fromSameSource(tuple: Tuple): Iterable<Connection> {
    const others = this.#bySource.get(sourceHash(tuple)) ?? [];
    for (let index = others.length - 1; index >= 0; index--) {
      const connection = others[index] as Connection;
      const { original } = connection;
      const isSame =
        original.tuple.source === tuple.source &&
        original.tuple.sourceKey === tuple.sourceKey &&
        original.tuple.protocol === tuple.protocol;
      if (isSame) yield connection;
    }
  }
}

function sourceHash(tuple: Tuple): number {
  const hash = Math.imul(tuple.source ^ (tuple.protocol << 16) ^ tuple.sourceKey, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
