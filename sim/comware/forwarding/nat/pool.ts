import type { Ipv4 } from '../../../wire/address.ts';
import type { PortRange } from '../acl.ts';
import type { FlowKey } from '../flow.ts';
import { type FlowEntry, FlowTable } from '../flow-table.ts';
import type { AddressRange, NatOutbound } from './rules.ts';
import type { NatSessions } from './session.ts';

/**
 * Ports of one global address towards one remote end: below `low` all are taken. Only that remote end tells them apart
 * from others, so every remote end has all the ports (address and port-dependent mapping).
 */
interface PortBlock extends FlowEntry {
  low: number;
  /** How many are given out. */
  count: number;
  /** Rules may have changed since `low` was found. */
  rules: number;
}

/** A local address that has a global one to itself (no-pat). */
export interface NoPatMapping {
  readonly rule: NatOutbound;
  readonly local: Ipv4;
  readonly global: Ipv4;
  /** Sessions that use it; it is given back with the last. */
  sessions: number;
}

/** What a translated source needs: the flow it goes to, and what it wants. */
export interface PortRequest {
  readonly kind: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
  readonly ports: PortRange;
  /** Taken if it is free, wherever it lies; -1 for none. */
  readonly wanted: number;
  /** Ports that servers of the interface have. */
  isReserved(address: Ipv4, port: number): boolean;
}

/** Gives out the addresses and ports of address groups. What is taken is what sessions use. */
export class NatPool {
  readonly #sessions: () => NatSessions;
  readonly #blocks = new FlowTable<PortBlock>();
  readonly #noPat: NoPatMapping[] = [];
  #rules = 0;

  constructor(sessions: () => NatSessions) {
    this.#sessions = sessions;
  }

  get mappings(): readonly NoPatMapping[] {
    return this.#noPat;
  }

  /** The first address of the ranges with a free port, and that port, the lowest. Undefined when there is none. */
  takePort(
    ranges: readonly AddressRange[],
    request: PortRequest,
  ): { readonly address: Ipv4; readonly port: number } | undefined {
    for (const range of ranges) {
      for (let address = range.first; address <= range.last; address++) {
        const port = this.#takePortOf(address, request);
        if (port !== undefined) return { address, port };
      }
    }
    return undefined;
  }

  /** The flow is nobody's any more: its port can be given out. `isFromPool`: it was given out before. */
  release(flow: FlowKey, isFromPool: boolean): void {
    const block = this.#blocks.find(flow.kind, flow.source, flow.sourcePort, flow.destination, 0);
    if (block === undefined) return;
    block.low = Math.min(block.low, flow.destinationPort);
    if (isFromPool) block.count--;
    if (block.count === 0) this.#blocks.remove(block);
  }

  /** Rules changed: ports may have become free that were a server's. */
  lookAgain(): void {
    this.#rules++;
  }

  /** The global address that `local` has, or the first of the ranges that nobody has. */
  takeAddress(rule: NatOutbound, ranges: readonly AddressRange[], local: Ipv4): NoPatMapping | undefined {
    const present = this.#noPat.find((mapping) => mapping.rule.group === rule.group && mapping.local === local);
    if (present !== undefined) return present;
    for (const range of ranges) {
      for (let global = range.first; global <= range.last; global++) {
        if (this.#noPat.some((mapping) => mapping.global === global)) continue;
        const mapping: NoPatMapping = { rule, local, global, sessions: 0 };
        this.#noPat.push(mapping);
        return mapping;
      }
    }
    return undefined;
  }

  /** A session that used a no-pat address is over, or never began. */
  releaseAddress(mapping: NoPatMapping): void {
    mapping.sessions--;
    if (mapping.sessions <= 0) this.#noPat.splice(this.#noPat.indexOf(mapping), 1);
  }

  #takePortOf(address: Ipv4, request: PortRequest): number | undefined {
    const { kind, remote, remotePort, ports, wanted } = request;
    const isFree = (port: number): boolean =>
      this.#sessions().isFree(kind, remote, remotePort, address, port) && !request.isReserved(address, port);
    const block = this.#blocks.find(kind, remote, remotePort, address, 0) ?? {
      kind,
      source: remote,
      sourcePort: remotePort,
      destination: address,
      destinationPort: 0,
      low: ports.first,
      count: 0,
      rules: this.#rules,
      next: undefined,
    };
    if (block.rules !== this.#rules) {
      block.low = ports.first;
      block.rules = this.#rules;
    }
    let port = wanted;
    if (wanted < 0 || !isFree(wanted)) {
      port = Math.max(block.low, ports.first);
      while (port <= ports.last && !isFree(port)) port++;
      if (port > ports.last) return undefined;
      block.low = port + 1;
    }
    if (block.count === 0) this.#blocks.add(block);
    block.count++;
    return port;
  }
}
