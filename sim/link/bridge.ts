import { assert } from '../core/assert.ts';
import type { Clock } from '../core/events.ts';
import { type SimTime, seconds } from '../core/time.ts';
import { byMtu, byPort } from '../packet/because.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { ETHERNET_LENGTH } from '../wire/ethernet.ts';
import { BROADCAST_MAC, formatMac, isGroupMac, type Mac, readMac, ZERO_MAC } from '../wire/mac.ts';
import type { BridgeHooks } from './bridge-hooks.ts';
import { BridgePort, bridgePortOf } from './bridge-port.ts';
import {
  type DeviceOptions,
  deliverSkb,
  devQueueXmit,
  fitsMtu,
  type LinkType,
  NetDevice,
  netifReceiveSkb,
} from './device.ts';
import { type FdbEntry, ForwardingDatabase } from './fdb.ts';
import { type FdbTableRow, fdbRows } from './fdb-rows.ts';

export interface BridgeOptions extends DeviceOptions {
  /** How figures and traces call it; default its name. */
  readonly title?: string;
  /** How long a learnt MAC stays; default 300 s, 0 to learn none. */
  readonly ageing?: SimTime;
  /** Entries it may learn (fdb_max_learned); default 0 for no limit. */
  readonly maxLearned?: number;
  /** The MAC was set by hand (NET_ADDR_SET); else it is the lowest of its ports. Default true. */
  readonly keepsMac?: boolean;
  /** The MTU was set by hand (BROPT_MTU_SET_BY_USER); else it is the smallest of its ports. Default true. */
  readonly keepsMtu?: boolean;
}

/** 01:80:c2:00:00:00 to :0f are for the bridge itself and the link (IEEE 802.1D 7.12.6). */
const GROUP_ADDRESS = 0x0180c2000000;

const HANDLE: Site = { component: 'Bridge', function: 'br_handle_frame' };
const FINISH: Site = { component: 'Bridge', function: 'br_handle_frame_finish' };
const FORWARD: Site = { component: 'Bridge', function: 'br_forward' };
const PUSH: Site = { component: 'Bridge', function: 'br_dev_queue_push_xmit' };
const FLOOD: Site = { component: 'Bridge', function: 'br_flood' };
const PASS_UP: Site = { component: 'Bridge', function: 'br_pass_frame_up' };
const XMIT: Site = { component: 'Bridge', function: 'br_dev_xmit' };

type Decision = 'forward' | 'flood' | 'local';

/** What a bridge without ports has for an MTU (ETH_DATA_LEN). */
const MTU_WITHOUT_PORTS = 1500;

/**
 * A learning bridge, and the device by which its own namespace takes part (net/bridge/). Not modelled: STP (it is off),
 * VLAN filtering, multicast snooping (multicast is flooded), promiscuous mode.
 */
export class BridgeDevice extends NetDevice {
  readonly kind = 'bridge';
  readonly linkType: LinkType = 'ether';
  readonly title: string;
  readonly fdb: ForwardingDatabase;
  /** Undefined as long as nothing hangs in the hooks of bridges. */
  hooks: BridgeHooks | undefined;
  readonly #clock: Clock;
  readonly #ports: BridgePort[] = [];
  #carrier = false;
  #keepsMac: boolean;
  #keepsMtu: boolean;

  constructor(clock: Clock, options: BridgeOptions) {
    super(options);
    this.#clock = clock;
    this.title = options.title ?? options.name;
    this.#keepsMac = options.keepsMac ?? true;
    this.#keepsMtu = options.keepsMtu ?? true;
    this.fdb = new ForwardingDatabase(clock, options.ageing ?? seconds(300), options.maxLearned);
    this.fdb.addLocal(this);
  }

  /** A bridge has carrier while one of its ports has (br_port_state_selection). */
  get carrier(): boolean {
    return this.#carrier;
  }

  /** Its MAC is the lowest of its ports; false once it was set by hand. */
  get followsMac(): boolean {
    return !this.#keepsMac;
  }

  /** In the order they came. */
  get ports(): NetDevice[] {
    return this.#ports.map((port) => port.device);
  }

  /** `ip link set PORT master BRIDGE`: the port's own addresses no longer receive. Models br_add_if(). */
  addPort(device: NetDevice): void {
    assert(device.linkType === 'ether' && device.kind !== 'bridge', `${device.name} cannot be a port of a bridge`);
    assert(device.rxHandler === undefined, `${device.name} already is a port of ${device.rxHandler?.bridge.name}`);
    const port = new BridgePort(this, device);
    this.#ports.push(port);
    device.rxHandler = port;
    this.fdb.addLocal(device);
    this.#followMac();
    this.#followCarrier();
    this.mtuChanged();
  }

  /** `ip link set PORT nomaster`. Models br_del_if(). */
  removePort(device: NetDevice): void {
    const index = this.#ports.findIndex((port) => port.device === device);
    assert(index >= 0, `${device.name} is not a port of ${this.name}`);
    this.#ports.splice(index, 1);
    device.rxHandler = undefined;
    this.fdb.forget(device, [...this.ports, this]);
    this.mtuChanged();
    this.#followMac();
    this.#followCarrier();
  }

  /** Models br_device_event() and br_port_carrier_check(). */
  linkChanged(port: NetDevice): void {
    if (!this.#isForwarding(port)) this.fdb.flush(port);
    this.#followCarrier();
  }

  /** Models br_mtu_auto_adjust(). */
  mtuChanged(): void {
    if (this.#keepsMtu) return;
    const least = this.#ports.reduce((mtu, { device }) => Math.min(mtu, device.mtu), Number.POSITIVE_INFINITY);
    super.setMtu(this.#ports.length === 0 ? MTU_WITHOUT_PORTS : least);
  }

  /** `ip link set BRIDGE mtu N`: from now on it follows its ports no more. Models br_change_mtu(). */
  override setMtu(mtu: number): void {
    this.#keepsMtu = true;
    super.setMtu(mtu);
  }

  /** The MAC of a port changed. Models br_fdb_changeaddr(). */
  macChanged(port: NetDevice, before: Mac): void {
    this.fdb.changeLocal(port, before, [...this.ports, this]);
    this.#followMac();
  }

  /** `ip link set BRIDGE address MAC`: from now on it follows its ports no more. Models br_set_mac_address(). */
  override setMac(mac: Mac): void {
    this.#keepsMac = true;
    this.#changeMac(mac);
  }

  unregistered(port: NetDevice): void {
    this.removePort(port);
  }

  /** The lowest MAC of its ports, or all zeroes without any. Models br_stp_recalculate_bridge_id(). */
  #followMac(): void {
    if (this.#keepsMac) return;
    const least = this.#ports.reduce((mac, { device }) => Math.min(mac, device.mac), Number.POSITIVE_INFINITY);
    this.#changeMac(this.#ports.length === 0 ? ZERO_MAC : least);
  }

  #changeMac(mac: Mac): void {
    const before = this.mac;
    if (mac === before) return;
    super.setMac(mac);
    this.fdb.changeLocal(this, before, this.ports);
  }

  fdbRows(): FdbTableRow[] {
    return fdbRows(this.fdb, this, this.#clock.now);
  }

  /** A bridge that is down forwards nothing and remembers nothing (br_stp_disable_bridge). */
  protected override upChanged(): void {
    if (!this.up) for (const { device } of this.#ports) this.fdb.flush(device);
  }

  /** A frame came in by a port. Models br_handle_frame(). */
  handleFrame(packet: Packet, port: BridgePort): Fate {
    const destination = readMac(packet.bytes, packet.linkOffset);
    const source = readMac(packet.bytes, packet.linkOffset + 6);
    if (isGroupMac(source) || source === ZERO_MAC) {
      return drop(packet, this.where, HANDLE, 'kernel:MAC_INVALID_SOURCE', formatMac(source));
    }
    // Without STP the bridge group address itself is forwarded like any other group.
    if (destination > GROUP_ADDRESS && destination <= GROUP_ADDRESS + 0x0f) {
      return this.#handleLinkLocal(packet, port, source, destination);
    }
    if (!this.#isForwarding(port.device)) {
      this.#recordPorts(packet, HANDLE, [port], undefined, destination);
      return drop(packet, this.where, HANDLE, 'kernel:BRIDGE_INGRESS_STP_STATE', port.device.name);
    }
    if (destination === this.mac) packet.packetType = 'host';
    if (this.hooks !== undefined) return this.hooks.preRouting(packet, port.device);
    return this.#handleFinish(packet, port, source, destination);
  }

  /** LLDP and the like stop here; the port's own protocols may have them. Pause frames are the driver's business. */
  #handleLinkLocal(packet: Packet, port: BridgePort, source: Mac, destination: Mac): Fate {
    if (destination === GROUP_ADDRESS + 1) return drop(packet, this.where, HANDLE, 'kernel:MAC_IEEE_MAC_CONTROL');
    if (this.#isForwarding(port.device) && port.learning) this.fdb.learn(source, port.device);
    return deliverSkb(packet, port.device);
  }

  /** What follows the hook PRE_ROUTING, which may have changed the addresses. Models br_handle_frame_finish(). */
  handleFrameFinish(packet: Packet, device: NetDevice): Fate {
    const port = this.#ports.find((one) => one.device === device);
    if (port === undefined || !this.#isForwarding(device)) {
      return drop(packet, this.where, FINISH, 'kernel:BRIDGE_INGRESS_STP_STATE', device.name);
    }
    const destination = readMac(packet.bytes, packet.linkOffset);
    return this.#handleFinish(packet, port, readMac(packet.bytes, packet.linkOffset + 6), destination);
  }

  #handleFinish(packet: Packet, port: BridgePort, source: Mac, destination: Mac): Fate {
    if (port.learning) this.fdb.learn(source, port.device);
    if (isGroupMac(destination)) {
      if (destination !== BROADCAST_MAC) this.multicast++;
      const last = this.#floodAllButLast(packet, port, destination, this.name);
      if (last !== undefined) this.#deliver(this.#copyFor(packet, last), port, last);
      else
        this.#recordPorts(
          packet,
          FLOOD,
          this.#ports.filter((one) => one !== port),
          port,
          destination,
        );
      return this.#passFrameUp(packet);
    }
    const entry = this.fdb.find(destination);
    if (entry === undefined) return this.#flood(packet, port, destination);
    if (entry.kind !== 'permanent') return this.#forward(packet, port, entry);
    this.#record(packet, PASS_UP, 'local', this.name, destination, entry.port);
    return this.#passFrameUp(packet);
  }

  /** The bridge's own namespace sends, `head` at the Ethernet header. Models br_dev_xmit(). */
  startXmit(packet: Packet): Fate {
    const fate = this.hooks?.devXmit(packet);
    if (fate !== undefined) return fate;
    if (packet.length < ETHERNET_LENGTH) return drop(packet, this.where, XMIT, 'kernel:PKT_TOO_SMALL');
    const destination = readMac(packet.bytes, packet.head);
    packet.pull(ETHERNET_LENGTH);
    const entry = isGroupMac(destination) ? undefined : this.fdb.find(destination);
    if (entry === undefined) return this.#flood(packet, undefined, destination);
    return this.#forward(packet, undefined, entry);
  }

  /** To the port the database says; `from` is undefined for what the bridge itself sends. Models br_forward(). */
  #forward(packet: Packet, from: BridgePort | undefined, { port: device, mac }: FdbEntry): Fate {
    const port = bridgePortOf(device);
    if (port === undefined || !this.#shouldDeliver(from, port)) {
      const why = device === (from?.device ?? this) ? 'where it came from' : 'which does not forward';
      if (port !== undefined) this.#recordPorts(packet, FORWARD, [port], from, mac);
      return drop(packet, this.where, FORWARD, 'kernel:NO_TX_TARGET', `${formatMac(mac)} is at ${device.name}, ${why}`);
    }
    this.#record(packet, FORWARD, 'forward', device.name, mac, device);
    return this.#deliver(packet, from, port);
  }

  /** Models should_deliver(). */
  #shouldDeliver(from: BridgePort | undefined, to: BridgePort): boolean {
    if (to === from && !to.hairpin) return false;
    return this.#isForwarding(to.device) && !(to.isolated && from?.isolated === true);
  }

  /** To every port that wants it but the one it came in by; the last gets the frame itself. Models br_flood(). */
  #flood(packet: Packet, from: BridgePort | undefined, destination: Mac): Fate {
    const last = this.#floodAllButLast(packet, from, destination, '');
    if (last !== undefined) return this.#deliver(packet, from, last);
    this.#recordPorts(
      packet,
      FLOOD,
      this.#ports.filter((port) => port !== from),
      from,
      destination,
    );
    return drop(packet, this.where, FLOOD, 'kernel:NO_TX_TARGET', `${this.title} has no other port`);
  }

  /** Sends copies to all targets but the last one, which it gives; undefined when there is none. */
  #floodAllButLast(packet: Packet, from: BridgePort | undefined, destination: Mac, up: string): BridgePort | undefined {
    if (packet.ledger.recorder !== undefined) {
      const targets = this.#ports.filter((port) => this.#isFlooded(from, port, destination));
      const names = targets.map(({ device }) => device.name);
      if (up !== '') names.push(up);
      if (names.length > 0) this.#record(packet, FLOOD, 'flood', names.join(' '), destination);
    }
    let last: BridgePort | undefined;
    // The newest port comes first: br_add_if() puts it at the head of the list.
    for (let index = this.#ports.length - 1; index >= 0; index--) {
      const port = this.#ports[index] as BridgePort;
      if (!this.#isFlooded(from, port, destination)) continue;
      if (last !== undefined) this.#deliver(this.#copyFor(packet, last), from, last);
      last = port;
    }
    return last;
  }

  /** Unicast goes nowhere where it is not wanted; of groups that holds only for what came in by a port. */
  #isFlooded(from: BridgePort | undefined, to: BridgePort, destination: Mac): boolean {
    if (!this.#shouldDeliver(from, to)) return false;
    if (!isGroupMac(destination)) return to.flood;
    return from === undefined || (destination === BROADCAST_MAC ? to.bcast_flood : to.mcast_flood);
  }

  #copyFor(packet: Packet, { device }: BridgePort): Packet {
    const copy = packet.clone();
    packet.ledger.recorder?.step(copy, this.where, FLOOD, { kind: 'clone', why: `flooding to ${device.name}` });
    return copy;
  }

  /** Models __br_forward(): what the bridge itself sends is not forwarded. */
  #deliver(packet: Packet, from: BridgePort | undefined, { device }: BridgePort): Fate {
    if (this.hooks !== undefined && from !== undefined) return this.hooks.forward(packet, device);
    return this.forwardFinish(packet, device);
  }

  /** Models br_forward_finish(). */
  forwardFinish(packet: Packet, port: NetDevice): Fate {
    if (this.hooks !== undefined) return this.hooks.postRouting(packet, port);
    return this.queuePushXmit(packet, port);
  }

  /** Models br_dev_queue_push_xmit(). */
  queuePushXmit(packet: Packet, port: NetDevice): Fate {
    packet.head = packet.linkOffset;
    if (!fitsMtu(packet, port)) {
      const detail = `a frame of ${packet.length} bytes, the MTU of ${port.name} is ${port.mtu}`;
      const length = packet.length - port.headerLength;
      packet.ledger.recorder?.step(packet, this.where, PUSH, byMtu(port.name, port.mtu, length, 'nobody is told'));
      return drop(packet, this.where, PUSH, 'kernel:PKT_TOO_BIG', detail);
    }
    return devQueueXmit(packet, port);
  }

  /**
   * The bridge device receives it, as addressed as its port saw it: a frame to that port's own MAC is for us too. It is
   * counted without its Ethernet header. Models br_pass_frame_up().
   */
  #passFrameUp(packet: Packet): Fate {
    this.rxPackets++;
    this.rxBytes += packet.length;
    return this.hooks === undefined ? this.netifReceive(packet) : this.hooks.localIn(packet);
  }

  /** Models br_netif_receive_skb(). */
  netifReceive(packet: Packet): Fate {
    packet.head = packet.linkOffset;
    return netifReceiveSkb(packet, this);
  }

  /** BR_STATE_FORWARDING; without STP the other states are passed at once. */
  #isForwarding(port: NetDevice): boolean {
    return this.up && port.up && port.carrier;
  }

  #followCarrier(): void {
    const carrier = this.#ports.some(({ device }) => device.up && device.carrier);
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    this.carrierChanged();
  }

  /** Tells why ports do not get a frame; nothing where there are none. */
  #recordPorts(packet: Packet, site: Site, ports: readonly BridgePort[], from: BridgePort | undefined, mac: Mac): void {
    const { recorder } = packet.ledger;
    if (recorder === undefined || ports.length === 0) return;
    const text = ports.map((port) => `${port.device.name} ${this.#whyNot(from, port, mac)}`).join(', ');
    const [first] = ports as [BridgePort];
    recorder.step(
      packet,
      this.where,
      site,
      byPort(this.title, `${formatMac(mac)}: ${text}`, { port: first.device.name }),
    );
  }

  /** In the words of `bridge link`. */
  #whyNot(from: BridgePort | undefined, to: BridgePort, mac: Mac): string {
    if (!this.up) return `state disabled, ${this.name} is down`;
    if (!to.device.up || !to.device.carrier) return 'state disabled';
    if (to === from) return 'hairpin off';
    if (to.isolated && from?.isolated === true) return 'isolated on';
    return isGroupMac(mac) ? (mac === BROADCAST_MAC ? 'bcast_flood off' : 'mcast_flood off') : 'flood off';
  }

  #record(packet: Packet, site: Site, decision: Decision, port: string, mac: Mac, entry?: NetDevice): void {
    packet.ledger.recorder?.step(packet, this.where, site, {
      kind: 'bridge',
      bridge: this.title,
      decision,
      port,
      mac: mac === BROADCAST_MAC ? 'broadcast' : formatMac(mac),
      ...(entry === undefined ? {} : { entry: entry.name }),
    });
  }
}
