import { BridgeDevice } from '../../link/bridge.ts';
import type { BridgeHooks } from '../../link/bridge-hooks.ts';
import type { NetDevice } from '../../link/device.ts';
import { byMtu } from '../../packet/because.ts';
import { consume, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Place, Site } from '../../packet/place.ts';
import { fragment } from '../../transport/ip-fragment.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4, putEthernet } from '../../wire/ethernet.ts';
import { IPV4_LENGTH, ipv4Fault } from '../../wire/ipv4.ts';
import { formatMac, type Mac, putMac, readMac } from '../../wire/mac.ts';
import type { Net } from '../net.ts';
import { bridgeInfoOf, knownBridgeInfo, type NfBridgeInfo } from './bridge-netfilter-info.ts';
import { connectionOf } from './conntrack/connection.ts';
import { conntrackConfirm } from './conntrack/conntrack-in.ts';
import { HOOK_PRIORITY, type Verdict } from './netfilter.ts';
import { ipRouteInput } from './route-input.ts';
import { type Rtable, rtableOf } from './rtable.ts';

const PRE_ROUTING: Site = { component: 'Bridge', function: 'br_nf_pre_routing' };
const PRE_ROUTING_FINISH: Site = { component: 'Bridge', function: 'br_nf_pre_routing_finish' };
const FINISH_BRIDGE: Site = { component: 'Bridge', function: 'br_nf_pre_routing_finish_bridge' };
const LOCAL_IN: Site = { component: 'Bridge', function: 'br_nf_local_in' };
const FORWARD: Site = { component: 'Bridge', function: 'br_nf_forward_ip' };
const QUEUE_XMIT: Site = { component: 'Bridge', function: 'br_nf_dev_queue_xmit' };
const FRAGMENT: Site = { component: 'Bridge', function: 'br_nf_ip_fragment' };

const FINISH: Verdict = Object.freeze({ verdict: 'finish' });

/**
 * Has the IPv4 packets that bridges of a namespace handle run through the hooks of IP, from the first time that
 * bridge-nf-call-iptables is set. Models net/bridge/br_netfilter_hooks.c brnf_init_net() and br_nf_ops[].
 */
export function enableBridgeNetfilter(net: Net): void {
  if (net.sysctls.bridge['bridge-nf-call-iptables'] !== 0 && !net.filtersBridges) {
    net.filtersBridges = true;
    net.hooks.register('PREROUTING', {
      name: 'br_netfilter',
      priority: HOOK_PRIORITY.first,
      recordsSteps: true,
      run: ipSabotageIn,
    });
  }
  if (!net.filtersBridges) return;
  for (const device of net.devices) {
    if (device instanceof BridgeDevice) device.hooks ??= new BridgeNetfilter(net, device);
  }
}

const GO_ON: Verdict = Object.freeze({ verdict: 'accept' });

/** What went through PRE_ROUTING on the bridge does not go through it again. Models ip_sabotage_in(). */
function ipSabotageIn(packet: Packet): Verdict {
  const info = bridgeInfoOf(packet);
  if (info === undefined || info.sabotageDone || info.inPreRouting) return GO_ON;
  info.sabotageDone = true;
  return FINISH;
}

/** br_netfilter in the hooks of one bridge. Not modelled: IPv6, ARP tables, VLAN and PPPoE tags. */
class BridgeNetfilter implements BridgeHooks {
  readonly net: Net;
  readonly bridge: BridgeDevice;
  /** What the hooks of IP find for a route on a packet that is not routed (bridge_parent_rtable). */
  readonly fakeRoute: Rtable;

  constructor(net: Net, bridge: BridgeDevice) {
    this.net = net;
    this.bridge = bridge;
    this.fakeRoute = {
      ...{ family: 'ipv4', action: 'forward', type: 'unicast', device: bridge, gateway: 0, source: 0 },
      ...{ errno: undefined, redirect: false, kept: undefined },
    };
  }

  get place(): Place {
    return this.net.place;
  }

  /** Models br_nf_pre_routing() and setup_pre_routing(). */
  preRouting(packet: Packet, port: NetDevice): Fate {
    const { net, bridge } = this;
    const isAsked = net.sysctls.bridge['bridge-nf-call-iptables'] !== 0;
    if (!isAsked || packet.protocol !== ETHERTYPE_IPV4) return bridge.handleFrameFinish(packet, port);
    const invalid = validate(net, packet, PRE_ROUTING);
    if (invalid !== undefined) return invalid;
    const info: NfBridgeInfo = {
      family: 'bridge',
      physicalInput: port,
      physicalOutput: undefined,
      isOtherHost: false,
      inPreRouting: true,
      sabotageDone: false,
      isBridgedDnat: false,
      destination: packet.ip.destination,
      fragMaxSize: 0,
      source: 0,
    };
    packet.bridgeInfo = info;
    hideType(packet, info);
    // From here on skb->dev is the bridge.
    packet.inputIfindex = bridge.ifindex;
    packet.transportOffset = packet.networkOffset + packet.ip.headerLength;
    record(this, packet, PRE_ROUTING, `PREROUTING -i ${bridge.name}, by port ${port.name}`);
    return net.hooks.PREROUTING.run(this, packet, bridge, undefined, preRoutingFinish);
  }

  /** What no port was sent is confirmed here. Models br_nf_local_in(), and br_drop_fake_rtable() behind it. */
  localIn(packet: Packet): Fate {
    const connection = connectionOf(packet);
    if (connection !== undefined && packet.packetType !== 'host' && !connection.confirmed) {
      const verdict = conntrackConfirm(this.net, packet);
      if (verdict.verdict === 'drop') return drop(packet, this.place, LOCAL_IN, verdict.reason, verdict.detail);
    }
    if (packet.destination === this.fakeRoute) packet.destination = undefined;
    return this.bridge.netifReceive(packet);
  }

  /** Models br_nf_forward_ip(). */
  forward(packet: Packet, port: NetDevice): Fate {
    const { net, bridge } = this;
    const shared = bridgeInfoOf(packet);
    if (shared === undefined || packet.protocol !== ETHERTYPE_IPV4) return bridge.forwardFinish(packet, port);
    // Copies of one frame leave by different ports (nf_bridge_unshare).
    const info = { ...shared };
    packet.bridgeInfo = info;
    hideType(packet, info);
    const invalid = validate(net, packet, FORWARD);
    if (invalid !== undefined) return invalid;
    packet.fragMaxSize = info.fragMaxSize;
    info.physicalOutput = port;
    record(this, packet, FORWARD, `FORWARD -i ${bridge.name} -o ${bridge.name}, to port ${port.name}`);
    return net.hooks.FORWARD.run(this, packet, bridge, bridge, forwardFinish);
  }

  /** Models br_nf_post_routing(): for what was routed, the stack above has run POST_ROUTING already. */
  postRouting(packet: Packet, port: NetDevice): Fate {
    const info = bridgeInfoOf(packet);
    if (info?.physicalOutput === undefined || packet.protocol !== ETHERTYPE_IPV4) {
      return this.bridge.queuePushXmit(packet, port);
    }
    hideType(packet, info);
    return this.net.hooks.POSTROUTING.run(this, packet, undefined, this.bridge, nfDevQueueXmit);
  }

  /** The neighbour of a translated packet is resolved. Models br_nf_dev_xmit() and br_nf_pre_routing_finish_bridge_slow(). */
  devXmit(packet: Packet): Fate | undefined {
    const info = bridgeInfoOf(packet);
    if (info === undefined || !info.isBridgedDnat) return undefined;
    const { bridge } = this;
    // br_dev_xmit() counts only what goes further than this hook.
    bridge.txPackets--;
    bridge.txBytes -= packet.length;
    packet.pull(ETHERNET_LENGTH);
    info.isBridgedDnat = false;
    info.physicalOutput = undefined;
    putMac(packet.bytes, packet.linkOffset + 6, info.source);
    return bridge.handleFrameFinish(packet, info.physicalInput);
  }
}

/** Whether what rules said has made another destination of it decides on bridge or route. Models br_nf_pre_routing_finish(). */
function preRoutingFinish(self: BridgeNetfilter, packet: Packet): Fate {
  const { net, bridge } = self;
  const info = knownBridgeInfo(packet);
  const { destination, source, tos } = packet.ip;
  info.fragMaxSize = packet.fragMaxSize;
  restoreType(packet, info);
  info.inPreRouting = false;
  if (destination === info.destination) {
    packet.destination = self.fakeRoute;
    return bridge.handleFrameFinish(packet, info.physicalInput);
  }
  const route = ipRouteInput(net, packet, destination, source, tos, bridge);
  if ('reason' in route) {
    const detail = `from ${formatIpv4(source)} to ${formatIpv4(destination)} on ${bridge.name}`;
    return drop(packet, net.place, PRE_ROUTING_FINISH, route.reason, detail);
  }
  packet.destination = route;
  if (route.device === bridge) return finishBridge(self, packet, info);
  record(self, packet, PRE_ROUTING_FINISH, `routed, ${formatIpv4(destination)} is not on ${bridge.name}`);
  putMac(packet.bytes, packet.linkOffset, bridge.mac);
  packet.packetType = 'host';
  return bridge.handleFrameFinish(packet, info.physicalInput);
}

/** Bridged to its new neighbour, who may have to be resolved. Models br_nf_pre_routing_finish_bridge(). */
function finishBridge(self: BridgeNetfilter, packet: Packet, info: NfBridgeInfo): Fate {
  const { net, bridge } = self;
  const nextHop = rtableOf(packet).gateway || packet.ip.destination;
  const mac = net.parts.neighbours.readyMac(bridge, nextHop);
  record(self, packet, FINISH_BRIDGE, `bridged, ${formatIpv4(nextHop)} is on ${bridge.name}`);
  if (mac !== undefined) {
    recordMac(self, packet, mac);
    putMac(packet.bytes, packet.linkOffset, mac);
    return bridge.handleFrameFinish(packet, info.physicalInput);
  }
  info.source = readMac(packet.bytes, packet.linkOffset + 6);
  info.isBridgedDnat = true;
  return net.parts.neighbours.output(packet, bridge, nextHop);
}

/** Models br_nf_forward_finish(). */
function forwardFinish({ bridge }: BridgeNetfilter, packet: Packet): Fate {
  const info = knownBridgeInfo(packet);
  info.fragMaxSize = packet.fragMaxSize;
  restoreType(packet, info);
  return bridge.forwardFinish(packet, info.physicalOutput ?? bridge);
}

/** Cuts again what was put together, and what is too long for the port. Models br_nf_dev_queue_xmit(). */
function nfDevQueueXmit({ net, bridge }: BridgeNetfilter, packet: Packet): Fate {
  const info = knownBridgeInfo(packet);
  const { physicalOutput: port = bridge, fragMaxSize } = info;
  const mtu = fragMaxSize > 0 ? Math.min(fragMaxSize, port.mtu) : port.mtu;
  restoreType(packet, info);
  packet.bridgeInfo = undefined;
  if (packet.length <= mtu) return bridge.queuePushXmit(packet, port);
  const invalid = validate(net, packet, QUEUE_XMIT);
  if (invalid !== undefined) return invalid;
  return nfFragment(net, bridge, packet, port, fragMaxSize);
}

/** Nobody is told of what may not be cut. Models br_nf_ip_fragment() and br_nf_push_frag_xmit(). */
function nfFragment(net: Net, bridge: BridgeDevice, packet: Packet, port: NetDevice, fragMaxSize: number): Fate {
  const { mtu } = rtableOf(packet).device;
  if ((packet.ip.dontFragment && !packet.ignoreDf) || fragMaxSize > mtu) {
    net.counters.IpFragFails++;
    packet.ledger.recorder?.step(packet, net.place, FRAGMENT, byMtu(port.name, mtu, packet.length, 'DF set'));
    return drop(
      packet,
      net.place,
      FRAGMENT,
      'kernel:PKT_TOO_BIG',
      `${packet.length} bytes, MTU ${port.mtu} on ${port.name}`,
    );
  }
  const destination = readMac(packet.bytes, packet.linkOffset);
  const source = readMac(packet.bytes, packet.linkOffset + 6);
  const pieces = fragment(packet, fragMaxSize > 0 ? Math.min(fragMaxSize, mtu) : mtu, net.place, FRAGMENT);
  net.counters.IpFragOKs++;
  net.counters.IpFragCreates += pieces.length;
  const fate = consume(packet, net.place, FRAGMENT, `cut into ${pieces.length} fragments`);
  for (const piece of pieces) {
    piece.linkOffset = piece.networkOffset - ETHERNET_LENGTH;
    putEthernet(piece.bytes, piece.linkOffset, destination, source, ETHERTYPE_IPV4);
    bridge.queuePushXmit(piece, port);
  }
  return fate;
}

/** What goes to another MAC would not be routed or answered: within the hooks of IP it passes for ours. */
function hideType(packet: Packet, info: NfBridgeInfo): void {
  if (packet.packetType !== 'otherhost') return;
  packet.packetType = 'host';
  info.isOtherHost = true;
}

function restoreType(packet: Packet, info: NfBridgeInfo): void {
  if (info.isOtherHost) packet.packetType = 'otherhost';
  info.isOtherHost = false;
}

/** Checks the header and cuts off the padding; the fate of a packet that is not sound. Models br_validate_ipv4(). */
function validate(net: Net, packet: Packet, site: Site): Fate | undefined {
  const at = packet.networkOffset;
  const fault = ipv4Fault(packet.bytes, at, packet.tail - at);
  if (fault === undefined) {
    packet.trim(packet.ip.totalLength);
    return undefined;
  }
  const isTruncated =
    fault === 'PKT_TOO_SMALL' && packet.length >= IPV4_LENGTH && packet.length >= packet.ip.headerLength;
  if (isTruncated) net.counters.IpExtInTruncatedPkts++;
  else net.counters.IpInHdrErrors++;
  return drop(packet, net.place, site, 'kernel:IP_INHDR', fault);
}

function record({ place }: BridgeNetfilter, packet: Packet, site: Site, verdict: string): void {
  packet.ledger.recorder?.step(packet, place, site, { kind: 'hook', hook: 'bridge', by: 'br_netfilter', verdict });
}

function recordMac({ place }: BridgeNetfilter, packet: Packet, mac: Mac): void {
  packet.ledger.recorder?.step(packet, place, FINISH_BRIDGE, {
    kind: 'rewrite',
    field: 'destination MAC',
    before: formatMac(readMac(packet.bytes, packet.linkOffset)),
    after: formatMac(mac),
  });
}
