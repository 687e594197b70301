import type { NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { formatIpv4, type Ipv4 } from '../../wire/address.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { entryText, fibLookup, flowTo } from './fib-lookup.ts';
import type { FibResult } from './fib-result.ts';
import { dissect, needsPorts } from './fib-rules.ts';
import { nextHopOf } from './fib-table.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'fib_validate_source' };

/** Refused with a reason, or accepted; `direct`: the source is a neighbour of ours on that interface. */
export type SourceCheck = { readonly reason: DropReason } | { readonly direct: boolean };

const DIRECT: SourceCheck = { direct: true };
const INDIRECT: SourceCheck = { direct: false };

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
  const { rpFilter: reversePathFilter, acceptLocal, sendRedirects: redirects } = inDevice(device);
  if (reversePathFilter === 0 && (device.ifindex !== oif || !redirects)) {
    if (acceptLocal) return INDIRECT;
    // With custom rules or local routes an address of ours need not be local by the tables: the full check decides.
    if (!net.hasCustomLocalRoutes && !net.hasCustomRules) {
      return net.hasAddress(source) ? isOurs(net, packet, source, device) : INDIRECT;
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
  if ('errno' in result) return reversePathFilter === 0 ? INDIRECT : filtered(net, packet, source, device, result);
  const { entry } = result;
  if (entry.type !== 'unicast' && !(entry.type === 'local' && acceptLocal)) {
    return entry.type === 'local' ? isOurs(net, packet, source, device) : { reason: 'kernel:IP_INVALID_SOURCE' };
  }
  if (entry.device === device) return nextHopOf(entry) === 0 ? DIRECT : INDIRECT;
  if (noAddress) return reversePathFilter === 0 ? INDIRECT : filtered(net, packet, source, device, result);
  if (reversePathFilter === 1) return filtered(net, packet, source, device, result);
  // Loose mode (2) is content that some interface leads back; off (0) does not ask.
  return INDIRECT;
}

/** The source is an address of this host itself. */
function isOurs(net: Net, packet: Packet, source: Ipv4, device: NetDevice): SourceCheck {
  const name = `net.ipv4.conf.${device.name}.accept_local`;
  const why = `${formatIpv4(source)} is an address of this host`;
  packet.ledger.recorder?.step(packet, net.place, SITE, bySysctl(name, 0, why, { device: device.name }));
  return { reason: 'kernel:IP_LOCAL_SOURCE' };
}

/** The way back to the source, by which rp_filter judges, does not lead where the packet came from. */
function filtered(net: Net, packet: Packet, source: Ipv4, device: NetDevice, result: FibResult): SourceCheck {
  const { recorder } = packet.ledger;
  if (recorder === undefined) return { reason: 'kernel:IP_RPFILTER' };
  const own = net.sysctls.of(device.name).rp_filter;
  const isAll = net.sysctls.all.rp_filter > own;
  const name = `net.ipv4.conf.${isAll ? 'all' : device.name}.rp_filter`;
  const to = formatIpv4(source);
  const back =
    result.entry === undefined ? `no route back to ${to}` : `the route back to ${to} is ${entryText(result.entry)}`;
  const value = Math.max(own, net.sysctls.all.rp_filter);
  recorder.step(packet, net.place, SITE, bySysctl(name, value, back, { device: device.name }));
  return { reason: 'kernel:IP_RPFILTER' };
}
