import { byDevice } from '../packet/because.ts';
import type { DropReason } from '../packet/drop-reasons.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Place, Site } from '../packet/place.ts';
import { ETHERNET_LENGTH, readEtherType } from '../wire/ethernet.ts';
import { BROADCAST_MAC, isGroupMac, type Mac, readMac } from '../wire/mac.ts';
import { Passages } from './passages.ts';

/** Who gets what a device receives: the namespace, or Comware's forwarding for its ports. */
export interface PacketReceiver {
  /** `packet.head` is at the network header and `packet.protocol` is set. */
  receive(packet: Packet, device: NetDevice): Fate;
}

/** What a bridge hangs into its ports in place of the namespace (rx_handler, and its netdevice notifier). */
export interface RxHandler {
  readonly bridge: NetDevice;
  /** `packet.head` is behind the link header, which is at `packet.linkOffset`. */
  handleFrame(packet: Packet, port: NetDevice): Fate;
  /** The port went up or down, or its carrier changed (NETDEV_UP, NETDEV_DOWN, NETDEV_CHANGE). */
  linkChanged(port: NetDevice): void;
  /** NETDEV_CHANGEMTU. */
  mtuChanged(port: NetDevice): void;
  /** NETDEV_CHANGEADDR; `before` is the address it had. */
  macChanged(port: NetDevice, before: Mac): void;
  /** The port ceases to exist (NETDEV_UNREGISTER). */
  unregistered(port: NetDevice): void;
}

/** What a namespace keeps of a device of its own (ip_ptr). The device carries it and does not look inside. */
export interface InDevice {
  readonly family: 'ipv4';
}

/** Sees every frame of a device, as tcpdump would: outgoing ones before the driver, incoming ones before the stack. */
export interface CaptureTap {
  capture(packet: Packet, direction: 'in' | 'out'): void;
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

export interface DeviceReasons {
  readonly down: DropReason;
  readonly noCarrier: DropReason;
  readonly tooShort: DropReason;
}

const KERNEL_REASONS: DeviceReasons = {
  down: 'kernel:DEV_READY',
  noCarrier: 'kernel:QDISC_DROP',
  tooShort: 'kernel:PKT_TOO_SMALL',
};

/** Length checks of whole frames leave room for one VLAN tag. */
const VLAN_LENGTH = 4;

const XMIT: Site = { component: 'Interface', function: 'dev_queue_xmit' };
const RECEIVE: Site = { component: 'Interface', function: 'netif_receive_skb' };

/** A network device (struct net_device) of a namespace, or a port of Comware. */
export abstract class NetDevice {
  readonly name: string;
  mtu: number;
  #mac: Mac;
  /** Set by the namespace that registers it. */
  ifindex = 0;
  abstract readonly kind: DeviceKind;
  abstract readonly linkType: LinkType;
  /** No address resolution on it (IFF_NOARP). */
  readonly noArp: boolean = false;
  place: Place | undefined;
  receiver: PacketReceiver | undefined;
  inDevice: InDevice | undefined;
  rxHandler: RxHandler | undefined;
  tap: CaptureTap | undefined;
  rxPackets = 0;
  rxBytes = 0;
  txPackets = 0;
  txBytes = 0;
  /** Frames it could not send, frames that were too long for it or of no known protocol, and to groups (a bridge's). */
  txDropped = 0;
  rxDropped = 0;
  multicast = 0;
  /** Reasons for what a device itself refuses; Comware's ports give Comware's. */
  reasons: DeviceReasons = KERNEL_REASONS;
  /** Frames that may wait for the wire (`ip link set txqueuelen`). */
  txQueueLength = 1000;
  /** Packets that may wait for the stack; the namespace puts its own in (net.core.netdev_max_backlog). */
  backlogLimit: { readonly netdev_max_backlog: number } = { netdev_max_backlog: 1000 };
  /** Bytes of each frame that the byte counters leave out. */
  readonly uncountedLength: number = 0;
  /** Called after the carrier changed; the namespace hangs itself in. */
  onCarrier: (() => void) | undefined;
  /** Called after the MAC changed; the namespace hangs itself in. */
  onMac: (() => void) | undefined;
  #up = false;
  #wasUp = false;
  #passages: Passages | undefined;

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.#mac = options.mac;
    this.mtu = options.mtu;
  }

  get mac(): Mac {
    return this.#mac;
  }

  /** For whoever traces what passes it. */
  get passages(): Passages {
    this.#passages ??= new Passages(this.name);
    return this.#passages;
  }

  /** The MAC changes for whoever has to do with it (dev_set_mac_address). */
  setMac(mac: Mac): void {
    const before = this.#mac;
    if (mac === before) return;
    this.#mac = mac;
    this.rxHandler?.macChanged(this, before);
    this.onMac?.();
  }

  /** The MTU changes for whoever has to do with it (dev_set_mtu). */
  setMtu(mtu: number): void {
    this.mtu = mtu;
    this.rxHandler?.mtuChanged(this);
  }

  /** IFF_UP: administratively up. */
  get up(): boolean {
    return this.#up;
  }

  /** Has been up before: it has a queueing discipline from then on (attach_default_qdiscs). */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** `ip link set up|down`: dev_open(), dev_close(). */
  setUp(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#wasUp ||= up;
    this.rxHandler?.linkChanged(this);
    this.upChanged();
  }

  /** Whoever changed what `carrier` depends on calls this once it has changed (netif_carrier_on, netif_carrier_off). */
  carrierChanged(): void {
    this.onCarrier?.();
    this.rxHandler?.linkChanged(this);
  }

  /** For a device whose going up or down others notice, such as the far end of a veth pair. */
  protected upChanged(): void {}

  /** Whether the other side of the link is there (IFF_LOWER_UP). */
  abstract get carrier(): boolean;

  /** Hands a frame to the medium; `packet.head` is at the link header (ndo_start_xmit). */
  abstract startXmit(packet: Packet): Fate;

  /** Packets on the way to this device: on its cable, or in the event that will deliver them. */
  get held(): number {
    return 0;
  }

  /** The device at the other end of the pair it belongs to (dev_get_iflink). */
  get linkPeer(): NetDevice | undefined {
    return undefined;
  }

  /** Another device of its namespace is to blame for the carrier it lacks (dev_get_iflink in default_operstate). */
  get hasLowerLayer(): boolean {
    return false;
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

/**
 * Whether a frame, link header included, is short enough for `device`; up to four bytes more than its MTU allows are,
 * so that a VLAN tag fits. Models the length check of include/linux/netdevice.h __is_skb_forwardable().
 */
export function fitsMtu(packet: Packet, device: NetDevice): boolean {
  return packet.length <= device.mtu + device.headerLength + VLAN_LENGTH;
}

/** A device does not take a packet; `state` is how `ip link` shows why. */
function refused(packet: Packet, device: NetDevice, site: Site, reason: DropReason, state: string, what: string): Fate {
  packet.ledger.recorder?.step(packet, device.where, site, byDevice(device.name, state));
  return drop(packet, device.where, site, reason, `${device.name} ${what}`);
}

/**
 * A frame that `from` could not hand to `to`, being too long for it, was not sent after all. Models veth_xmit() and
 * ____dev_forward_skb().
 */
export function countTooLong(from: NetDevice, to: NetDevice, packet: Packet): void {
  from.txPackets--;
  from.txBytes -= packet.length - from.uncountedLength;
  from.txDropped++;
  to.rxDropped++;
}

/** Sends a frame that is complete, link header included. Models net/core/dev.c __dev_queue_xmit(). Not modelled: qdiscs. */
export function devQueueXmit(packet: Packet, device: NetDevice): Fate {
  if (!device.up) return refused(packet, device, XMIT, device.reasons.down, 'state DOWN', 'is down');
  if (!device.carrier) {
    return refused(packet, device, XMIT, device.reasons.noCarrier, 'NO-CARRIER', 'has no carrier');
  }
  packet.linkOffset = packet.head;
  const { ledger } = packet;
  if (packet.countTransmission() > ledger.mostTransmissions) ledger.watch?.sent(packet, device);
  ledger.recorder?.step(packet, device.where, XMIT, device.passages.sent(device.rxHandler !== undefined));
  device.txPackets++;
  device.txBytes += packet.length - device.uncountedLength;
  device.tap?.capture(packet, 'out');
  return device.startXmit(packet);
}

/** A frame arrives at `device`, `packet.head` at its link header: what the driver does before netifReceiveSkb(). */
export function netifReceive(packet: Packet, device: NetDevice): Fate {
  if (!device.up) return refused(packet, device, RECEIVE, device.reasons.down, 'state DOWN', 'is down');
  if (packet.length < device.headerLength) return drop(packet, device.where, RECEIVE, device.reasons.tooShort);
  device.rxPackets++;
  device.rxBytes += packet.length - device.uncountedLength;
  packet.linkOffset = packet.head;
  if (device.headerLength > 0) ethTypeTrans(packet, device);
  else packet.packetType = 'host';
  return netifReceiveSkb(packet, device);
}

/**
 * Takes the link header at `packet.head` off and hands the packet to the bridge of `device`, or to its receiver.
 * `protocol` and `packetType` are known and `device` has counted it. Models net/core/dev.c __netif_receive_skb_core().
 * Not modelled: XDP, tc, RPS, VLAN tags.
 */
export function netifReceiveSkb(packet: Packet, device: NetDevice): Fate {
  packet.ledger.recorder?.step(packet, device.where, RECEIVE, device.passages.received(device.rxHandler !== undefined));
  device.tap?.capture(packet, 'in');
  packet.inputIfindex = device.ifindex;
  packet.transportOffset = -1;
  packet.pull(device.headerLength);
  packet.networkOffset = packet.head;
  if (device.rxHandler !== undefined) return device.rxHandler.handleFrame(packet, device);
  return deliverSkb(packet, device);
}

/** To the protocols of `device` itself, past a bridge it may be a port of (RX_HANDLER_PASS, deliver_skb). */
export function deliverSkb(packet: Packet, device: NetDevice): Fate {
  if (device.receiver === undefined) return drop(packet, device.where, RECEIVE, 'kernel:DEV_READY', 'nobody receives');
  return device.receiver.receive(packet, device);
}

/** Models net/ethernet/eth.c eth_type_trans(): protocol, and to whom the frame is addressed. */
function ethTypeTrans(packet: Packet, device: NetDevice): void {
  const { bytes, head } = packet;
  packet.protocol = readEtherType(bytes, head);
  const destination = readMac(bytes, head);
  if (isGroupMac(destination)) packet.packetType = destination === BROADCAST_MAC ? 'broadcast' : 'multicast';
  else packet.packetType = destination === device.mac || device.isLoopback ? 'host' : 'otherhost';
}
