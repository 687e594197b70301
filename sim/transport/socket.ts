import type { Errno } from '../core/errno.ts';
import type { Place } from '../packet/place.ts';
import type { Ipv4 } from '../wire/address.ts';

/** The program that owns a socket. A container that shares a namespace has a place of its own, its sockets have not. */
export interface SocketOwner {
  readonly name: string;
  /** Where it runs. */
  readonly place: Place;
}

/** Path MTU discovery of a socket (IP_PMTUDISC_WANT, _DO, _DONT): whether DF is set, and whether it may be undone. */
export type PathMtuDiscovery = 'want' | 'do' | 'dont';

/** What a socket asks of the IP layer below it. */
export interface SendRequest {
  readonly protocol: number;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** For policy rules; 0 where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0 for the stack's default. */
  readonly ttl: number;
  readonly tos: number;
  readonly pathMtu: PathMtuDiscovery;
  /** Name of the only interface it may leave by (SO_BINDTODEVICE), '' for any. */
  readonly device: string;
  /** Bytes of transport header and data. */
  readonly length: number;
  /**
   * Where it is several TCP segments in one, to be cut as they leave: bytes of the largest, transport header included.
   * Undefined for one packet.
   */
  readonly segmentLength?: number | undefined;
  /**
   * Writes them at `offset`, with a checksum that holds for the addresses that were chosen; where it is several TCP segments,
   * without one.
   */
  readonly write: (bytes: Uint8Array, offset: number, source: Ipv4, destination: Ipv4) => void;
  /** For traces: who sends. */
  readonly by: string;
  /** Where the program runs that sends; undefined when the stack itself does. */
  readonly program: Place | undefined;
  /** Number of the packet this one answers, 0 if none. */
  readonly cause: number;
  /** The sender knows that the peer answers: the neighbour entry counts as confirmed (dst_confirm). */
  readonly confirm: boolean;
  /** An answer without a connection, by a socket of the kernel's own (ip_send_unicast_reply). */
  readonly isUnicastReply?: boolean;
  /** False: not to a broadcast address. */
  readonly mayBroadcast?: boolean | undefined;
  /** Value of the IP identification field; undefined lets the stack's generator choose. */
  readonly identification?: number | undefined;
}

/** Sent, or refused at once: then no packet exists. `mtu` goes with EMSGSIZE. */
export type SendResult =
  | { readonly packet: number; readonly source: Ipv4 }
  /** `died`: the packet that it came to, where there was one before it was refused. */
  | { readonly errno: Errno; readonly mtu: number; readonly died?: number };

/** What policy rules may ask of a connection before it has a source. */
export interface ConnectSelectors {
  readonly protocol: number;
  /** 0 where none is chosen yet. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tos: number;
  /** SO_BROADCAST; of TCP never. */
  readonly mayBroadcast?: boolean;
}

/** An IP stack as its sockets see it. */
export interface IpSender {
  send(request: SendRequest): SendResult;
  /** The source address of a connection that is to be, without sending; or why it cannot be. */
  sourceFor(destination: Ipv4, device: string, selectors?: ConnectSelectors): Ipv4 | Errno;
  /** Why nothing can go from `source` to `destination`; undefined where it can. */
  whyNotTo(
    destination: Ipv4,
    source: Ipv4,
    device: string,
    selectors: ConnectSelectors,
    purpose: 'connect' | 'answer',
  ): Errno | undefined;
  isLocalAddress(address: Ipv4): boolean;
}

/** One that also tells how large packets may be, for protocols that cut their data themselves. */
export interface SegmentSender extends IpSender {
  /** Bytes of the largest IP packet that reaches `destination` from `source` whole, as far as is known. */
  mtuFor(destination: Ipv4, source: Ipv4, device: string, selectors: ConnectSelectors): number;
  /** Whether a packet waits in the stack for its neighbour to be found (skb_still_in_host_queue). */
  holds(packet: number): boolean;
}

/** What a program gets. */
export interface Datagram {
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
  /** The address an answer comes from (ipi_spec_dst of IP_PKTINFO); 0 leaves it to the route, as after a broadcast. */
  readonly asked: Ipv4;
  readonly ttl: number;
  readonly tos: number;
  readonly payload: Uint8Array;
  /** Number of the packet that brought it. */
  readonly packet: number;
}

/** One that waits for its program. */
export interface QueuedDatagram extends Datagram {
  /** What it takes of the socket's memory meanwhile (skb->truesize). */
  readonly cost: number;
}

/** An ICMP error that came back for something the socket sent (the error queue of IP_RECVERR). */
export interface SocketError {
  readonly errno: Errno;
  readonly type: number;
  readonly code: number;
  /** Who sent the error. */
  readonly offender: Ipv4;
  /** Where the offending packet was going. */
  readonly destination: Ipv4;
  readonly destinationPort: number;
  /** Echo sequence number of the offending packet, 0 if it was no echo. */
  readonly sequence: number;
  /** With fragmentation needed. */
  readonly mtu: number;
  readonly packet: number;
}

export interface SocketOptions {
  readonly ttl?: number;
  readonly tos?: number;
  readonly pathMtu?: PathMtuDiscovery;
  readonly device?: string;
  /** It may send to broadcast addresses (SO_BROADCAST). */
  readonly broadcast?: boolean;
}
