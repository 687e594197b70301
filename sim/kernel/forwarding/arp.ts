import { ms } from '../../core/time.ts';
import { devQueueXmit, type NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import { consume, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { arpFrame, arpText } from '../../transport/arp-frame.ts';
import { contains, formatIpv4, type Ipv4, isLoopback, isMulticast } from '../../wire/address.ts';
import { ARP_HARDWARE_ETHERNET, ARP_LENGTH, ARP_REPLY, ARP_REQUEST, ArpPacket } from '../../wire/arp.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { BROADCAST_MAC, type Mac, ZERO_MAC } from '../../wire/mac.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { addressType, fibLookup, flowTo, selectAddress } from './fib-lookup.ts';
import { SCOPE_LINK } from './fib-table.ts';
import type { Neighbour, SolicitWay } from './neighbour.ts';
import { ipRouteInput } from './route-input.ts';
import type { Rtable } from './rtable.ts';

const RCV: Site = { component: 'Kernel forwarding', function: 'arp_process' };
const XMIT: Site = { component: 'Kernel forwarding', function: 'arp_send' };

/** Receives an ARP packet. Models net/ipv4/arp.c arp_rcv(). */
export function arpRcv(net: Net, packet: Packet, device: NetDevice): Fate {
  if (device.noArp || device.isLoopback) return consume(packet, net.place, RCV, 'ARP on a device without ARP');
  if (packet.packetType === 'otherhost') return consume(packet, net.place, RCV, 'ARP for another MAC');
  if (packet.length < ARP_LENGTH) return drop(packet, net.place, RCV, 'kernel:PKT_TOO_SMALL');
  const arp = new ArpPacket(packet.bytes, packet.head);
  if (arp.hardwareLength !== 6 || arp.protocolLength !== 4) return drop(packet, net.place, RCV, 'kernel:HDR_TRUNC');
  return arpProcess(net, packet, device, arp);
}

/** Models net/ipv4/arp.c arp_process(), in its order. */
function arpProcess(net: Net, packet: Packet, device: NetDevice, arp: ArpPacket): Fate {
  const sender = arp.senderAddress;
  const target = arp.targetAddress;
  const isRequest = arp.operation === ARP_REQUEST;
  if (arp.hardwareType !== ARP_HARDWARE_ETHERNET || arp.protocolType !== ETHERTYPE_IPV4) {
    return drop(packet, net.place, RCV, 'kernel:UNHANDLED_PROTO', 'not IPv4 over Ethernet');
  }
  if (!isRequest && arp.operation !== ARP_REPLY) {
    return drop(packet, net.place, RCV, 'kernel:UNHANDLED_PROTO', `ARP operation ${arp.operation}`);
  }
  if (isMulticast(target) || (isLoopback(target) && !inDevice(device).routeLocalnet)) {
    return drop(packet, net.place, RCV, 'kernel:IP_LOCALNET', `ARP for ${formatIpv4(target)}`);
  }
  if (sender === target && inDevice(device).dropGratuitousArp) {
    const name = `net.ipv4.conf.${device.name}.drop_gratuitous_arp`;
    packet.ledger.recorder?.step(packet, net.place, RCV, bySysctl(name, 1));
    return drop(packet, net.place, RCV, 'kernel:UNHANDLED_PROTO', 'drop_gratuitous_arp');
  }
  if (sender === 0) {
    // Somebody probes whether the address is taken (RFC 5227): the owner defends it, nothing is learnt.
    if (isRequest && addressType(net, target) === 'local' && !isIgnored(net, device, sender, target)) {
      sendArp(net, device, ARP_REPLY, target, sender, arp.senderMac, arp.senderMac, packet.number);
    }
    return consume(packet, net.place, RCV, 'address probe');
  }
  if (isRequest) {
    const route = ipRouteInput(net, packet, target, sender, 0, device);
    const answer = 'reason' in route ? undefined : answerRequest(net, packet, device, arp, route);
    if (answer !== undefined) return answer;
  }
  learn(net, packet, device, arp);
  return consume(packet, net.place, RCV, isRequest ? `request for ${formatIpv4(target)}, not ours` : 'reply');
}

/** Answers for an address of ours, or as a proxy; undefined when it is neither. */
function answerRequest(net: Net, packet: Packet, device: NetDevice, arp: ArpPacket, rtable: Rtable): Fate | undefined {
  const { senderAddress: sender, senderMac, targetAddress: target } = arp;
  if (rtable.type === 'local') {
    if (isIgnored(net, device, sender, target) || isFiltered(net, device, sender, target)) {
      return consume(packet, net.place, RCV, `request for ${formatIpv4(target)}, not answered on ${device.name}`);
    }
    const request = `request for ${formatIpv4(target)}`;
    // Who cannot be noted is not answered.
    const isNoted = net.parts.neighbours.heardRequest(device, sender, senderMac);
    if (!isNoted) return consume(packet, net.place, RCV, `${request}, not answered: neighbor table overflow`);
    sendArp(net, device, ARP_REPLY, target, sender, senderMac, senderMac, packet.number);
    return consume(packet, net.place, RCV, `${request}, answered`);
  }
  if (rtable.action !== 'forward' || !isProxied(net, device, sender, target, rtable)) return undefined;
  net.parts.neighbours.heardRequest(device, sender, senderMac);
  const reply = (): void => sendArp(net, device, ARP_REPLY, target, sender, senderMac, senderMac, packet.number);
  const { proxy_delay: delay, proxy_qlen } = net.sysctls.neighbourOf(device.name);
  // A broadcast reaches every proxy of the link: each waits its own time (pneigh_enqueue).
  if (packet.packetType === 'host' || delay === 0) reply();
  else if (!net.parts.proxies.enqueue(device, proxy_qlen)) {
    const name = `net.ipv4.neigh.${device.name}.proxy_qlen`;
    packet.ledger.recorder?.step(packet, net.place, RCV, bySysctl(name, proxy_qlen, 'so many wait for their answer'));
    return drop(packet, net.place, RCV, 'kernel:NEIGH_QUEUEFULL', `request for ${formatIpv4(target)}`);
  } else {
    const later = (): void => {
      net.parts.proxies.dequeue(device);
      reply();
    };
    net.clock.after(ms(net.chance.below(delay * 10)), later, undefined);
  }
  return consume(packet, net.place, RCV, `request for ${formatIpv4(target)}, answered as proxy`);
}

/**
 * Models arp_fwd_proxy() and arp_fwd_pvlan(): for what lies behind another device, all of it or single addresses, or with
 * proxy_arp_pvlan, where stations of one link may not speak to each other, behind the same. Not modelled: medium_id.
 */
function isProxied(net: Net, device: NetDevice, sender: Ipv4, target: Ipv4, rtable: Rtable): boolean {
  if (rtable.device !== device) {
    return inDevice(device).proxyArp || net.parts.proxies.covers(target, device);
  }
  return sender !== target && net.sysctls.of(device.name).proxy_arp_pvlan !== 0;
}

/** Takes over a MAC for an address that has an entry; without one only arp_accept makes it. */
function learn(net: Net, packet: Packet, device: NetDevice, arp: ArpPacket): void {
  const neighbours = net.parts.neighbours;
  const sender = arp.senderAddress;
  const gratuitous = isGratuitous(net, arp);
  const known = neighbours.lookup(device, sender);
  if (known === undefined && !isAccepted(net, device, arp, gratuitous)) return;
  const neighbour = known ?? neighbours.findOrCreate(device, sender);
  if (neighbour === undefined) return;
  const isAnswerToUs = arp.operation === ARP_REPLY && packet.packetType === 'host';
  const override = !neighbours.isLocked(neighbour) || gratuitous;
  neighbours.update(neighbour, arp.senderMac, isAnswerToUs ? 'REACHABLE' : 'STALE', override);
}

/** Models arp_accept(): an announcement, or an answer that nobody asked for, makes an entry where that is wanted. */
function isAccepted(net: Net, device: NetDevice, arp: ArpPacket, gratuitous: boolean): boolean {
  const accept = inDevice(device).arpAccept;
  const sender = arp.senderAddress;
  if (accept !== 1 && (accept !== 2 || !net.isOnLink(device, sender, 0))) return false;
  return gratuitous || (arp.operation === ARP_REPLY && addressType(net, sender) === 'unicast');
}

/** Models arp_is_garp(): an announcement of a unicast address; a reply must name the same MAC twice. */
function isGratuitous(net: Net, arp: ArpPacket): boolean {
  if (arp.targetAddress !== arp.senderAddress) return false;
  if (arp.operation === ARP_REPLY && arp.targetMac !== arp.senderMac) return false;
  return addressType(net, arp.senderAddress) === 'unicast';
}

/** Models arp_ignore(): which of our addresses are kept quiet about on this interface. */
function isIgnored(net: Net, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  const onDevice = net.addressesOf(device).filter((entry) => entry.address === target);
  switch (inDevice(device).arpIgnore) {
    case 0:
      return false;
    case 1:
      return onDevice.length === 0;
    case 2:
      return !onDevice.some((entry) => sender === 0 || contains(entry.prefix, sender));
    case 3:
      return !net.addresses.some((entry) => entry.address === target && entry.scope <= SCOPE_LINK);
    case 8:
      return true;
    default:
      return false;
  }
}

/** Models arp_filter(): only the interface that leads back to the asker answers. */
function isFiltered(net: Net, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (!inDevice(device).arpFilter) return false;
  const result = fibLookup(net, { ...flowTo(sender), source: target, iif: net.loopback.ifindex });
  return 'errno' in result || result.entry.device !== device;
}

/**
 * The MAC of an address that is a group when its entry is made, and of any on a device without ARP; such an entry stays as
 * it is. Models arp_constructor().
 */
export function macWithoutArp(net: Net, device: NetDevice, address: Ipv4): Mac | undefined {
  const type = addressType(net, address);
  if (type === 'multicast') return multicastMac(address);
  if (device.noArp) return device.mac;
  return type === 'broadcast' ? BROADCAST_MAC : undefined;
}

/** RFC 1112 6.4: the low 23 bits of the group behind 01:00:5e. */
function multicastMac(group: Ipv4): Mac {
  return 0x01005e000000 + (group & 0x7fffff);
}

/** Asks for a neighbour. Models arp_solicit() with arp_announce. */
export function arpSolicit(net: Net, neighbour: Neighbour, way: SolicitWay, waiting: Packet | undefined): void {
  // A daemon would be asked by netlink (neigh_app_ns); none listens.
  if (way === 'daemon') return;
  const { device, address } = neighbour;
  let source = 0;
  const wanted = waiting === undefined || waiting.networkOffset < 0 ? 0 : waiting.ip.source;
  const announce = inDevice(device).arpAnnounce;
  if (wanted !== 0 && announce !== 2 && addressType(net, wanted) === 'local') {
    if (announce !== 1 || net.isOnLink(device, address, wanted)) source = wanted;
  }
  source ||= selectAddress(net, device, address, SCOPE_LINK);
  const to = way === 'unicast' ? neighbour.mac : BROADCAST_MAC;
  sendArp(net, device, ARP_REQUEST, source, address, to, ZERO_MAC, waiting?.number ?? 0);
}

/** Announces an address of ours to whoever has an entry for it (arp_notify). */
export function arpAnnounce(net: Net, device: NetDevice, address: Ipv4): void {
  sendArp(net, device, ARP_REQUEST, address, address, BROADCAST_MAC, ZERO_MAC, 0);
}

/** Builds and sends an ARP packet from the device's own MAC. Models arp_create() and arp_xmit(). */
function sendArp(
  net: Net,
  device: NetDevice,
  operation: number,
  senderAddress: Ipv4,
  targetAddress: Ipv4,
  to: Mac,
  targetMac: Mac,
  cause: number,
): void {
  if (device.noArp) return;
  const fields = { operation, senderMac: device.mac, senderAddress, targetMac, targetAddress };
  const packet = arpFrame(net.ledger, to, fields, cause);
  packet.ledger.recorder?.step(packet, net.place, XMIT, { kind: 'originate', by: arpText(fields), origin: 'arp' });
  devQueueXmit(packet, device);
}
