import type { Flow } from '../explain/flow.ts';
import { parseIpv4 } from '../wire/address.ts';
import type { World } from '../world/world.ts';
import { LabError } from './lab-error.ts';
import { stackOf } from './stack-of.ts';

/** How a flow is sent, beyond from where and where to. */
export interface FlowOptions {
  /** Source address, where the stack is not to choose it. */
  readonly source?: string;
  /** Of udp and tcp; default a free one. */
  readonly sourcePort?: number;
  /** Initial TTL, 1 to 255. */
  readonly ttl?: number;
  /** Payload in bytes; default 56 for icmp, 8 for udp, none for tcp. */
  readonly size?: number;
  /** Path MTU discovery, as `ping -M`. */
  readonly df?: 'want' | 'do' | 'dont';
}

/** A flow: one packet and its answer, or for tcp a connection that is made and closed again. */
export interface FlowRequest extends FlowOptions {
  /** Who sends: `pc1`, `device-a`, `device-a/comware`, `container3`. */
  readonly from: string;
  /** `203.0.113.1`, `203.0.113.1:53`, or the name of a stack that has one address: `isp`, `isp:53`. */
  readonly to: string;
  /** Default: udp where `to` has a port, else icmp. */
  readonly protocol?: 'icmp' | 'udp' | 'tcp';
}

/** Reads a request. Throws LabError for what cannot be sent. */
export function flowOf(world: World, { to, protocol, source, sourcePort, ttl, size, df }: FlowRequest): Flow {
  const { destination, port } = targetOf(world, to);
  const chosen = protocol ?? (port === 0 ? 'icmp' : 'udp');
  if (chosen !== 'icmp' && port === 0) throw new LabError(`${chosen} needs a port: "${to}:53"`);
  if (chosen === 'icmp' && port !== 0) throw new LabError(`icmp has no port: "${to}"`);
  if (chosen === 'icmp' && sourcePort !== undefined) throw new LabError('icmp has no port: leave sourcePort out');
  if (ttl !== undefined) mustBeWhole('ttl', ttl, 1, 255);
  if (size !== undefined) mustBeWhole('size', size, 0, chosen === 'tcp' ? 2_097_152 : 65_507);
  if (sourcePort !== undefined) mustBeWhole('sourcePort', sourcePort, 1, 65_535);
  return {
    protocol: chosen,
    destination,
    port,
    ...(source === undefined ? {} : { source: addressOf('source', source) }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(size === undefined ? {} : { size }),
    ...(df === undefined ? {} : { df }),
  };
}

/** `10.0.0.1`, `10.0.0.1:53`, `isp`, `device-a/container3:80`; port 0 for none. */
function targetOf(world: World, to: string): { readonly destination: number; readonly port: number } {
  const [, host = '', digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(to) ?? [];
  const port = Number(digits ?? 0);
  if (host === '' || port > 65_535 || (digits !== undefined && port === 0)) {
    throw new LabError(`cannot send to "${to}": write ADDRESS, ADDRESS:PORT, STACK or STACK:PORT`);
  }
  return { destination: /^[\d.]+$/.test(host) ? addressOf('to', host) : onlyAddressOf(world, host), port };
}

/** Of a stack with several addresses none is guessed. */
function onlyAddressOf(world: World, name: string): number {
  const stack = stackOf(world, name);
  const { namespace, comware } = world.snapshot(stack);
  const own =
    comware === undefined
      ? namespace.addr.flatMap(({ ifname, addr_info }) =>
          ifname === 'lo' ? [] : addr_info.map(({ local }) => ({ ifname, local })),
        )
      : comware.interfaces.flatMap((row) =>
          row.address === '' ? [] : [{ ifname: row.shortName, local: row.address.split('/')[0] ?? '' }],
        );
  const [only] = own;
  if (own.length === 1 && only !== undefined) return addressOf('to', only.local);
  if (only === undefined) throw new LabError(`"${name}" has no address`);
  const list = own.map(({ ifname, local }) => `${local} (${ifname})`).join(', ');
  throw new LabError(`"${name}" has ${own.length} addresses, write one of them: ${list}`);
}

function addressOf(what: string, text: string): number {
  const address = parseIpv4(text);
  if (address === undefined) throw new LabError(`${what}: "${text}" is no IPv4 address`);
  return address;
}

function mustBeWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new LabError(`${what}: expected a whole number from ${least} to ${most}, found ${value}`);
}
