import type { NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import type { Step } from '../../packet/trace.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { u8 } from '../../wire/bytes.ts';
import { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, ICMP_NET_UNREACH, ICMP_PKT_FILTERED } from '../../wire/icmp.ts';
import { IPV4_LENGTH, ipv4Fault } from '../../wire/ipv4.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { ipLocalDeliver } from '../stack/ip-local-deliver.ts';
import { ipForward } from './ip-forward.ts';
import { ipRouteInput } from './route-input.ts';
import { rtableOf } from './rtable.ts';

const RCV: Site = { component: 'Kernel forwarding', function: 'ip_rcv' };
const FINISH: Site = { component: 'Kernel forwarding', function: 'ip_rcv_finish' };
const ERROR: Site = { component: 'Kernel forwarding', function: 'ip_error' };

/** An IPv4 packet arrives, `head` at its header. Models net/ipv4/ip_input.c ip_rcv_core() and ip_rcv(). */
export function ipRcv(net: Net, packet: Packet, device: NetDevice): Fate {
  if (packet.packetType === 'otherhost') return drop(packet, net.place, RCV, 'kernel:OTHERHOST');
  net.counters.IpInReceives++;
  net.counters.IpExtInOctets += packet.length;
  const fault = ipv4Fault(packet.bytes, packet.head, packet.length);
  if (fault !== undefined) {
    // Truncated is a packet whose header is there and promises more; one without a whole header is a bad header.
    const hasHeader = packet.length >= IPV4_LENGTH && packet.length >= (u8(packet.bytes, packet.head) & 15) * 4;
    if (fault === 'PKT_TOO_SMALL' && hasHeader) net.counters.IpExtInTruncatedPkts++;
    else net.counters.IpInHdrErrors++;
    return drop(packet, net.place, RCV, `kernel:${fault}`);
  }
  packet.networkOffset = packet.head;
  packet.transportOffset = packet.head + packet.ip.headerLength;
  // Ethernet pads short frames: what the header does not count is not part of the packet.
  packet.trim(packet.ip.totalLength);
  packet.forwarded = false;
  return net.hooks.PREROUTING.run(net, packet, device, undefined, ipRcvFinish);
}

/** Models ip_rcv_finish_core() and dst_input(): route, then deliver, forward or refuse. Not modelled:
 * drop_unicast_in_l2_multicast, which is off unless it is asked for. */
function ipRcvFinish(net: Net, packet: Packet, device: NetDevice): Fate {
  // What comes round by lo still has the route that output gave it (skb_valid_dst).
  if (packet.destination !== undefined && rtableOf(packet).action === 'output') {
    if (rtableOf(packet).type === 'broadcast') net.counters.IpExtInBcastPkts++;
    // Whatever was routed to lo is for this host (__mkroute_output sets RTCF_LOCAL).
    return ipLocalDeliver(net, packet);
  }
  // br_netfilter has routed what it translated.
  if (packet.destination === undefined) {
    const header = packet.ip;
    const route = ipRouteInput(net, packet, header.destination, header.source, header.tos, device);
    if ('reason' in route) {
      if (route.reason === 'kernel:IP_RPFILTER') net.counters.TcpExtIPReversePathFilter++;
      return drop(packet, net.place, FINISH, route.reason, martianText(packet, device));
    }
    packet.destination = route;
  }
  const { type, action } = rtableOf(packet);
  if (type === 'broadcast') net.counters.IpExtInBcastPkts++;
  // RFC 1122 3.3.6: a unicast packet in a broadcast frame is somebody's mistake, or somebody's attack; Linux takes it.
  const isMixed = type !== 'broadcast' && type !== 'multicast' && packet.packetType !== 'host';
  if (isMixed && inDevice(device).dropUnicastInL2Multicast) {
    const name = `net.ipv4.conf.${device.name}.drop_unicast_in_l2_multicast`;
    packet.ledger.recorder?.step(packet, net.place, FINISH, bySysctl(name, 1));
    return drop(packet, net.place, FINISH, 'kernel:UNICAST_IN_L2_MULTICAST');
  }
  switch (action) {
    case 'deliver':
      return ipLocalDeliver(net, packet);
    case 'forward':
      return ipForward(net, packet);
    default:
      return ipError(net, packet, device);
  }
}

/** No way on: says why by ICMP, where forwarding is on. Models net/ipv4/route.c ip_error(). */
function ipError(net: Net, packet: Packet, device: NetDevice): Fate {
  const { errno } = rtableOf(packet);
  const destination = formatIpv4(packet.ip.destination);
  if (!inDevice(device).forwarding) {
    net.counters.IpInAddrErrors++;
    packet.ledger.recorder?.step(packet, net.place, ERROR, forwardingOff(net, device));
    return drop(
      packet,
      net.place,
      ERROR,
      'kernel:IP_INADDRERRORS',
      `${destination} is not ours, forwarding is off on ${device.name}`,
    );
  }
  if (errno === 'EINVAL') return drop(packet, net.place, ERROR, 'kernel:IP_INNOROUTES', `${destination} is blackholed`);
  if (errno === 'ENETUNREACH') net.counters.IpExtInNoRoutes++;
  const code = errno === 'EACCES' ? ICMP_PKT_FILTERED : errno === 'EHOSTUNREACH' ? ICMP_HOST_UNREACH : ICMP_NET_UNREACH;
  if (net.parts.icmpRateLimit.allowsRouteError(packet.ip.source)) {
    net.parts.icmpSend(packet, ICMP_DEST_UNREACH, code, 0);
  }
  return drop(packet, net.place, ERROR, 'kernel:IP_INNOROUTES', `no route to ${destination}`);
}

/** `ip_forward` sets it for every interface; where that is on, one was switched off by itself. */
function forwardingOff(net: Net, device: NetDevice): Step {
  const isOffEverywhere = net.sysctls.all.forwarding === 0;
  const name = isOffEverywhere ? 'net.ipv4.ip_forward' : `net.ipv4.conf.${device.name}.forwarding`;
  return bySysctl(name, 0, '', { device: device.name });
}

function martianText(packet: Packet, device: NetDevice): string {
  const { source, destination } = packet.ip;
  return `from ${formatIpv4(source)} to ${formatIpv4(destination)} on ${device.name}`;
}
