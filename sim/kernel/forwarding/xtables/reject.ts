import { devQueueXmit, type NetDevice } from '../../../link/device.ts';
import { Packet } from '../../../packet/packet.ts';
import type { Site } from '../../../packet/place.ts';
import { ETHERNET_LENGTH, ETHERTYPE_IPV4, putEthernet } from '../../../wire/ethernet.ts';
import { ICMP_DEST_UNREACH } from '../../../wire/icmp.ts';
import { IP_DF, IPV4_LENGTH, PROTOCOL_TCP, putIpv4 } from '../../../wire/ipv4.ts';
import { readMac } from '../../../wire/mac.ts';
import { putTcp, TCP_ACK, TCP_LENGTH, TCP_RST, TcpHeader, writeTcpChecksum } from '../../../wire/tcp.ts';
import type { Net } from '../../net.ts';
import { bridgeInfoOf } from '../bridge-netfilter-info.ts';
import { attachAnswer, connectionOf } from '../conntrack/connection.ts';
import { closeTcp } from '../conntrack/tcp-track.ts';
import { recordRoute } from '../fib-lookup.ts';
import { ipLocalOut } from '../ip-output.ts';
import { ipRouteOutput } from '../route-output.ts';
import { rtableOf } from '../rtable.ts';
import { transportChecksumHolds } from '../transport-checksum.ts';
import type { RejectType } from './target.ts';

const RESET: Site = { component: 'Kernel forwarding', function: 'nf_send_reset' };

/** Codes of destination unreachable. */
const CODES: { readonly [type in Exclude<RejectType, 'tcp-reset'>]: number } = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};

/** Answers a packet that is about to be dropped. Models net/ipv4/netfilter/ipt_REJECT.c reject_tg(). */
export function sendReject(net: Net, packet: Packet, type: RejectType): void {
  if (packet.ip.fragmentOffset !== 0) return;
  if (type === 'tcp-reset') sendReset(net, packet);
  // Nobody is told of a packet that broke on its way, which the first of several pieces seems to be (nf_ip_checksum).
  else if (!packet.ip.isFragment && transportChecksumHolds(packet))
    net.parts.icmpSend(packet, ICMP_DEST_UNREACH, CODES[type], 0);
}

/**
 * Resets a connection in the name of who was asked. Models net/ipv4/netfilter/nf_reject_ipv4.c nf_send_reset(): TTL of
 * this host, DF, identification 0, no options.
 */
function sendReset(net: Net, packet: Packet): void {
  const { bytes, tail } = packet;
  const header = packet.ip;
  const at = packet.networkOffset + header.headerLength;
  if (tail - at < TCP_LENGTH || !transportChecksumHolds(packet)) return;
  const old = new TcpHeader(bytes, at);
  const { type } = rtableOf(packet);
  if (old.rst || type === 'broadcast' || type === 'multicast') return;
  const { source, destination } = header;
  const consumed = tail - at - old.headerLength + (old.syn ? 1 : 0) + (old.fin ? 1 : 0);
  const query = { device: '', tos: 0, mark: 0, protocol: PROTOCOL_TCP, sourcePort: 0, destinationPort: 0 };
  const route = ipRouteOutput(net, { ...query, destination: source, source: destination });
  if ('errno' in route) return;
  const reset = Packet.allocate(net.ledger, IPV4_LENGTH + TCP_LENGTH, packet.number);
  reset.protocol = ETHERTYPE_IPV4;
  reset.networkOffset = reset.head;
  reset.transportOffset = reset.head + IPV4_LENGTH;
  reset.destination = route.rtable;
  attachAnswer(reset, packet);
  closeConnection(net, packet);
  putIpv4(reset.bytes, reset.head, {
    tos: 0,
    totalLength: IPV4_LENGTH + TCP_LENGTH,
    identification: 0,
    fragment: IP_DF,
    ttl: net.sysctls.global.ip_default_ttl,
    protocol: PROTOCOL_TCP,
    source: destination,
    destination: source,
  });
  putTcp(reset.bytes, reset.transportOffset, {
    sourcePort: old.destinationPort,
    destinationPort: old.sourcePort,
    sequence: old.ack ? old.acknowledgment : 0,
    acknowledgment: old.ack ? 0 : (old.sequence + consumed) >>> 0,
    headerLength: TCP_LENGTH,
    flags: old.ack ? TCP_RST : TCP_RST | TCP_ACK,
    window: 0,
  });
  writeTcpChecksum(reset.bytes, reset.transportOffset, TCP_LENGTH, destination, source);
  net.ledger.recorder?.step(reset, net.place, RESET, { kind: 'originate', by: 'REJECT', origin: 'stack' });
  if (route.result !== undefined) recordRoute(net, reset, RESET, source, route.result);
  const info = bridgeInfoOf(packet);
  if (info === undefined) ipLocalOut(net, reset);
  else sendBack(reset, packet, info.physicalInput);
}

/** Of a connection that is in the table the end is known at once (nf_ct_set_closing). */
function closeConnection({ conntrack, sysctls }: Net, packet: Packet): void {
  const connection = connectionOf(packet);
  if (connection?.confirmed !== true || connection.tcp === undefined) return;
  conntrack.refresh(connection, closeTcp(connection.tcp, sysctls.conntrack));
}

/** By the port of the bridge that the packet came in by, in the name of the MAC that it was for, past every hook. */
function sendBack(reset: Packet, packet: Packet, port: NetDevice): void {
  const destination = readMac(packet.bytes, packet.linkOffset + 6);
  reset.push(ETHERNET_LENGTH);
  putEthernet(reset.bytes, reset.head, destination, readMac(packet.bytes, packet.linkOffset), ETHERTYPE_IPV4);
  devQueueXmit(reset, port);
}
