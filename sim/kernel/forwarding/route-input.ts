import type { NetDevice } from '../../link/device.ts';
import { bySysctl } from '../../packet/because.ts';
import type { DropReason } from '../../packet/drop-reasons.ts';
import type { Packet } from '../../packet/packet.ts';
import type { Site } from '../../packet/place.ts';
import { type Ipv4, isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from '../../wire/address.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { fibLookup, fibLookupTo, flowTo, recordRoute } from './fib-lookup.ts';
import { dissect, needsPorts } from './fib-rules.ts';
import { type FibEntry, type Flow, nextHopOf } from './fib-table.ts';
import type { Rtable } from './rtable.ts';
import { type SourceCheck, validateSource } from './validate-source.ts';

const SITE: Site = { component: 'Kernel forwarding', function: 'ip_route_input_slow' };

/** 224.0.0.1 (RFC 1112 4). */
const ALL_HOSTS = 0xe0000001;

/** For the trace: without rules every flow is asked for in the same tables. */
const NO_RULES = flowTo(0);

/** A decision, or refused as a martian. */
export type InputRoute = Rtable | { readonly reason: DropReason };

/**
 * Decides what becomes of a packet that came in by `device`, in the kernel's order: source and destination that must
 * not appear on a wire, the lookup, local or forward, the check of the source.
 * Models net/ipv4/route.c ip_route_input_slow() and __mkroute_input(). Not modelled: multicast routing, source routing.
 */
export function ipRouteInput(
  net: Net,
  packet: Packet,
  destination: Ipv4,
  source: Ipv4,
  tos: number,
  device: NetDevice,
): InputRoute {
  if (isMulticast(source) || isLimitedBroadcast(source)) return { reason: 'kernel:IP_INVALID_SOURCE' };
  if (isMulticast(destination)) {
    // Every interface is in 224.0.0.1; nobody here joins another group, and there is no multicast routing.
    if (destination !== ALL_HOSTS) return { reason: 'kernel:IP_INVALID_DEST' };
    return localRoute(net, 'multicast');
  }
  if (isLimitedBroadcast(destination) || (source === 0 && destination === 0)) {
    return broadcastInput(net, packet, destination, source, tos, device);
  }
  if (isZeronet(source)) return { reason: 'kernel:IP_INVALID_SOURCE' };
  if (isZeronet(destination)) return { reason: 'kernel:IP_INVALID_DEST' };
  // On lo itself 127.0.0.0/8 is at home.
  const localnet = device.isLoopback || inDevice(device).routeLocalnet;
  if (!localnet && (isLoopback(destination) || isLoopback(source))) {
    const name = `net.ipv4.conf.${device.name}.route_localnet`;
    packet.ledger.recorder?.step(packet, net.place, SITE, bySysctl(name, 0, '', { device: device.name }));
    return { reason: 'kernel:IP_LOCALNET' };
  }

  const flow = net.hasCustomRules ? inputFlow(net, packet, destination, source, tos, device) : undefined;
  const result = flow === undefined ? fibLookupTo(net, destination) : fibLookup(net, flow);
  recordRoute(net, packet, SITE, destination, result, flow ?? NO_RULES);
  const forwarding = inDevice(device).forwarding;
  if ('errno' in result) return errorRoute(net, forwarding ? result.errno : 'EHOSTUNREACH');
  const { entry } = result;
  if (entry.type === 'broadcast') return broadcastInput(net, packet, destination, source, tos, device);
  if (entry.type === 'local') {
    const check = validateSource(net, packet, source, destination, tos, 0, device);
    return 'reason' in check ? check : ownRoute(net, entry);
  }
  if (!forwarding) return errorRoute(net, 'EHOSTUNREACH');
  if (entry.type !== 'unicast' || entry.device === undefined) return { reason: 'kernel:IP_INVALID_DEST' };
  const check = validateSource(net, packet, source, destination, tos, entry.device.ifindex, device);
  if ('reason' in check) return check;
  return forwardRoute(net, entry, entry.device, source, device, check);
}

function inputFlow(net: Net, packet: Packet, destination: Ipv4, source: Ipv4, tos: number, device: NetDevice): Flow {
  const flow: Flow = {
    destination,
    source,
    iif: device.ifindex,
    oif: 0,
    mark: packet.mark,
    tos,
    protocol: 0,
    sourcePort: 0,
    destinationPort: 0,
    scope: 0,
  };
  if (net.rules.some(needsPorts)) dissect(packet, flow);
  return flow;
}

/** The `brd_input` branch: broadcasts are delivered here, whoever else gets them. */
function broadcastInput(
  net: Net,
  packet: Packet,
  destination: Ipv4,
  source: Ipv4,
  tos: number,
  device: NetDevice,
): InputRoute {
  if (!isZeronet(source)) {
    const check = validateSource(net, packet, source, destination, tos, 0, device);
    if ('reason' in check) return check;
  }
  return localRoute(net, 'broadcast');
}

/** To an address of this host, kept as nhc_rth_input: one decision serves all that come to it. */
function ownRoute(net: Net, entry: FibEntry): Rtable {
  const kept = entry.info.routeFor('input', net.parts.pathMtu.generation);
  kept.decision ??= localRoute(net, 'local');
  return kept.decision as Rtable;
}

function localRoute(net: Net, type: 'local' | 'broadcast' | 'multicast'): Rtable {
  return {
    family: 'ipv4',
    action: 'deliver',
    type,
    device: net.loopback,
    gateway: 0,
    source: 0,
    errno: undefined,
    redirect: false,
    kept: undefined,
  };
}

function errorRoute(net: Net, errno: Rtable['errno']): Rtable {
  return {
    family: 'ipv4',
    action: 'error',
    type: 'unicast',
    device: net.loopback,
    gateway: 0,
    source: 0,
    errno,
    redirect: false,
    kept: undefined,
  };
}

function forwardRoute(
  net: Net,
  entry: FibEntry,
  output: NetDevice,
  source: Ipv4,
  input: NetDevice,
  check: SourceCheck,
): Rtable {
  const direct = 'direct' in check && check.direct;
  // shared_media is on by default: whoever sends us what leaves by the same wire is told (ICMP redirect).
  const redirect = output === input && direct && inDevice(output).sendRedirects && source !== 0;
  const kept = entry.info.routeFor('input', net.parts.pathMtu.generation);
  // As nhc_rth_input: but for a redirect, which is due to some packets only, one decision serves all that go this way.
  if (!redirect && kept.decision !== undefined) return kept.decision as Rtable;
  const rtable: Rtable = {
    family: 'ipv4',
    action: 'forward',
    type: 'unicast',
    device: output,
    gateway: nextHopOf(entry),
    source: 0,
    errno: undefined,
    redirect,
    kept,
  };
  if (!redirect) kept.decision = rtable;
  return rtable;
}
