import { drop, type Fate } from '../../packet/fate.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { ICMP_DEST_UNREACH, ICMP_PROTOCOL_UNREACH } from '../../wire/icmp.ts';
import type { Net } from '../net.ts';

const SITE: Site = { component: 'Inet stack', function: 'ip_local_deliver' };

/** A packet for this namespace: put together if it comes in pieces, then up. Models net/ipv4/ip_input.c ip_local_deliver(). */
export function ipLocalDeliver(net: Net, packet: Packet): Fate {
  if (!packet.ip.isFragment) return localIn(net, packet);
  net.counters.IpReasmReqds++;
  const result = net.parts.reassembler.add(packet);
  if ('fate' in result) return result.fate;
  net.counters.IpReasmOKs++;
  result.whole.transportOffset = result.whole.networkOffset + result.whole.ip.headerLength;
  return localIn(net, result.whole);
}

function localIn(net: Net, packet: Packet): Fate {
  return net.hooks.INPUT.run(net, packet, net.deviceAt(packet.inputIfindex), undefined, ipLocalDeliverFinish);
}

/** Models ip_local_deliver_finish() and ip_protocol_deliver_rcu(). Not modelled: raw sockets, IPsec. */
function ipLocalDeliverFinish(net: Net, packet: Packet): Fate {
  const handler = net.parts.protocols.get(packet.ip.protocol);
  if (handler === undefined) {
    net.counters.IpInUnknownProtos++;
    net.parts.icmpSend(packet, ICMP_DEST_UNREACH, ICMP_PROTOCOL_UNREACH, 0);
    return drop(packet, net.place, SITE, 'kernel:IP_NOPROTO', `protocol ${packet.ip.protocol}`);
  }
  net.counters.IpInDelivers++;
  return handler.handler(net, packet);
}
