import type { NetDevice } from '../../link/device.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Ipv4 } from '../../wire/address.ts';
import type { Net } from '../net.ts';
import { fibLookup, flowTo } from './fib-lookup.ts';
import { dissect, needsPorts } from './fib-rules.ts';

/** Refused with a reason, or accepted; `direct`: the source is a neighbour of ours on that interface. */
export type SourceCheck = { readonly reason: DropReason } | { readonly direct: boolean };

/**
 * May a packet from `source` to `destination` come in by `device`? `oif` is where it will leave, 0 for here.
 * Models net/ipv4/fib_frontend.c fib_validate_source(). Not modelled: IPsec, class ids.
 */
export function validateSource(
  net: Net,
  packet: Packet,
  source: Ipv4,
  destination: Ipv4,
  tos: number,
  oif: number,
  device: NetDevice,
): SourceCheck {
  const reversePathFilter = net.sysctls.max(device.name, 'rp_filter');
  const acceptLocal = net.sysctls.either(device.name, 'accept_local');
  const redirects = net.sysctls.either(device.name, 'send_redirects');
  if (reversePathFilter === 0 && (device.ifindex !== oif || !redirects)) {
    if (acceptLocal) return { direct: false };
    // With custom rules or local routes an address of ours need not be local by the tables: the full check decides.
    if (!net.hasCustomLocalRoutes && !net.hasCustomRules) {
      return net.hasAddress(source) ? { reason: 'kernel:IP_LOCAL_SOURCE' } : { direct: false };
    }
  }
  return validateByLookup(net, packet, source, destination, tos, oif, device, reversePathFilter, acceptLocal);
}

/** Models __fib_validate_source(): routes back to the source, as if the packet were turned round. */
function validateByLookup(
  net: Net,
  packet: Packet,
  source: Ipv4,
  destination: Ipv4,
  tos: number,
  oif: number,
  device: NetDevice,
  reversePathFilter: number,
  acceptLocal: boolean,
): SourceCheck {
  const noAddress = net.addressesOf(device).length === 0;
  const iif = oif || net.loopback.ifindex;
  const flow = { ...flowTo(source), source: destination, iif, tos };
  if (net.hasCustomRules && net.rules.some(needsPorts)) {
    dissect(packet, flow);
    [flow.sourcePort, flow.destinationPort] = [flow.destinationPort, flow.sourcePort];
  }
  const result = fibLookup(net, flow);
  if ('errno' in result) return reversePathFilter === 0 ? { direct: false } : { reason: 'kernel:IP_RPFILTER' };
  const { entry } = result;
  if (entry.type !== 'unicast' && !(entry.type === 'local' && acceptLocal)) {
    return { reason: entry.type === 'local' ? 'kernel:IP_LOCAL_SOURCE' : 'kernel:IP_INVALID_SOURCE' };
  }
  if (entry.device === device) return { direct: entry.gateway === 0 };
  if (noAddress) return reversePathFilter === 0 ? { direct: false } : { reason: 'kernel:IP_RPFILTER' };
  if (reversePathFilter === 1) return { reason: 'kernel:IP_RPFILTER' };
  // Loose mode (2) is content that some interface leads back; off (0) does not ask.
  return { direct: false };
}
