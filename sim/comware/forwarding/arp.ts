import { devQueueXmit } from '../../link/device.ts';
import { consume, drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { arpFrame, arpText } from '../../transport/arp-frame.ts';
import { formatIpv4, type Ipv4, isLimitedBroadcast, isLoopback, isMulticast } from '../../wire/address.ts';
import { ARP_HARDWARE_ETHERNET, ARP_LENGTH, ARP_REPLY, ARP_REQUEST, ArpPacket } from '../../wire/arp.ts';
import { ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { BROADCAST_MAC, isGroupMac, type Mac, ZERO_MAC } from '../../wire/mac.ts';
import type { Comware } from '../comware.ts';
import type { ArpEntry } from './arp-table.ts';
import type { ComwareInterface } from './interface.ts';
import { answersArpFor } from './nat/global-address.ts';

const SITE: Site = { component: 'Comware forwarding', function: 'ARP' };

/** An ARP packet arrives on a port. Comware answers for the port's own address and for NAT's on it. */
export function arpReceive(cw: Comware, packet: Packet, on: ComwareInterface): Fate {
  if (packet.length < ARP_LENGTH) return drop(packet, cw.place, SITE, 'comware:FRAME_TOO_SHORT');
  const arp = new ArpPacket(packet.bytes, packet.head);
  const { senderAddress: sender, senderMac, targetAddress: target } = arp;
  const fault = faultOf(arp, on);
  if (fault !== undefined) return drop(packet, cw.place, SITE, 'comware:ARP_INVALID', fault);
  const own = on.address?.address;
  const isForUs = own !== undefined && (target === own || answersArpFor(cw.nat, on, target));
  if (sender !== 0) cw.parts.arp.learn(on, sender, senderMac, isForUs && on.hasOnLink(sender));
  if (arp.operation === ARP_REQUEST && isForUs) {
    sendArp(cw, on, ARP_REPLY, target, sender, senderMac, senderMac, packet.number);
    return consume(packet, cw.place, SITE, `request for ${formatIpv4(target)}, answered`);
  }
  const what = arp.operation === ARP_REQUEST ? `request for ${formatIpv4(target)}, not ours` : 'reply';
  return consume(packet, cw.place, SITE, what);
}

function faultOf(arp: ArpPacket, on: ComwareInterface): string | undefined {
  if (arp.hardwareType !== ARP_HARDWARE_ETHERNET || arp.protocolType !== ETHERTYPE_IPV4)
    return 'not IPv4 over Ethernet';
  if (arp.hardwareLength !== 6 || arp.protocolLength !== 4) return 'address lengths';
  if (arp.operation !== ARP_REQUEST && arp.operation !== ARP_REPLY) return `operation ${arp.operation}`;
  if (isGroupMac(arp.senderMac)) return 'the sender MAC is a group address';
  const sender = arp.senderAddress;
  if (isMulticast(sender) || isLoopback(sender) || isLimitedBroadcast(sender)) return `sender ${formatIpv4(sender)}`;
  if (sender !== 0 && sender === on.address?.address) return `${formatIpv4(sender)} is our own address`;
  return undefined;
}

/** Asks for the MAC of a neighbour. */
export function arpRequest(cw: Comware, entry: ArpEntry, cause: number): void {
  const source = entry.interface.address?.address ?? 0;
  sendArp(cw, entry.interface, ARP_REQUEST, source, entry.address, BROADCAST_MAC, ZERO_MAC, cause);
}

function sendArp(
  cw: Comware,
  on: ComwareInterface,
  operation: number,
  senderAddress: Ipv4,
  targetAddress: Ipv4,
  to: Mac,
  targetMac: Mac,
  cause: number,
): void {
  const { port } = on;
  if (port === undefined) return;
  const fields = { operation, senderMac: port.mac, senderAddress, targetMac, targetAddress };
  const packet = arpFrame(cw.ledger, to, fields, cause);
  packet.ledger.recorder?.step(packet, cw.place, SITE, { kind: 'originate', by: arpText(fields), origin: 'arp' });
  devQueueXmit(packet, port);
}
