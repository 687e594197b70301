import { assert, bug, must } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import type { Backlog } from '../link/backlog.ts';
import type { NetDevice, PacketReceiver } from '../link/device.ts';
import type { Fate } from '../packet/fate.ts';
import type { Ledger } from '../packet/ledger.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place } from '../packet/place.ts';
import { IpIdentification } from '../transport/ip-identification.ts';
import type { Reassembler } from '../transport/ip-reassembly.ts';
import type { PacketDoor } from '../transport/packet-socket.ts';
import type { PingTable } from '../transport/ping.ts';
import type { SocketOwner } from '../transport/socket.ts';
import type { TcpTable } from '../transport/tcp/table.ts';
import type { UdpTable } from '../transport/udp.ts';
import { contains, type Ipv4 } from '../wire/address.ts';
import { AddressTable, type InterfaceAddressEntry } from './address-table.ts';
import { Counters } from './counters.ts';
import { DeviceTable } from './device-table.ts';
import { ConntrackTable } from './forwarding/conntrack/conntrack-table.ts';
import { FibMemo } from './forwarding/fib-memo.ts';
import { defaultRules, type FibRule } from './forwarding/fib-rules.ts';
import { FibTable, TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from './forwarding/fib-table.ts';
import { NatState } from './forwarding/nat/nat-state.ts';
import type { NeighbourTable } from './forwarding/neighbour-table.ts';
import { HookTable } from './forwarding/netfilter.ts';
import type { PathMtuTable } from './forwarding/path-mtu.ts';
import type { ProxyNeighbours } from './forwarding/proxy-neighbours.ts';
import type { Table } from './forwarding/xtables/table.ts';
import { InetPeers } from './inet-peers.ts';
import type { IcmpRateLimit } from './stack/icmp-rate-limit.ts';
import { Sysctls } from './sysctl.ts';

/** Handler of an EtherType (struct packet_type). */
export type EtherTypeHandler = (net: Net, packet: Packet, device: NetDevice) => Fate;

/** Handler of an IP protocol (struct net_protocol), and what it does with an ICMP error about one of its packets. */
export interface ProtocolHandler {
  readonly handler: (net: Net, packet: Packet) => Fate;
  /** Gives the owner of the socket the error went to, undefined when there is none. */
  readonly errorHandler: (net: Net, packet: Packet) => SocketOwner | undefined;
}

/** Parts built by code that itself needs the namespace; set once, when it is built. */
export interface NetParts {
  readonly etherTypes: ReadonlyMap<number, EtherTypeHandler>;
  readonly protocols: ReadonlyMap<number, ProtocolHandler>;
  readonly neighbours: NeighbourTable;
  readonly proxies: ProxyNeighbours;
  readonly pathMtu: PathMtuTable;
  readonly reassembler: Reassembler;
  readonly icmpRateLimit: IcmpRateLimit;
  readonly tcp: TcpTable;
  readonly udp: UdpTable;
  readonly ping: PingTable;
  readonly packet: PacketDoor;
  /** Sends an ICMP error about `packet` (icmp_send); lower layers call it without importing the stack above them. */
  readonly icmpSend: (packet: Packet, type: number, code: number, info: number) => void;
  readonly receive: (packet: Packet, device: NetDevice) => Fate;
  /** Broadcasts on their way back to their own sender (dev_loopback_xmit). */
  readonly looped: Backlog;
}

/** What a namespace gets from the world. */
export interface NetEnvironment {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ledger: Ledger;
}

/**
 * One Linux network namespace (struct net): owns its devices, addresses, routes, rules, neighbours, hooks, sockets,
 * settings and counters. Nothing of it lives outside. It is state only: what happens to packets stands in forwarding/
 * and stack/, what changes the state in control.ts.
 */
export class Net implements PacketReceiver {
  readonly place: Place;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ledger: Ledger;
  readonly deviceTable = new DeviceTable();
  readonly addressTable = new AddressTable();
  readonly localTable = new FibTable(TABLE_LOCAL);
  readonly mainTable = new FibTable(TABLE_MAIN);
  readonly defaultTable = new FibTable(TABLE_DEFAULT);
  readonly tables = new Map<number, FibTable>();
  readonly fibMemo = new FibMemo();
  rules: FibRule[] = defaultRules();
  /** Set by the first rule ever added and never cleared: local and main are one trie until then (fib_unmerge). */
  hasCustomRules = false;
  /** A local route beyond those the addresses made was added (netns_ipv4.fib_has_custom_local_routes). */
  hasCustomLocalRoutes = false;
  readonly hooks = new HookTable();
  readonly sysctls = new Sysctls();
  readonly peers: InetPeers;
  readonly conntrack: ConntrackTable;
  readonly nat: NatState;
  /** Tables of iptables in use, newest first. */
  readonly xtables: Table[] = [];
  readonly counters = new Counters();
  readonly identification: IpIdentification;
  /** The kernel's ICMP socket is sending: a hook that wants another message sent meanwhile gets none. */
  sendsIcmp = false;
  /** br_netfilter was switched on once: it hangs in the hooks of the bridges, and asks its settings there. */
  filtersBridges = false;
  /** The namespace is gone: nothing runs in it any more. */
  dead = false;
  #parts: NetParts | undefined;
  #nextIfindex = 1;

  constructor(place: Place, environment: NetEnvironment) {
    this.place = place;
    this.clock = environment.clock;
    this.chance = environment.chance;
    this.ledger = environment.ledger;
    this.peers = new InetPeers(this.clock, this.sysctls.global);
    this.conntrack = new ConntrackTable(this.clock, this.sysctls.conntrack);
    this.nat = new NatState(this.chance.fork('nat'));
    this.identification = new IpIdentification(this.clock, this.chance.fork('ip-id'));
    for (const table of [this.localTable, this.mainTable, this.defaultTable]) this.tables.set(table.id, table);
  }

  get parts(): NetParts {
    return this.#parts ?? bug('the namespace is not built yet');
  }

  assemble(parts: NetParts): void {
    assert(this.#parts === undefined, 'a namespace is built once');
    this.#parts = parts;
  }

  receive(packet: Packet, device: NetDevice): Fate {
    return this.parts.receive(packet, device);
  }

  takeIfindex(): number {
    return this.#nextIfindex++;
  }

  /** In the order in which they were registered. */
  get devices(): readonly NetDevice[] {
    return this.deviceTable.list;
  }

  device(name: string): NetDevice | undefined {
    return this.deviceTable.named(name);
  }

  deviceAt(ifindex: number): NetDevice | undefined {
    return this.deviceTable.at(ifindex);
  }

  get addresses(): readonly InterfaceAddressEntry[] {
    return this.addressTable.list;
  }

  /** Name of an interface index, for rules. */
  readonly nameOf = (ifindex: number): string | undefined => this.deviceAt(ifindex)?.name;

  get loopback(): NetDevice {
    return must(this.device('lo'), 'every namespace has lo');
  }

  table(id: number): FibTable {
    let table = this.tables.get(id);
    if (table === undefined) {
      table = new FibTable(id);
      this.tables.set(id, table);
    }
    return table;
  }

  addressesOf(device: NetDevice): readonly InterfaceAddressEntry[] {
    return this.addressTable.of(device);
  }

  /** Some interface has this address (inet_lookup_ifaddr_rcu). */
  hasAddress(address: Ipv4): boolean {
    return this.addressTable.has(address);
  }

  /** `a` and `b` lie in one subnet of the device; 0 for `b` asks for `a` alone (inet_addr_onlink). */
  isOnLink(device: NetDevice, a: Ipv4, b: Ipv4): boolean {
    return this.addressesOf(device).some(
      (entry) => !entry.secondary && contains(entry.prefix, a) && (b === 0 || contains(entry.prefix, b)),
    );
  }

  /** Packets that the namespace's own queues hold. */
  get held(): number {
    const devices = this.devices.reduce((sum, device) => sum + device.held, 0);
    return devices + this.parts.neighbours.held + this.parts.reassembler.held + this.parts.looped.length;
  }
}
