import type { Errno } from '../../core/errno.ts';
import { devQueueXmit, type NetDevice } from '../../link/device.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { arpFrame } from '../../transport/arp-frame.ts';
import type { ArpArrival, PacketDoor, PacketSocket } from '../../transport/packet-socket.ts';
import type { SocketOwner } from '../../transport/socket.ts';
import type { Ipv4 } from '../../wire/address.ts';
import { ARP_LENGTH, type ArpFields, ArpPacket } from '../../wire/arp.ts';
import { ETHERTYPE_ARP } from '../../wire/ethernet.ts';
import type { Mac } from '../../wire/mac.ts';
import { addressType } from '../forwarding/fib-lookup.ts';
import { SCOPE_LINK } from '../forwarding/fib-table.ts';
import { ipRouteOutput } from '../forwarding/route-output.ts';
import type { Net } from '../net.ts';

const SEND: Site = { component: 'Inet stack', function: 'packet_sendmsg' };

/** A packet socket bound to a device and to ARP. */
class ArpSocket implements PacketSocket {
  onArp: ((arrival: ArpArrival) => void) | undefined;
  readonly device: NetDevice;
  readonly #net: Net;
  readonly #owner: SocketOwner;
  readonly #sockets: Set<ArpSocket>;

  constructor(net: Net, owner: SocketOwner, device: NetDevice, sockets: Set<ArpSocket>) {
    this.#net = net;
    this.#owner = owner;
    this.device = device;
    this.#sockets = sockets;
    sockets.add(this);
  }

  get mac(): Mac {
    return this.device.mac;
  }

  /** Models net/packet/af_packet.c packet_snd(). */
  send(to: Mac, fields: ArpFields): { readonly packet: number } | { readonly errno: Errno } {
    if (!this.device.up) return { errno: 'ENETDOWN' };
    const packet = arpFrame(this.#net.ledger, to, fields, 0);
    const { name, place } = this.#owner;
    const step = { kind: 'originate', by: name, origin: 'program', program: place } as const;
    packet.ledger.recorder?.step(packet, this.#net.place, SEND, step);
    devQueueXmit(packet, this.device);
    return { packet: packet.number };
  }

  close(): void {
    this.#sockets.delete(this);
    this.onArp = undefined;
  }
}

/** The packet sockets of a namespace. Not modelled: those for other protocols than ARP. */
export class PacketSockets implements PacketDoor {
  readonly #net: Net;
  readonly #sockets = new Set<ArpSocket>();

  constructor(net: Net) {
    this.#net = net;
  }

  open(owner: SocketOwner, name: string): PacketSocket | { readonly errno: Errno; readonly why: string } {
    const device = this.#net.device(name);
    if (device === undefined) return { errno: 'ENODEV', why: `Device ${name} not available.` };
    if (!device.up) return { errno: 'ENETDOWN', why: `Interface "${name}" is down` };
    if (device.noArp || device.isLoopback) return { errno: 'ENODEV', why: `Interface "${name}" is not ARPable` };
    return new ArpSocket(this.#net, owner, device, this.#sockets);
  }

  /** Models bind() and connect() of a UDP socket with SO_BINDTODEVICE and SO_DONTROUTE, as iputils asks for its address. */
  sourceFor(name: string, target: Ipv4, wanted: Ipv4): Ipv4 | { readonly errno: Errno; readonly call: string } {
    const net = this.#net;
    if (wanted !== 0) {
      return addressType(net, wanted) === 'local' ? wanted : { errno: 'EADDRNOTAVAIL', call: 'bind' };
    }
    const route = ipRouteOutput(net, {
      ...{ destination: target, source: 0, device: name, tos: 0, mark: 0, protocol: 0, scope: SCOPE_LINK },
      ...{ sourcePort: 0, destinationPort: 0 },
    });
    if ('errno' in route) return { errno: route.errno, call: 'connect' };
    if (route.rtable.type === 'broadcast') return { errno: 'EACCES', call: 'connect' };
    return route.rtable.source;
  }

  /**
   * Copies an arriving packet for the sockets of its device; `packet.head` is at the network header. They get it after
   * the protocol itself has seen it, as packet_rcv() does.
   */
  hear(packet: Packet, device: NetDevice): void {
    if (this.#sockets.size === 0 || packet.protocol !== ETHERTYPE_ARP || packet.length < ARP_LENGTH) return;
    for (const socket of this.#sockets) {
      if (socket.device !== device) continue;
      const arp = new ArpPacket(packet.bytes.slice(packet.head, packet.head + ARP_LENGTH), 0);
      const arrival: ArpArrival = { to: packet.packetType, arp, packet: packet.number };
      this.#net.clock.atOnce((arrived) => socket.onArp?.(arrived), arrival);
    }
  }
}
