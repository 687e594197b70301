import { type SimTime, seconds } from '../core/time.ts';

/** In what one TCP differs from another. */
export interface TcpProfile {
  readonly congestion: 'cubic' | 'reno';
  readonly sack: boolean;
  readonly timestamps: boolean;
  /** Shift of the window field; undefined: the option is not offered. */
  readonly windowScale: number | undefined;
  /** Bytes of receive buffer of a new connection. */
  readonly receiveBuffer: number;
  /** What the stack needs to keep a segment counts, too: of the buffer data has as large a share as of its segments. */
  readonly countsOverhead: boolean;
  /** Receive space of a new connection, in bytes. */
  readonly initialWindow: number;
  /** The first window is a whole number of segments. */
  readonly windowInSegments: boolean;
  /** The receive space grows up to here when the program reads as fast as data comes. */
  readonly largestWindow: number;
  /** Several segments go through the stack as one packet, and are cut when they leave (GSO). */
  readonly segmentationOffload: boolean;
  /** DF is set and ICMP "fragmentation needed" lowers the segment size. */
  readonly pathMtuDiscovery: boolean;
  /** The identification is 0 where Linux has no socket to count for: SYN-ACK, RST, TIME-WAIT. */
  readonly zeroIdentification: boolean;
  /** Repetitions of a SYN at the first interval, and further ones with the interval doubled each time. */
  readonly synLinearRetries: number;
  readonly synRetries: number;
  readonly synAckRetries: number;
  /** How often data is sent again before the connection is given up, and once no program has it any more. */
  readonly retries: number;
  readonly orphanRetries: number;
  /** The last segment is sent once more before the retransmission timer runs out. */
  readonly tailProbe: boolean;
  /** A connection that was idle begins with a small window again. */
  readonly restartsAfterIdle: boolean;
  /** A connection attempt is given up at the latest after this. */
  readonly connectTimeout: SimTime;
  /** How long a closed socket waits for the peer's FIN. */
  readonly finTimeout: SimTime;
  readonly timeWait: SimTime;
  /** The most that a listener may ask for: connections that wait for the program, and as many half-open ones. */
  readonly largestBacklog: number;
  /** A listener with too many half-open connections answers with SYN cookies; `always` even with few. */
  readonly synCookies: 'never' | 'on overflow' | 'always';
  /** A connection that finds no room behind its listener is reset; else it may try again. */
  readonly resetsOnOverflow: boolean;
  /** Bytes as the kernel counts them that a connection may keep out of order or unread at the utmost. */
  readonly largestBuffer: number;
  /** Connections that no program has any more: one beyond is reset. */
  readonly mostOrphans: number;
  /** Records of closed connections: beyond, nothing is left of one. */
  readonly mostRecords: number;
}

/** In what one IP stack differs from another: numbers, not code. */
export interface StackProfile {
  readonly name: 'Linux' | 'Comware';
  /** TTL of what sockets send and of echo replies, unless the sender says otherwise. */
  readonly defaultTtl: number;
  /** Range of ports chosen for a socket that binds none, both ends included. */
  readonly ephemeralPorts: readonly [number, number];
  /** Bytes as the kernel counts them that a socket of datagrams holds until its program reads. */
  readonly receiveBuffer: number;
  readonly tcp: TcpProfile;
}

/**
 * tcp_syn_linear_timeouts, tcp_syn_retries, tcp_synack_retries, tcp_retries2, tcp_orphan_retries, tcp_fin_timeout, TCP_TIMEWAIT_LEN; scale 7 follows from
 * tcp_rmem[2]. The largest window is what bulk transfers are seen to reach, below the 3 MB that tcp_rmem[2] would allow.
 */
const LINUX_TCP: TcpProfile = {
  congestion: 'cubic',
  sack: true,
  timestamps: true,
  windowScale: 7,
  receiveBuffer: 131072,
  countsOverhead: true,
  initialWindow: 65535,
  windowInSegments: true,
  largestWindow: 0x100000,
  segmentationOffload: true,
  pathMtuDiscovery: true,
  zeroIdentification: true,
  synLinearRetries: 4,
  synRetries: 6,
  synAckRetries: 5,
  retries: 15,
  orphanRetries: 8,
  tailProbe: true,
  restartsAfterIdle: true,
  connectTimeout: seconds(600),
  finTimeout: seconds(60),
  timeWait: seconds(60),
  largestBacklog: 4096,
  synCookies: 'on overflow',
  resetsOnOverflow: false,
  largestBuffer: 6291456,
  mostOrphans: 131072,
  mostRecords: 131072,
};

/**
 * The vendor publishes the defaults of `tcp timer syn-timeout` (75 s) and `tcp timer fin-timeout` (675 s), and that
 * `tcp path-mtu-discovery` is off. The rest is an assumption: a window of 64 KB that is not scaled, MSS as the only
 * option, congestion control as RFC 5681 has it, bounds of a small device.
 */
const COMWARE_TCP: TcpProfile = {
  congestion: 'reno',
  sack: false,
  timestamps: false,
  windowScale: undefined,
  receiveBuffer: 65535,
  countsOverhead: false,
  initialWindow: 65535,
  windowInSegments: false,
  largestWindow: 65535,
  segmentationOffload: false,
  pathMtuDiscovery: false,
  zeroIdentification: false,
  synLinearRetries: 0,
  synRetries: 6,
  synAckRetries: 5,
  retries: 15,
  orphanRetries: 8,
  tailProbe: true,
  restartsAfterIdle: true,
  connectTimeout: seconds(75),
  finTimeout: seconds(675),
  timeWait: seconds(60),
  largestBacklog: 1024,
  synCookies: 'never',
  resetsOnOverflow: false,
  largestBuffer: 1048576,
  mostOrphans: 4096,
  mostRecords: 16384,
};

/** net.ipv4.ip_default_ttl, net.ipv4.ip_local_port_range. */
export const LINUX_PROFILE: StackProfile = {
  name: 'Linux',
  defaultTtl: 64,
  ephemeralPorts: [32768, 60999],
  receiveBuffer: 212992,
  tcp: LINUX_TCP,
};

/**
 * TTL 255 as Comware's ping and echo replies show. The port range is an assumption: disjoint from the kernel's, because
 * both stacks share addresses (whitepaper 3.5.1).
 */
export const COMWARE_PROFILE: StackProfile = {
  name: 'Comware',
  defaultTtl: 255,
  ephemeralPorts: [1024, 32767],
  receiveBuffer: 212992,
  tcp: COMWARE_TCP,
};
