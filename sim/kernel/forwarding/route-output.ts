import type { Errno } from '../../core/errno.ts';
import type { NetDevice } from '../../link/device.ts';
import {
  formatIpv4,
  type Ipv4,
  isLimitedBroadcast,
  isLoopback,
  isMulticast,
  isZeronet,
  LIMITED_BROADCAST,
  LOOPBACK,
} from '../../wire/address.ts';
import { inDevice } from '../in-device.ts';
import type { Net } from '../net.ts';
import { entryText, fibLookup, fibLookupTo, preferredSource, selectAddress, tablesAsked } from './fib-lookup.ts';
import type { FibResult } from './fib-result.ts';
import { type FibEntry, type Flow, nextHopOf, SCOPE_GLOBAL, SCOPE_LINK, type Scope } from './fib-table.ts';
import type { Rtable } from './rtable.ts';
import { ruleText, tableName } from './rule-text.ts';

/** What an output lookup is asked; `source` 0 lets it choose, `device` '' allows any. */
export interface OutputQuery {
  readonly destination: Ipv4;
  readonly source: Ipv4;
  readonly device: string;
  readonly tos: number;
  /** Default 0. */
  readonly mark?: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The nearest scope that will do: link with SO_DONTROUTE; default global. */
  readonly scope?: Scope;
}

/** A decision with the table entry behind it, or the error that the socket call returns. */
export type OutputRoute =
  | { readonly rtable: Rtable; readonly result: FibResult | undefined }
  | { readonly errno: Errno };

/**
 * Routes what this namespace sends and chooses its source. Models net/ipv4/route.c ip_route_output_key_hash_rcu() and
 * __mkroute_output(). Not modelled: multicast membership, L3 masters.
 */
export function ipRouteOutput(net: Net, query: OutputQuery): OutputRoute {
  const asked = query.device === '' ? undefined : net.device(query.device);
  if (query.device !== '' && asked === undefined) return { errno: 'ENODEV' };
  if (asked !== undefined && !asked.up) return { errno: 'ENETUNREACH' };
  let source = query.source;
  if (source !== 0 && (isMulticast(source) || isLimitedBroadcast(source) || isZeronet(source))) {
    return { errno: 'EINVAL' };
  }
  if (asked !== undefined && (isLimitedBroadcast(query.destination) || isMulticast(query.destination))) {
    source ||= selectAddress(net, asked, 0, SCOPE_LINK);
    return make(net, query, source, asked, undefined, undefined);
  }
  const destination = query.destination;
  if (destination === 0) {
    source ||= LOOPBACK;
    const made = make(net, { ...query, destination: source }, source, net.loopback, undefined, undefined);
    return 'errno' in made ? made : { ...made, rtable: { ...made.rtable, type: 'local' } };
  }

  const isPlain = asked === undefined && query.scope === undefined && !net.hasCustomRules;
  const result = isPlain ? fibLookupTo(net, destination) : fibLookup(net, outputFlow(net, query, asked));
  if ('errno' in result) {
    if (asked === undefined) return { errno: result.errno };
    // Asked for an interface, the kernel takes the destination to be on its link although no route says so.
    source ||= selectAddress(net, asked, 0, SCOPE_LINK);
    return make(net, query, source, asked, undefined, undefined);
  }
  const { entry } = result;
  if (entry.type === 'local') {
    source ||= entry.prefsrc || destination;
    return make(net, query, source, net.loopback, entry, result);
  }
  const device = entry.device;
  if (device === undefined) return { errno: 'ENETUNREACH' };
  source ||= preferredSource(net, entry);
  return make(net, query, source, device, entry, result);
}

/** Why there is no route to send by: the entry or rule that forbids it, or the tables in which there is none. */
export function noRouteText(net: Net, query: OutputQuery): string {
  const flow = outputFlow(net, query, query.device === '' ? undefined : net.device(query.device));
  const result = fibLookup(net, flow);
  if (result.entry !== undefined) return `${entryText(result.entry)} table ${tableName(result.entry.table)}`;
  if (result.rule !== undefined) return `rule ${result.rule.priority}: ${ruleText(result.rule)}`;
  return `no route to ${formatIpv4(query.destination)}; asked: ${tablesAsked(net, flow).join(', ')}`;
}

function outputFlow(net: Net, query: OutputQuery, asked: NetDevice | undefined): Flow {
  return {
    destination: query.destination,
    source: query.source,
    iif: net.loopback.ifindex,
    oif: asked?.ifindex ?? 0,
    mark: query.mark ?? 0,
    tos: query.tos,
    protocol: query.protocol,
    sourcePort: query.sourcePort,
    destinationPort: query.destinationPort,
    scope: query.scope ?? SCOPE_GLOBAL,
  };
}

/** Models __mkroute_output(): the last checks, and the type of the route. */
function make(
  net: Net,
  query: OutputQuery,
  source: Ipv4,
  device: NetDevice,
  entry: FibEntry | undefined,
  result: FibResult | undefined,
): OutputRoute {
  const destination = query.destination;
  const localnet = device.isLoopback || inDevice(device).routeLocalnet;
  if (!localnet && isLoopback(source)) return { errno: 'EINVAL' };
  const type = typeOf(destination, entry);
  const nextHop = entry === undefined ? 0 : nextHopOf(entry);
  const redirected = nextHop !== 0 ? net.parts.pathMtu.gatewayOf(destination) : undefined;
  const rtable: Rtable = {
    family: 'ipv4',
    action: 'output',
    type,
    device,
    gateway: type === 'unicast' ? (redirected ?? nextHop) : 0,
    source,
    errno: undefined,
    redirect: false,
    kept: type === 'unicast' ? entry?.info.routeFor('output', net.parts.pathMtu.generation) : undefined,
  };
  return { rtable, result };
}

function typeOf(destination: Ipv4, entry: FibEntry | undefined): Rtable['type'] {
  if (destination === LIMITED_BROADCAST) return 'broadcast';
  if (isMulticast(destination)) return 'multicast';
  if (entry?.type === 'broadcast' || entry?.type === 'local') return entry.type;
  return 'unicast';
}
