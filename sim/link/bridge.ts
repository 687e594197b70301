import { assert } from '../core/assert.ts';
import type { Clock } from '../core/events.ts';
import { type SimTime, seconds } from '../core/time.ts';
import { drop, type Fate } from '../packet/fate.ts';
import type { Packet } from '../packet/packet.ts';
import type { Site } from '../packet/place.ts';
import { ETHERNET_LENGTH } from '../wire/ethernet.ts';
import { BROADCAST_MAC, formatMac, isGroupMac, type Mac, readMac, ZERO_MAC } from '../wire/mac.ts';
import {
  type DeviceOptions,
  deliverSkb,
  devQueueXmit,
  fitsMtu,
  type LinkType,
  NetDevice,
  netifReceiveSkb,
  type RxHandler,
} from './device.ts';
import { type FdbEntry, ForwardingDatabase } from './fdb.ts';
import { type FdbTableRow, fdbRows } from './fdb-rows.ts';

export interface BridgeOptions extends DeviceOptions {
  /** How figures and traces call it; default its name. */
  readonly title?: string;
  /** How long a learnt MAC stays; default 300 s, 0 to learn none. */
  readonly ageing?: SimTime;
}

/** 01:80:c2:00:00:00 to :0f are for the bridge itself and the link (IEEE 802.1D 7.12.6). */
const GROUP_ADDRESS = 0x0180c2000000;

const HANDLE: Site = { component: 'Bridge', function: 'br_handle_frame' };
const FORWARD: Site = { component: 'Bridge', function: 'br_forward' };
const PUSH: Site = { component: 'Bridge', function: 'br_dev_queue_push_xmit' };
const FLOOD: Site = { component: 'Bridge', function: 'br_flood' };
const PASS_UP: Site = { component: 'Bridge', function: 'br_pass_frame_up' };
const XMIT: Site = { component: 'Bridge', function: 'br_dev_xmit' };

/**
 * A learning bridge, and the device by which its own namespace takes part (net/bridge/). Not modelled: STP (it is off),
 * VLAN filtering, multicast snooping (multicast is flooded), hairpin, promiscuous mode, br_netfilter, and that the
 * MTU of a bridge follows its ports.
 */
export class BridgeDevice extends NetDevice implements RxHandler {
  readonly kind = 'bridge';
  readonly linkType: LinkType = 'ether';
  readonly title: string;
  readonly ports: NetDevice[] = [];
  readonly fdb: ForwardingDatabase;
  readonly #clock: Clock;
  #carrier = false;

  constructor(clock: Clock, options: BridgeOptions) {
    super(options);
    this.#clock = clock;
    this.title = options.title ?? options.name;
    this.fdb = new ForwardingDatabase(clock, options.ageing ?? seconds(300));
    this.fdb.addLocal(this);
  }

  get bridge(): NetDevice {
    return this;
  }

  /** A bridge has carrier while one of its ports has (br_port_state_selection). */
  get carrier(): boolean {
    return this.#carrier;
  }

  /** `ip link set PORT master BRIDGE`: the port's own addresses no longer receive. Models br_add_if(). */
  addPort(port: NetDevice): void {
    assert(port.linkType === 'ether' && port.kind !== 'bridge', `${port.name} cannot be a port of a bridge`);
    assert(port.rxHandler === undefined, `${port.name} already is a port of ${port.rxHandler?.bridge.name}`);
    this.ports.push(port);
    port.rxHandler = this;
    this.fdb.addLocal(port);
    this.#followCarrier();
  }

  /** `ip link set PORT nomaster`. Models br_del_if(). */
  removePort(port: NetDevice): void {
    const index = this.ports.indexOf(port);
    assert(index >= 0, `${port.name} is not a port of ${this.name}`);
    this.ports.splice(index, 1);
    port.rxHandler = undefined;
    this.fdb.forget(port, [...this.ports, this]);
    this.#followCarrier();
  }

  /** Models br_device_event() and br_port_carrier_check(). */
  linkChanged(port: NetDevice): void {
    if (!this.#isForwarding(port)) this.fdb.flush(port);
    this.#followCarrier();
  }

  unregistered(port: NetDevice): void {
    this.removePort(port);
  }

  fdbRows(): FdbTableRow[] {
    return fdbRows(this.fdb, this, this.#clock.now);
  }

  /** A bridge that is down forwards nothing and remembers nothing (br_stp_disable_bridge). */
  protected override upChanged(): void {
    if (!this.up) for (const port of this.ports) this.fdb.flush(port);
  }

  /** A frame came in by a port. Models br_handle_frame(). */
  handleFrame(packet: Packet, port: NetDevice): Fate {
    const destination = readMac(packet.bytes, packet.linkOffset);
    const source = readMac(packet.bytes, packet.linkOffset + 6);
    if (isGroupMac(source) || source === ZERO_MAC) {
      return drop(packet, this.where, HANDLE, 'kernel:MAC_INVALID_SOURCE', formatMac(source));
    }
    // Without STP the bridge group address itself is forwarded like any other group.
    if (destination > GROUP_ADDRESS && destination <= GROUP_ADDRESS + 0x0f) {
      return this.#handleLinkLocal(packet, port, source, destination);
    }
    if (!this.#isForwarding(port)) {
      return drop(packet, this.where, HANDLE, 'kernel:BRIDGE_INGRESS_STP_STATE', port.name);
    }
    if (destination === this.mac) packet.packetType = 'host';
    return this.#handleFinish(packet, port, source, destination);
  }

  /** LLDP and the like stop here; the port's own protocols may have them. Pause frames are the driver's business. */
  #handleLinkLocal(packet: Packet, port: NetDevice, source: Mac, destination: Mac): Fate {
    if (destination === GROUP_ADDRESS + 1) return drop(packet, this.where, HANDLE, 'kernel:MAC_IEEE_MAC_CONTROL');
    if (this.#isForwarding(port)) this.fdb.learn(source, port);
    return deliverSkb(packet, port);
  }

  /** Models br_handle_frame_finish(). */
  #handleFinish(packet: Packet, port: NetDevice, source: Mac, destination: Mac): Fate {
    this.fdb.learn(source, port);
    if (isGroupMac(destination)) {
      const last = this.#floodAllButLast(packet, port, destination, this.name);
      if (last !== undefined) this.#queuePushXmit(this.#copyFor(packet, last), last);
      return this.#passFrameUp(packet);
    }
    const entry = this.fdb.find(destination);
    if (entry === undefined) return this.#flood(packet, port, destination);
    if (entry.kind !== 'permanent') return this.#forward(packet, port, entry);
    this.#record(packet, PASS_UP, 'local', this.name, destination);
    return this.#passFrameUp(packet);
  }

  /** The bridge's own namespace sends, `head` at the Ethernet header. Models br_dev_xmit(). */
  startXmit(packet: Packet): Fate {
    if (packet.length < ETHERNET_LENGTH) return drop(packet, this.where, XMIT, 'kernel:PKT_TOO_SMALL');
    const destination = readMac(packet.bytes, packet.head);
    const entry = isGroupMac(destination) ? undefined : this.fdb.find(destination);
    if (entry === undefined) return this.#flood(packet, this, destination);
    return this.#forward(packet, this, entry);
  }

  /** To the port the database says. Models br_forward() and should_deliver(). */
  #forward(packet: Packet, from: NetDevice, entry: FdbEntry): Fate {
    const { port, mac } = entry;
    if (port === from || !this.#isForwarding(port)) {
      const why = port === from ? 'where it came from' : 'which does not forward';
      return drop(packet, this.where, FORWARD, 'kernel:NO_TX_TARGET', `${formatMac(mac)} is at ${port.name}, ${why}`);
    }
    this.#record(packet, FORWARD, 'forward', port.name, mac);
    return this.#queuePushXmit(packet, port);
  }

  /** To every forwarding port but the one it came in by; the last gets the frame itself. Models br_flood(). */
  #flood(packet: Packet, from: NetDevice, destination: Mac): Fate {
    const last = this.#floodAllButLast(packet, from, destination, '');
    if (last !== undefined) return this.#queuePushXmit(packet, last);
    return drop(packet, this.where, FLOOD, 'kernel:NO_TX_TARGET', `${this.title} has no other port`);
  }

  /** Sends copies to all targets but the last one, which it gives; undefined when there is none. */
  #floodAllButLast(packet: Packet, from: NetDevice, destination: Mac, up: string): NetDevice | undefined {
    if (packet.ledger.recorder !== undefined) {
      const names = this.ports.filter((port) => port !== from && this.#isForwarding(port)).map((port) => port.name);
      if (up !== '') names.push(up);
      if (names.length > 0) this.#record(packet, FLOOD, 'flood', names.join(' '), destination);
    }
    let last: NetDevice | undefined;
    for (const port of this.ports) {
      if (port === from || !this.#isForwarding(port)) continue;
      if (last !== undefined) this.#queuePushXmit(this.#copyFor(packet, last), last);
      last = port;
    }
    return last;
  }

  #copyFor(packet: Packet, port: NetDevice): Packet {
    const copy = packet.clone();
    packet.ledger.recorder?.step(copy, this.where, FLOOD, { kind: 'clone', why: `flooding to ${port.name}` });
    return copy;
  }

  /** Models br_dev_queue_push_xmit(). */
  #queuePushXmit(packet: Packet, port: NetDevice): Fate {
    packet.head = packet.linkOffset;
    if (!fitsMtu(packet, port)) {
      const detail = `a frame of ${packet.length} bytes, the MTU of ${port.name} is ${port.mtu}`;
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
    packet.head = packet.linkOffset;
    return netifReceiveSkb(packet, this);
  }

  /** BR_STATE_FORWARDING; without STP the other states are passed at once. */
  #isForwarding(port: NetDevice): boolean {
    return this.up && port.up && port.carrier;
  }

  #followCarrier(): void {
    const carrier = this.ports.some((port) => port.up && port.carrier);
    if (carrier === this.#carrier) return;
    this.#carrier = carrier;
    this.carrierChanged();
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
