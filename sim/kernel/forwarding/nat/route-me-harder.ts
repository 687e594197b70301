import type { Packet } from '../../../packet/packet.ts';
import type { Net } from '../../net.ts';
import { addressType } from '../fib-lookup.ts';
import { ACCEPT, type Verdict } from '../netfilter.ts';
import { ipRouteOutput } from '../route-output.ts';

/**
 * Routes a packet of ours once more, because the hook OUTPUT changed its addresses, its mark or its TOS. Ports and
 * protocol do not take part. Models net/ipv4/netfilter.c ip_route_me_harder().
 */
export function routeMeHarder(net: Net, packet: Packet): Verdict {
  const { source, destination, tos } = packet.ip;
  const type = addressType(net, source);
  const route = ipRouteOutput(net, {
    destination,
    // An address that is not ours cannot be asked for; the packet keeps it all the same.
    source: type === 'local' || type === 'unicast' ? source : 0,
    device: packet.boundDevice,
    tos,
    mark: packet.mark,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
  });
  if ('errno' in route) {
    const { errno } = route;
    return { verdict: 'drop', reason: 'kernel:NETFILTER_DROP', detail: `no route after the rewrite: ${errno}`, errno };
  }
  packet.destination = route.rtable;
  return ACCEPT;
}
