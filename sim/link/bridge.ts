import type { Clock } from '../core/events.ts';
import { type SimTime, seconds } from '../core/time.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { ETHERNET_LENGTH, EthernetHeader } from '../wire/ethernet.ts';
import { BROADCAST_MAC, formatMac, isGroupMac, type Mac } from '../wire/mac.ts';
import { type DeviceOptions, devQueueXmit, type LinkType, NetDevice, netifReceive, type RxHandler } from './device.ts';
import { ForwardingDatabase } from './fdb.ts';

export interface BridgeOptions extends DeviceOptions {
  /** How figures and traces call it; default its name. */
  readonly title?: string;
  /** How long a learnt MAC stays; default 300 s. */
  readonly ageing?: SimTime;
}

const HANDLE: Site = { component: 'Bridge', function: 'br_handle_frame' };
const FORWARD: Site = { component: 'Bridge', function: 'br_forward' };
const FLOOD: Site = { component: 'Bridge', function: 'br_flood' };
const XMIT: Site = { component: 'Bridge', function: 'br_dev_xmit' };

/**
 * A learning bridge, and the device by which its own namespace takes part (net/bridge/). Spanning tree is off.
 * Not modelled: STP, VLAN filtering, multicast snooping (multicast is flooded), hairpin, br_netfilter.
 */
export class BridgeDevice extends NetDevice implements RxHandler {
  readonly kind = 'bridge';
  readonly linkType: LinkType = 'ether';
  readonly title: string;
  readonly ports: NetDevice[] = [];
  readonly fdb: ForwardingDatabase;

  constructor(clock: Clock, options: BridgeOptions) {
    super(options);
    this.title = options.title ?? options.name;
    this.fdb = new ForwardingDatabase(clock, options.ageing ?? seconds(300));
    this.fdb.add(this.mac, this, 'permanent');
  }

  get bridge(): NetDevice {
    return this;
  }

  /** A bridge has carrier while one of its ports has. */
  get carrier(): boolean {
    return this.ports.some(isForwarding);
  }

  /** `ip link set PORT master BRIDGE`: the port's own addresses no longer receive (br_add_if). */
  addPort(port: NetDevice): void {
    this.ports.push(port);
    port.rxHandler = this;
    this.fdb.add(port.mac, port, 'permanent');
    this.carrierChanged();
  }

  /** `ip link set PORT nomaster`. */
  removePort(port: NetDevice): void {
    this.ports.splice(this.ports.indexOf(port), 1);
    port.rxHandler = undefined;
    this.fdb.flush(port, true);
    this.carrierChanged();
  }

  /** A port whose link goes down forgets what was learnt on it (br_stp_disable_port). */
  linkChanged(port: NetDevice): void {
    if (!isForwarding(port)) this.fdb.flush(port, false);
    this.carrierChanged();
  }

  unregistered(port: NetDevice): void {
    this.removePort(port);
  }

  /** A frame came in by a port, `head` behind its Ethernet header. Models br_handle_frame() and br_handle_frame_finish(). */
  handleFrame(packet: Packet, port: NetDevice): Fate {
    const header = new EthernetHeader(packet.bytes, packet.linkOffset);
    const { source, destination } = header;
    packet.head = packet.linkOffset;
    if (isGroupMac(source) || source === 0) return drop(packet, port.where, HANDLE, 'kernel:MAC_INVALID_SOURCE');
    if (!isForwarding(port)) return drop(packet, port.where, HANDLE, 'kernel:BRIDGE_INGRESS_STP_STATE', port.name);
    // 01:80:c2:00:00:0X never crosses a bridge (IEEE 802.1D 7.12.6).
    if (isLinkLocal(destination))
      return drop(packet, port.where, HANDLE, 'kernel:NO_TX_TARGET', formatMac(destination));
    const own = this.fdb.find(source);
    if (own?.kind === 'permanent') return drop(packet, port.where, HANDLE, 'kernel:LOCAL_MAC', formatMac(source));
    this.fdb.learn(source, port);
    if (isGroupMac(destination)) return this.#flood(packet, port, true);
    const entry = this.fdb.find(destination);
    if (entry === undefined) return this.#flood(packet, port, false);
    if (entry.kind === 'permanent') {
      this.#record(packet, HANDLE, 'local', this.name, destination);
      return this.#passUp(packet);
    }
    if (entry.port === port) {
      return drop(
        packet,
        port.where,
        FORWARD,
        'kernel:NO_TX_TARGET',
        `${formatMac(destination)} is behind ${port.name} too`,
      );
    }
    this.#record(packet, FORWARD, 'forward', entry.port.name, destination);
    return this.#sendBy(packet, entry.port);
  }

  /** The bridge's own namespace sends, `head` at the Ethernet header. Models br_dev_xmit(). */
  startXmit(packet: Packet): Fate {
    const { destination } = new EthernetHeader(packet.bytes, packet.head);
    const entry = isGroupMac(destination) ? undefined : this.fdb.find(destination);
    if (entry === undefined || entry.port === this) return this.#flood(packet, this, false);
    this.#record(packet, XMIT, 'forward', entry.port.name, destination);
    return this.#sendBy(packet, entry.port);
  }

  /** To every port but the one it came in by, and up where `up` says so. The last one gets the frame itself. */
  #flood(packet: Packet, from: NetDevice, up: boolean): Fate {
    const targets = this.ports.filter((port) => port !== from && isForwarding(port));
    const { destination } = new EthernetHeader(packet.bytes, packet.head);
    const names = [...targets.map((port) => port.name), ...(up ? [this.name] : [])].join(' ');
    if (names === '') return drop(packet, this.where, FLOOD, 'kernel:NO_TX_TARGET', `${this.title} has no other port`);
    this.#record(packet, FLOOD, 'flood', names, destination);
    for (const [index, port] of targets.entries()) {
      if (index === targets.length - 1 && !up) return this.#sendBy(packet, port);
      const copy = packet.clone();
      packet.ledger.recorder?.step(copy, this.where, FLOOD, { kind: 'clone', why: `flooding to ${port.name}` });
      this.#sendBy(copy, port);
    }
    return this.#passUp(packet);
  }

  /** Models br_forward() with should_deliver() and is_skb_forwardable(). */
  #sendBy(packet: Packet, port: NetDevice): Fate {
    if (!isForwarding(port)) return drop(packet, this.where, FORWARD, 'kernel:NO_TX_TARGET', `${port.name} is down`);
    if (packet.length > port.mtu + ETHERNET_LENGTH) {
      return drop(
        packet,
        this.where,
        FORWARD,
        'kernel:PKT_TOO_BIG',
        `${packet.length} bytes, MTU ${port.mtu} on ${port.name}`,
      );
    }
    return devQueueXmit(packet, port);
  }

  /** Models br_pass_frame_up(): the bridge device receives it. */
  #passUp(packet: Packet): Fate {
    return netifReceive(packet, this);
  }

  #record(packet: Packet, site: Site, decision: 'forward' | 'flood' | 'local', port: string, mac: Mac): void {
    packet.ledger.recorder?.step(packet, this.where, site, {
      kind: 'bridge',
      bridge: this.title,
      decision,
      port,
      mac: mac === BROADCAST_MAC ? 'broadcast' : formatMac(mac),
    });
  }
}

function isForwarding(port: NetDevice): boolean {
  return port.up && port.carrier;
}

function isLinkLocal(mac: Mac): boolean {
  return mac >= 0x0180c2000000 && mac <= 0x0180c200000f;
}
