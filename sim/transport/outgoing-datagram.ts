import type { Place } from '../packet/place.ts';
import type { Ipv4 } from '../wire/address.ts';
import { PROTOCOL_UDP } from '../wire/ipv4.ts';
import { putUdp, UDP_LENGTH } from '../wire/udp.ts';
import type { PathMtuDiscovery, SendRequest, SocketOptions, SocketOwner } from './socket.ts';

/**
 * A UDP datagram under construction, as the IP layer is asked to send it. A socket has one and fills it anew for each
 * datagram: sending ends before the next begins.
 */
export class OutgoingDatagram implements SendRequest {
  readonly protocol = PROTOCOL_UDP;
  source: Ipv4 = 0;
  destination: Ipv4 = 0;
  sourcePort = 0;
  destinationPort = 0;
  readonly ttl: number;
  readonly tos: number;
  readonly pathMtu: PathMtuDiscovery;
  readonly device: string;
  length = UDP_LENGTH;
  readonly by: string;
  readonly program: Place;
  cause = 0;
  readonly confirm = false;
  readonly mayBroadcast: boolean | undefined;
  #payload: Uint8Array = new Uint8Array(0);

  constructor(owner: SocketOwner, { ttl = 0, tos = 0, pathMtu = 'want', device = '', broadcast }: SocketOptions) {
    this.ttl = ttl;
    this.tos = tos;
    this.pathMtu = pathMtu;
    this.device = device;
    this.by = owner.name;
    this.program = owner.place;
    this.mayBroadcast = broadcast;
  }

  /** What it carries; copied when it is written. */
  carry(payload: Uint8Array): void {
    this.#payload = payload;
    this.length = UDP_LENGTH + payload.length;
  }

  readonly write = (bytes: Uint8Array, offset: number, source: Ipv4, destination: Ipv4): void => {
    const { sourcePort, destinationPort, length } = this;
    bytes.set(this.#payload, offset + UDP_LENGTH);
    putUdp(bytes, offset, { sourcePort, destinationPort, length, source, destination });
  };
}
