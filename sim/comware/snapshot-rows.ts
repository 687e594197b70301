import type { NatSnapshot } from './nat-snapshot-rows.ts';

/** One row of `display ip routing-table`. */
export interface ComwareRouteRow {
  /** `1.1.1.0/24`. */
  readonly destination: string;
  readonly protocol: 'Direct' | 'Static';
  readonly preference: number;
  readonly cost: number;
  readonly nextHop: string;
  /** Short form, as the table prints it: `GE1/0/1`, `InLoop0`, `VEth-Group0`. */
  readonly interface: string;
  /** Long form: `GigabitEthernet1/0/1`, `InLoopBack0`. */
  readonly interfaceName: string;
  /** The neighbour that a static route leads to in the end; the next hop itself for others. */
  readonly realNextHop: string;
  /** What is sent there is thrown away, or is for everyone in the subnet. */
  readonly discards: boolean;
  /** Whole seconds since it leads there. */
  readonly age: number;
}

/** One row of `display arp`. */
export interface ComwareArpRow {
  readonly address: string;
  /** `0200-0000-0001`, `` while incomplete. */
  readonly mac: string;
  /** `N/A` on a routed port. */
  readonly vlan: string;
  readonly interface: string;
  /** Seconds left, `--` for a static entry. */
  readonly aging: string;
  readonly type: 'D' | 'S' | 'I';
}

/** One row of `display ip interface brief`. */
export interface ComwareInterfaceRow {
  /** Long form: `GigabitEthernet1/0/1`. */
  readonly name: string;
  /** Short form: `GE1/0/1`. */
  readonly shortName: string;
  readonly physical: 'up' | 'down' | '*down';
  readonly protocol: 'up' | 'down' | 'up(s)';
  /** `1.1.1.200/24`, `` for none. */
  readonly address: string;
  readonly mac: string;
  readonly mtu: number;
  /** '' for the default one. */
  readonly description: string;
  /** The kernel's device of this interface, `` for none. */
  readonly kernelDevice: string;
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

/** One listener or socket of Comware's applications; `stack` says which stack has it. */
export interface ComwareSocketRow {
  readonly protocol: 'udp' | 'icmp' | 'tcp';
  readonly local: string;
  readonly port: number;
  readonly peer: string;
  readonly peerPort: number;
  readonly application: string;
  readonly stack: 'comware' | 'kernel';
  /** Of a TCP socket, as `display tcp` calls it: `LISTEN`, `ESTABLISHED`, `FIN_WAIT_1`, ...; absent for others. */
  readonly state?: string;
}

/** A conversation whose near end is not Comware's own stack: what answers it goes back there. */
export interface ComwareSessionRow {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** The kernel's stack of Comware's namespace, or the host. */
  readonly owner: 'kernel' | 'host';
  /** As `display nat session verbose` calls it. */
  readonly state: string;
  readonly local: string;
  /** Port, or ICMP identifier. */
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Seconds until it is forgotten. */
  readonly ttl: number;
}

/** The whole state of a Comware container's own stack and forwarding at one moment. */
export interface ComwareSnapshot {
  readonly title: string;
  readonly sysname: string;
  readonly interfaces: readonly ComwareInterfaceRow[];
  readonly routes: readonly ComwareRouteRow[];
  readonly arp: readonly ComwareArpRow[];
  readonly sockets: readonly ComwareSocketRow[];
  readonly sessions: readonly ComwareSessionRow[];
  readonly nat: NatSnapshot;
  readonly counters: Readonly<Record<string, number>>;
  /** `GE1/0/1 <-> eth2` and the like, kernel devices in the order of their names. */
  readonly kernelMap: readonly { readonly interface: string; readonly device: string }[];
  /** Source of what the kernel's stack sends off-link: `LoopBack0 (default)`, `GE1/0/1 (configured)`, `none`. */
  readonly tpaSource: string;
  /** Lines of `display current-configuration`. */
  readonly configuration: readonly string[];
  /** Configuration of the kernel that the whitepaper does not state, each as the command that makes it. */
  readonly assumptions: readonly string[];
}
