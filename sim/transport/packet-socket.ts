import type { Errno } from '../core/errno.ts';
import type { Packet } from '../packet/packet.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ArpFields, ArpPacket } from '../wire/arp.ts';
import type { Mac } from '../wire/mac.ts';
import type { SocketOwner } from './socket.ts';

/** An ARP packet as a packet socket hands it to its program. */
export interface ArpArrival {
  /** To whom the frame was addressed (sll_pkttype). */
  readonly to: Packet['packetType'];
  readonly arp: ArpPacket;
  /** Number of the packet that brought it. */
  readonly packet: number;
}

/** A socket that sends and hears ARP on one device, past the stack (AF_PACKET, SOCK_DGRAM, ETH_P_ARP). */
export interface PacketSocket {
  /** MAC of the device. */
  readonly mac: Mac;
  onArp: ((arrival: ArpArrival) => void) | undefined;
  /** Sends a frame to `to`; the number of its packet. */
  send(to: Mac, fields: ArpFields): { readonly packet: number } | { readonly errno: Errno };
  close(): void;
}

/** How a program of a Linux namespace opens packet sockets. */
export interface PacketDoor {
  open(owner: SocketOwner, device: string): PacketSocket | { readonly errno: Errno; readonly why: string };
  /**
   * The address that a program which speaks for `device` uses towards `target`: `wanted`, which has to be one of the
   * namespace, or for 0 the one that a socket connected there without routers would have.
   */
  sourceFor(device: string, target: Ipv4, wanted: Ipv4): Ipv4 | { readonly errno: Errno; readonly call: string };
}
