import type { Errno } from '../../core/errno.ts';
import type { NetDevice } from '../../link/device.ts';
import type { Ipv4, Prefix } from '../../wire/address.ts';
import type { Net } from '../net.ts';
import { addressType, fibLookup, flowTo } from './fib-lookup.ts';
import {
  FibEntry,
  FibInfo,
  fibTableLookup,
  type RouteType,
  SCOPE_GLOBAL,
  SCOPE_HOST,
  SCOPE_LINK,
  type Scope,
  TABLE_LOCAL,
  TABLE_MAIN,
} from './fib-table.ts';

/** What `ip route add` names; the rest is worked out as the kernel does. */
export interface RouteRequest {
  readonly type: RouteType;
  readonly prefix: Prefix;
  /** 0 for none. */
  readonly gateway: Ipv4;
  /** '' leaves it to the gateway. */
  readonly device: string;
  readonly table: number;
  /** Undefined for what iproute2 fills in. */
  readonly scope: Scope | undefined;
  /** 0 for none. */
  readonly prefsrc: Ipv4;
  readonly metric: number;
  readonly protocol: string;
  readonly onlink: boolean;
}

/** The kernel's refusal, with its extended message where it has one. */
interface Refusal {
  readonly errno: Errno;
  readonly message?: string;
}

/** What each type demands of the scope (net/ipv4/fib_semantics.c fib_props[]). */
const LEAST_SCOPE: Partial<Record<RouteType, Scope>> = { local: SCOPE_HOST, broadcast: SCOPE_LINK };

/** Types that are an error and lead nowhere. */
const ERROR_TYPES: readonly RouteType[] = ['blackhole', 'unreachable', 'prohibit', 'throw'];

/** Works out the entry that a request means. Models fib_create_info(), its checks in its order. */
export function createFibEntry(net: Net, request: RouteRequest): FibEntry | Refusal {
  const { prefix, type, table, gateway, prefsrc, metric, protocol, onlink } = request;
  const scope = request.scope ?? defaultScope(type, gateway);
  if ((LEAST_SCOPE[type] ?? SCOPE_GLOBAL) > scope) return invalid('Invalid scope.');
  const leadsNowhere = ERROR_TYPES.includes(type);
  const nexthop = leadsNowhere ? noNexthop(request) : checkNexthop(net, request, scope);
  if ('errno' in nexthop) return nexthop;
  if (!leadsNowhere && prefsrc !== 0 && !isValidPrefsrc(net, request)) return invalid('Invalid prefsrc address.');
  const { device, isOwn = false } = nexthop;
  const way = { type, device, gateway, hasOwnGateway: isOwn, scope, prefsrc, metric, protocol, onlink };
  return new FibEntry(prefix, table, new FibInfo(way));
}

/** What iproute2 fills in: host for local, link for what is on the wire, global for what has a gateway. */
function defaultScope(type: RouteType, gateway: Ipv4): Scope {
  if (type === 'local') return SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast') return SCOPE_LINK;
  return type === 'unicast' && gateway === 0 ? SCOPE_LINK : SCOPE_GLOBAL;
}

interface Nexthop {
  readonly device: NetDevice | undefined;
  /** The gateway is no nearer than this host itself (nhc_scope): it is shown, and what is sent goes past it. */
  readonly isOwn?: boolean;
}

function noNexthop(request: RouteRequest): Nexthop | Refusal {
  if (request.gateway === 0 && request.device === '') return { device: undefined };
  return invalid('Gateway, device and multipath can not be specified for this route type.');
}

function checkNexthop(net: Net, request: RouteRequest, scope: Scope): Nexthop | Refusal {
  const { gateway, onlink } = request;
  const device = request.device === '' ? undefined : net.device(request.device);
  if (request.device !== '' && device === undefined) {
    return { errno: 'ENODEV', message: `Cannot find device "${request.device}"` };
  }
  if (scope === SCOPE_HOST) {
    if (gateway !== 0) return invalid('Route with host scope can not have a gateway.');
    return device === undefined ? { errno: 'ENODEV' } : { device };
  }
  if (gateway !== 0) {
    return onlink ? checkOnlink(net, gateway, device, scope) : checkGateway(net, request, device, scope);
  }
  if (onlink) return invalid('Invalid flags for nexthop - PERVASIVE and ONLINK can not be set.');
  if (device === undefined) return { errno: 'ENODEV' };
  return device.up ? { device } : { errno: 'ENETDOWN', message: 'Device for nexthop is not up.' };
}

function checkOnlink(net: Net, gateway: Ipv4, device: NetDevice | undefined, scope: Scope): Nexthop | Refusal {
  if (scope >= SCOPE_LINK) return invalid('Nexthop has invalid scope.');
  if (device === undefined) return { errno: 'ENODEV', message: 'Nexthop device required for onlink.' };
  if (!device.up) return { errno: 'ENETDOWN', message: 'Nexthop device is not up.' };
  return addressType(net, gateway) === 'unicast' ? { device } : invalid('Nexthop has invalid gateway.');
}

/** Models fib_check_nh_v4_gw(): the gateway has to be nearer than the route, and neither a broadcast nor a dead end. */
function checkGateway(
  net: Net,
  { gateway, table }: RouteRequest,
  device: NetDevice | undefined,
  scope: Scope,
): Nexthop | Refusal {
  const nearer = Math.max(scope + 1, SCOPE_LINK);
  const flow = flowTo(gateway);
  flow.oif = device?.ifindex ?? 0;
  flow.iif = net.loopback.ifindex;
  flow.scope = nearer;
  // A route of another table may have its gateway there.
  const own = table === TABLE_MAIN || table === TABLE_LOCAL ? undefined : net.tables.get(table);
  const inOwn = own === undefined ? undefined : fibTableLookup(own, undefined, flow);
  const found = inOwn === undefined ? fibLookup(net, flow) : { entry: inOwn };
  const { entry } = found;
  if ('errno' in found || entry === undefined) {
    return { errno: 'errno' in found ? found.errno : 'ENETUNREACH', message: 'Nexthop has invalid gateway.' };
  }
  if (entry.type !== 'unicast' && entry.type !== 'local') return invalid('Nexthop has invalid gateway.');
  if (entry.device === undefined) return { errno: 'ENODEV', message: 'No egress device for nexthop gateway.' };
  const isOwn = entry.scope >= SCOPE_HOST;
  return entry.device.up ? { device: entry.device, isOwn } : { errno: 'ENETDOWN' };
}

/** Models fib_valid_prefsrc(). A local route may prefer the very address it makes local. */
function isValidPrefsrc(net: Net, { type, prefix, prefsrc }: RouteRequest): boolean {
  if (type === 'local' && prefix.network === prefsrc) return true;
  return addressType(net, prefsrc) === 'local';
}

function invalid(message: string): Refusal {
  return { errno: 'EINVAL', message };
}
