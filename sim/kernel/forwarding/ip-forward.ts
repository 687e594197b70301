import { byMtu, byTtl } from '../../packet/because.ts';
import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { ttlLowered } from '../../packet/ttl-step.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_REDIRECT,
  ICMP_REDIRECT_HOST,
  ICMP_TIME_EXCEEDED,
  ICMP_TTL_EXCEEDED,
} from '../../wire/icmp.ts';
import type { Net } from '../net.ts';
import { ipOutput, mustNotFragment } from './ip-output.ts';
import { rtableOf } from './rtable.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'ip_forward' };

/**
 * Passes a packet on. Models net/ipv4/ip_forward.c ip_forward(), in its order: TTL, MTU, lower TTL, redirect, hook.
 * Not modelled: source routing, router alert, IPsec.
 */
export function ipForward(net: Net, packet: Packet): Fate {
  if (packet.packetType !== 'host') {
    return drop(
      packet,
      net.place,
      SITE,
      'kernel:UNICAST_IN_L2_MULTICAST',
      `a ${packet.packetType} frame is not forwarded`,
    );
  }
  const rtable = rtableOf(packet);
  const header = packet.ip;
  if (header.ttl <= 1) {
    net.counters.IpInHdrErrors++;
    net.parts.icmpSend(packet, ICMP_TIME_EXCEEDED, ICMP_TTL_EXCEEDED, 0);
    packet.ledger.recorder?.step(packet, net.place, SITE, byTtl(header.ttl));
    return drop(packet, net.place, SITE, 'kernel:IP_INHDR', `TTL ${header.ttl}: it may not be forwarded`);
  }
  net.counters.IpForwDatagrams++;
  packet.forwarded = true;
  const mtu = rtable.device.mtu;
  if (packet.length > mtu && mustNotFragment(packet, mtu)) {
    net.counters.IpFragFails++;
    net.parts.icmpSend(packet, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    packet.ledger.recorder?.step(packet, net.place, SITE, byMtu(rtable.device.name, mtu, packet.length, 'DF set'));
    return drop(
      packet,
      net.place,
      SITE,
      'kernel:PKT_TOO_BIG',
      `${packet.length} bytes, MTU ${mtu} on ${rtable.device.name}, DF set`,
    );
  }
  const before = header.ttl;
  header.decreaseTtl();
  packet.ledger.recorder?.step(packet, net.place, SITE, ttlLowered(before));
  if (rtable.redirect) sendRedirect(net, packet, rtable.gateway || header.destination);
  const input = net.deviceAt(packet.inputIfindex);
  return net.hooks.FORWARD.run(net, packet, input, rtable.device, ipOutput);
}

/** Models net/ipv4/route.c ip_rt_send_redirect(); how often is counted with the other errors to the same host. */
function sendRedirect(net: Net, packet: Packet, gateway: number): void {
  if (net.parts.icmpRateLimit.allowsRedirect(packet.ip.source)) {
    net.parts.icmpSend(packet, ICMP_REDIRECT, ICMP_REDIRECT_HOST, gateway);
  }
}
