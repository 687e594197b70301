import type { Ledger } from '../packet/ledger.ts';
import { Packet } from '../packet/packet.ts';
import { formatIpv4 } from '../wire/address.ts';
import { ARP_LENGTH, ARP_REQUEST, type ArpFields, putArp } from '../wire/arp.ts';
import { ETHERNET_LENGTH, ETHERTYPE_ARP, putEthernet } from '../wire/ethernet.ts';
import type { Mac } from '../wire/mac.ts';

/** A whole ARP frame to `to`, `head` at its Ethernet header. `cause` is the packet it is asked or answered for. */
export function arpFrame(ledger: Ledger, to: Mac, fields: ArpFields, cause: number): Packet {
  const packet = Packet.allocate(ledger, ETHERNET_LENGTH + ARP_LENGTH, cause);
  packet.protocol = ETHERTYPE_ARP;
  packet.networkOffset = packet.head + ETHERNET_LENGTH;
  putEthernet(packet.bytes, packet.head, to, fields.senderMac, ETHERTYPE_ARP);
  putArp(packet.bytes, packet.networkOffset, fields);
  return packet;
}

/** How traces call an ARP frame. */
export function arpText(fields: ArpFields): string {
  if (fields.operation === ARP_REQUEST) return `ARP request for ${formatIpv4(fields.targetAddress)}`;
  return `ARP reply of ${formatIpv4(fields.senderAddress)}`;
}
