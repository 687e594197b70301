import { assert, must } from '../core/assert.ts';
import type { Chance } from '../core/chance.ts';
import type { Clock } from '../core/events.ts';
import type { FibRule } from '../kernel/forwarding/fib-rules.ts';
import type { Net } from '../kernel/net.ts';
import type { NetDevice, PacketReceiver } from '../link/device.ts';
import type { PuntDevice } from '../link/punt.ts';
import type { Fate } from '../packet/fate.ts';
import type { Ledger } from '../packet/ledger.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place } from '../packet/place.ts';
import { IpIdentification } from '../transport/ip-identification.ts';
import type { Reassembler } from '../transport/ip-reassembly.ts';
import type { PingTable } from '../transport/ping.ts';
import { noTcpCounts } from '../transport/tcp/counters.ts';
import type { TcpTable } from '../transport/tcp/table.ts';
import type { UdpTable } from '../transport/udp.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ArpTable } from './forwarding/arp-table.ts';
import { Fib, type StaticRoute } from './forwarding/fib.ts';
import type { ComwareInterface } from './forwarding/interface.ts';
import { Nat } from './forwarding/nat/nat.ts';
import { SessionTable } from './stack/sessions.ts';

/** A rule of `tpa ip send-to-cpu`; what is undefined matches everything. */
export interface SendToCpu {
  /** Long name of the interface it is configured on, undefined in the system view. */
  readonly interface: string | undefined;
  readonly protocol: number;
  readonly destinationPort: number | undefined;
  readonly sourcePort: number | undefined;
  readonly destination: Ipv4 | undefined;
}

/** Settings of the system view, with their defaults. */
export interface ComwareSettings {
  /** `ip ttl-expires enable`. */
  ttlExpires: boolean;
  /** `ip unreachables enable`. */
  unreachables: boolean;
  /** `ip redirects enable`. */
  redirects: boolean;
  /** `ftp server enable`. */
  ftpServer: boolean;
  /** `tpa ip send-to-cpu`, in the order configured. */
  sendToCpu: readonly SendToCpu[];
  /** `tpa ip source interface`, undefined for the default. */
  tpaSource: string | undefined;
}

/** The leg into the Docker0 bridge, there from boot. */
export interface Docker0Leg {
  readonly device: NetDevice;
  /** Comware's address on it, and the host's. */
  readonly address: Ipv4;
  readonly host: Ipv4;
}

/** A port at which the host is reached from outside, at LoopBack0's address. */
export interface HostPort {
  readonly protocol: number;
  readonly port: number;
}

/** Parts built by code that itself needs Comware; set once. */
export interface ComwareParts {
  readonly arp: ArpTable;
  readonly reassembler: Reassembler;
  readonly tcp: TcpTable;
  readonly udp: UdpTable;
  readonly ping: PingTable;
  readonly vrfif0: PuntDevice;
  readonly receive: (packet: Packet, port: NetDevice) => Fate;
  /** A packet for one of Comware's own addresses goes up to its stack; `from` is the interface it came in by. */
  readonly toStack: (packet: Packet, from: ComwareInterface | undefined) => Fate;
  /** Sends a packet that Comware itself made, `head` at its IP header. */
  readonly send: (packet: Packet) => Fate;
  /** A packet for a container goes down to the kernel, which has the leg into the bridge. */
  readonly toKernel: (packet: Packet, why: string) => Fate;
  /** A setting changed that the kernel of the namespace follows. */
  readonly settingsChanged: () => void;
}

/** What Comware asks of the machine it runs on: the leg of a Virtual-Eth-Group into its TPA bridge. */
export interface ComwareHost {
  /** `interface Virtual-Eth-GroupN`: makes the TPA bridge. */
  createBridge(group: number): void;
  removeBridge(group: number): void;
  /** Makes a veth pair: one end is a port of the TPA bridge, the other is given back, not yet in a namespace. */
  createLeg(group: number, name: string): NetDevice;
  removeLeg(device: NetDevice): void;
  /** An interface of Comware got an address or lost it: the host's traffic is translated accordingly. */
  addressesChanged(comware: Comware): void;
  /** A device of Comware's own making came into its namespace, or left it, perhaps with packets under way. */
  deviceMade(device: NetDevice): void;
  deviceGone(device: NetDevice): void;
}

/**
 * The Comware container: its own stack and its own forwarding beside the kernel of its namespace (whitepaper 3.5).
 * State only; what happens to packets stands in stack/, forwarding/ and kernel-link/, what changes the state in
 * configuration.ts.
 */
export class Comware implements PacketReceiver {
  readonly place: Place;
  sysname: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ledger: Ledger;
  readonly net: Net;
  readonly host: ComwareHost;
  readonly interfaces: ComwareInterface[] = [];
  /** Configuration of the kernel that the whitepaper does not state, as the commands that make it. */
  readonly assumptions: string[] = [];
  readonly statics: StaticRoute[] = [];
  /** Told when `ftp server enable` is configured, or undone: the server is a program, and not part of Comware here. */
  onFtpServer: ((enabled: boolean) => void) | undefined;
  /** Ports of LoopBack0's address that were given to the host (whitepaper INC-09). */
  readonly hostPorts: HostPort[] = [];
  readonly fib: Fib;
  docker0: Docker0Leg | undefined;
  /** The rules for Comware's own listeners that the kernel was given, by what they say. */
  readonly downloaded = new Map<string, FibRule>();
  /** Source of the kernel's default route as it was last set, 0 for none. */
  defaultSource: Ipv4 = 0;
  readonly nat: Nat;
  /** What Comware sent to itself and has not received yet. */
  readonly inLoop: Packet[] = [];
  readonly sessions: SessionTable;
  readonly identification: IpIdentification;
  readonly settings: ComwareSettings = {
    ttlExpires: false,
    unreachables: false,
    redirects: false,
    ftpServer: false,
    sendToCpu: [],
    tpaSource: undefined,
  };
  /** Packets by what Comware did with them. */
  readonly counters = { received: 0, forwarded: 0, delivered: 0, toKernel: 0, fromKernel: 0, sent: 0 };
  readonly tcpCounters = noTcpCounts();
  #parts: ComwareParts | undefined;

  constructor(place: Place, sysname: string, net: Net, host: ComwareHost) {
    this.place = place;
    this.sysname = sysname;
    this.net = net;
    this.host = host;
    this.clock = net.clock;
    this.chance = net.chance.fork('comware');
    this.ledger = net.ledger;
    this.fib = new Fib(this.clock);
    this.sessions = new SessionTable(this.clock);
    this.nat = new Nat(this.clock, place, { find: (name) => this.interface(name) });
    this.identification = new IpIdentification(this.clock, this.chance.fork('ip-id'));
  }

  get parts(): ComwareParts {
    return must(this.#parts, 'Comware is not built yet');
  }

  assemble(parts: ComwareParts): void {
    assert(this.#parts === undefined, 'Comware is built once');
    this.#parts = parts;
  }

  receive(packet: Packet, device: NetDevice): Fate {
    return this.parts.receive(packet, device);
  }

  /** By short or long name. */
  interface(name: string): ComwareInterface | undefined {
    return this.interfaces.find((one) => one.name.short === name || one.name.long === name);
  }

  interfaceOfPort(port: NetDevice): ComwareInterface {
    return must(
      this.interfaces.find((one) => one.port === port),
      `${port.name} is no interface of ${this.sysname}`,
    );
  }

  /** The interface that has this address. */
  interfaceWith(address: Ipv4): ComwareInterface | undefined {
    return this.interfaces.find((one) => one.address?.address === address);
  }

  /** One of Comware's own addresses, broadcasts not counted. */
  isLocalAddress(address: Ipv4): boolean {
    return this.fib.lookup(address)?.kind === 'local';
  }

  get held(): number {
    const ports = this.interfaces.reduce((sum, one) => sum + (one.port?.held ?? 0), 0);
    return ports + this.inLoop.length + this.parts.arp.held + this.parts.reassembler.held + this.nat.held;
  }
}
