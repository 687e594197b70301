import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { ETHERNET_LENGTH, EthernetHeader } from '../wire/ethernet.ts';
import { BROADCAST_MAC, isGroupMac, type Mac } from '../wire/mac.ts';

/** Who gets what a device receives: the namespace, or Comware's forwarding for its ports. */
export interface PacketReceiver {
  /** `packet.head` is at the network header and `packet.protocol` is set. */
  receive(packet: Packet, device: NetDevice): Fate;
}

/** What a bridge hangs into its ports in place of the namespace (rx_handler). */
export interface RxHandler {
  readonly bridge: NetDevice;
  handleFrame(packet: Packet, port: NetDevice): Fate;
}

/** Sees every frame of a device, as tcpdump would: outgoing ones before the driver, incoming ones before the stack. */
export interface CaptureTap {
  capture(device: NetDevice, packet: Packet, direction: 'in' | 'out'): void;
}

/** `ether` frames carry an Ethernet header, `none` ones begin with IP (ARPHRD_ETHER, ARPHRD_NONE). */
export type LinkType = 'ether' | 'loopback' | 'none';

/** What `ip -d link` calls info_kind, and `physical` for a port with a cable. */
export type DeviceKind = 'loopback' | 'physical' | 'veth' | 'bridge' | 'punt';

export interface DeviceOptions {
  readonly name: string;
  readonly mac: Mac;
  /** Largest IP packet, in bytes. */
  readonly mtu: number;
}

const XMIT: Site = { component: 'Interface', function: 'dev_queue_xmit' };
const RECEIVE: Site = { component: 'Interface', function: 'netif_receive_skb' };

/** A network device (struct net_device) of a namespace, or a port of Comware. */
export abstract class NetDevice {
  readonly name: string;
  readonly mac: Mac;
  mtu: number;
  /** Set by the namespace that registers it. */
  ifindex = 0;
  /** IFF_UP: administratively up. */
  up = false;
  abstract readonly kind: DeviceKind;
  abstract readonly linkType: LinkType;
  /** No address resolution on it (IFF_NOARP). */
  readonly noArp: boolean = false;
  place: Place | undefined;
  receiver: PacketReceiver | undefined;
  rxHandler: RxHandler | undefined;
  tap: CaptureTap | undefined;
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txBytes = 0;
  /** Called after the carrier changed; the namespace hangs itself in. */
  onCarrier: (() => void) | undefined;

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.mac = options.mac;
    this.mtu = options.mtu;
  }

  /** Whether the other side of the link is there (IFF_LOWER_UP). */
  abstract get carrier(): boolean;

  /** Hands a frame to the medium; `packet.head` is at the link header (ndo_start_xmit). */
  abstract startXmit(packet: Packet): Fate;

  /** Packets that the device or its medium holds, on the way to this device. */
  get held(): number {
    return 0;
  }

  get isLoopback(): boolean {
    return this.linkType === 'loopback';
  }

  /** Bytes of link header in front of the network header. */
  get headerLength(): number {
    return this.linkType === 'none' ? 0 : ETHERNET_LENGTH;
  }

  get where(): Place {
    return this.place ?? { node: '?', role: 'linux', title: '?' };
  }
}

/** Sends a frame that is complete, link header included. Models net/core/dev.c __dev_queue_xmit(). Not modelled: qdiscs. */
export function devQueueXmit(packet: Packet, device: NetDevice): Fate {
  if (!device.up) return drop(packet, device.where, XMIT, 'kernel:DEV_READY', `${device.name} is down`);
  if (!device.carrier) return drop(packet, device.where, XMIT, 'kernel:QDISC_DROP', `${device.name} has no carrier`);
  packet.linkOffset = packet.head;
  packet.ledger.recorder?.step(packet, device.where, XMIT, { kind: 'transmit', device: device.name });
  device.txPackets++;
  device.txBytes += packet.length;
  device.tap?.capture(device, packet, 'out');
  return device.startXmit(packet);
}

/**
 * A frame arrives at `device`, `packet.head` at its link header: the driver's eth_type_trans(), then
 * net/core/dev.c __netif_receive_skb_core(). Not modelled: XDP, tc, RPS, VLAN tags.
 */
export function netifReceive(packet: Packet, device: NetDevice): Fate {
  if (!device.up) return drop(packet, device.where, RECEIVE, 'kernel:DEV_READY', `${device.name} is down`);
  if (packet.length < device.headerLength) return drop(packet, device.where, RECEIVE, 'kernel:PKT_TOO_SMALL');
  packet.ledger.recorder?.step(packet, device.where, RECEIVE, { kind: 'receive', device: device.name });
  device.rxPackets++;
  device.rxBytes += packet.length;
  device.tap?.capture(device, packet, 'in');
  packet.inputIfindex = device.ifindex;
  packet.linkOffset = packet.head;
  packet.transportOffset = -1;
  if (device.headerLength > 0) {
    ethTypeTrans(packet, device);
    packet.pull(ETHERNET_LENGTH);
  } else {
    packet.packetType = 'host';
  }
  packet.networkOffset = packet.head;
  if (device.rxHandler !== undefined) return device.rxHandler.handleFrame(packet, device);
  if (device.receiver === undefined) return drop(packet, device.where, RECEIVE, 'kernel:DEV_READY', 'nobody receives');
  return device.receiver.receive(packet, device);
}

/** Models net/ethernet/eth.c eth_type_trans(): protocol, and to whom the frame is addressed. */
function ethTypeTrans(packet: Packet, device: NetDevice): void {
  const header = new EthernetHeader(packet.bytes, packet.head);
  packet.protocol = header.etherType;
  const destination = header.destination;
  if (isGroupMac(destination)) packet.packetType = destination === BROADCAST_MAC ? 'broadcast' : 'multicast';
  else packet.packetType = destination === device.mac || device.isLoopback ? 'host' : 'otherhost';
}
