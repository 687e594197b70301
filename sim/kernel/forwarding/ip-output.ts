import { devQueueXmit, type NetDevice } from '../../link/device.ts';
import { byMtu } from '../../packet/because.ts';
import { consume, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { fragment, MIN_FRAGMENT_MTU } from '../../transport/ip-fragment.ts';
import { segmentTcp } from '../../transport/tcp-segmentation.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4, putEthernet } from '../../wire/ethernet.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../wire/icmp.ts';
import type { Mac } from '../../wire/mac.ts';
import type { Net } from '../net.ts';
import { type Rtable, rtableOf } from './rtable.ts';

const BROADCAST: Site = { component: 'Kernel forwarding', function: 'ip_mc_output' };
const FRAGMENT: Site = { component: 'Kernel forwarding', function: 'ip_do_fragment' };
const SEGMENT: Site = { component: 'Kernel forwarding', function: 'tcp_gso_segment' };

/** Sends what a socket or a protocol of this namespace made. Models net/ipv4/ip_output.c ip_local_out(). */
export function ipLocalOut(net: Net, packet: Packet): Fate {
  net.counters.IpOutRequests++;
  return net.hooks.OUTPUT.run(net, packet, undefined, rtableOf(packet).device, ipOutput);
}

/** Models ip_output() and, for broadcasts, ip_mc_output(): the last hook, then out. */
export function ipOutput(net: Net, packet: Packet): Fate {
  const { device, type, action } = rtableOf(packet);
  if (type === 'broadcast' && action === 'output' && !device.isLoopback) loopBack(net, packet, device);
  const input = packet.inputIfindex === 0 ? undefined : net.deviceAt(packet.inputIfindex);
  return net.hooks.POSTROUTING.run(net, packet, input, device, ipFinishOutput);
}

/** The sender of a broadcast hears it itself. Models ip_mc_finish_output() and dev_loopback_xmit(). */
function loopBack(net: Net, packet: Packet, device: NetDevice): void {
  const copy = packet.clone();
  packet.ledger.recorder?.step(copy, net.place, BROADCAST, {
    kind: 'clone',
    why: 'a broadcast is heard by its sender',
  });
  net.hooks.POSTROUTING.run(net, copy, undefined, device, () => {
    copy.inputIfindex = device.ifindex;
    copy.packetType = 'broadcast';
    return net.parts.looped.enqueue(copy);
  });
}

/** Models ip_finish_output(), ip_finish_output_gso() and ip_fragment(). */
function ipFinishOutput(net: Net, packet: Packet): Fate {
  const rtable = rtableOf(packet);
  const mtu = mtuOf(net, packet, rtable);
  if (packet.segmentLength > 0) {
    if (packet.segmentLength <= mtu) return ipFinishOutput2(net, packet);
    return segmented(net, packet, (piece) => ipFinishOutput(net, piece));
  }
  // What came in pieces goes out in pieces, even where the whole would fit.
  if (packet.length <= mtu && packet.fragMaxSize === 0) return ipFinishOutput2(net, packet);
  if (mustNotFragment(packet, mtu)) {
    net.counters.IpFragFails++;
    net.parts.icmpSend(packet, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    const why = mtu < rtable.device.mtu ? 'DF set; the path MTU was learnt' : 'DF set';
    packet.ledger.recorder?.step(packet, net.place, FRAGMENT, byMtu(rtable.device.name, mtu, packet.length, why));
    return drop(packet, net.place, FRAGMENT, 'kernel:PKT_TOO_BIG', `${packet.length} bytes, MTU ${mtu}, DF set`);
  }
  return ipDoFragment(net, packet, mtu);
}

/** DF is set, and it counts: a packet put together here shows by its largest piece what its sender means. */
export function mustNotFragment(packet: Packet, mtu: number): boolean {
  return packet.ip.dontFragment && (!packet.ignoreDf || packet.fragMaxSize > mtu);
}

/** The MTU that counts here: path MTU for our own packets, the device's for those we forward (ip_skb_dst_mtu). */
function mtuOf(net: Net, packet: Packet, rtable: Rtable): number {
  const device = rtable.device.mtu;
  if (packet.forwarded && net.sysctls.global.ip_forward_use_pmtu === 0) return device;
  return Math.min(device, net.parts.pathMtu.mtuOf(packet.ip.destination) ?? device);
}

function ipDoFragment(net: Net, packet: Packet, mtu: number): Fate {
  // A packet put together here must not leave in larger pieces than it came in.
  const limit = packet.fragMaxSize > 0 ? Math.min(packet.fragMaxSize, mtu) : mtu;
  if (limit < MIN_FRAGMENT_MTU) {
    net.counters.IpFragFails++;
    packet.ledger.recorder?.step(
      packet,
      net.place,
      FRAGMENT,
      byMtu(rtableOf(packet).device.name, limit, packet.length),
    );
    return drop(packet, net.place, FRAGMENT, 'kernel:PKT_TOO_BIG', `no fragment fits into ${limit} bytes`);
  }
  const pieces = fragment(packet, limit, net.place, FRAGMENT);
  net.counters.IpFragOKs++;
  net.counters.IpFragCreates += pieces.length;
  const fate = consume(packet, net.place, FRAGMENT, `cut into ${pieces.length} fragments`);
  for (const piece of pieces) ipFinishOutput2(net, piece);
  return fate;
}

/** To the neighbour; each fragment is counted. Models ip_finish_output2() with sock_confirm_neigh(). */
function ipFinishOutput2(net: Net, packet: Packet): Fate {
  const rtable = rtableOf(packet);
  net.counters.IpExtOutOctets += packet.length;
  net.counters.IpOutTransmits++;
  if (rtable.type === 'broadcast') net.counters.IpExtOutBcastPkts++;
  if (packet.segmentLength > 0) return segmented(net, packet, (piece) => toNeighbour(net, piece));
  return toNeighbour(net, packet);
}

/** Models skb_gso_segment(), for devices that cut nothing themselves. */
function segmented(net: Net, packet: Packet, each: (piece: Packet) => Fate): Fate {
  const pieces = segmentTcp(packet, net.place, SEGMENT);
  const fate = consume(packet, net.place, SEGMENT, `cut into ${pieces.length} segments`);
  packet.ledger.memory.giveBack(packet.bytes);
  for (const piece of pieces) each(piece);
  return fate;
}

function toNeighbour(net: Net, packet: Packet): Fate {
  const rtable = rtableOf(packet);
  const { device } = rtable;
  if (device.headerLength === 0) return devQueueXmit(packet, device);
  if (device.isLoopback) return transmitTo(packet, device, 0);
  const nextHop = rtable.gateway || packet.ip.destination;
  if (packet.confirmsNeighbour) net.parts.neighbours.confirm(device, nextHop);
  return net.parts.neighbours.output(packet, device, nextHop);
}

/** Puts the Ethernet header in front and sends (neigh_hh_output). */
export function transmitTo(packet: Packet, device: NetDevice, mac: Mac): Fate {
  packet.push(ETHERNET_LENGTH);
  putEthernet(packet.bytes, packet.head, mac, device.mac, ETHERTYPE_IPV4);
  return devQueueXmit(packet, device);
}
