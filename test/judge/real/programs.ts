import { httpBytes } from '../../../sim/program/http-message.ts';
import { type HttpAnswer, type Page, siteOf } from '../../../sim/program/http-server.ts';
import { clientActions, serverActions } from '../../../sim/program/tcp-actions.ts';
import type { HeldTcpSpec, HttpSpec, TcpSpec, UdpSpec } from '../../../sim/scenario/verb-schema.ts';
import { formatIpv4 } from '../../../sim/wire/address.ts';
import { mannersOf, tcpSocketOf } from '../../../sim/world/manners-schema.ts';
import { protocolOf, type ServiceSpec } from '../../../sim/world/service-schema.ts';
import type { Topology } from '../../../sim/world/topology-schema.ts';
import type { PeerRequest } from './peer.ts';

/* What peer.py is asked for: the words of topology and scenario, with the defaults of the simulator's programs. */

const SECOND = 1_000_000_000;

/** A program of the topology that listens. */
export interface ServiceRequest {
  readonly node: string;
  readonly name: string;
  readonly autostart: boolean;
  readonly request: PeerRequest;
}

/** Every service of the nodes of a topology, in its order. */
export function servicesOf({ topology }: Topology): ServiceRequest[] {
  return Object.entries(topology.nodes).flatMap(([node, spec]) =>
    spec.kind === 'linux' ? spec.services.map((service) => serviceOf(node, service)) : [],
  );
}

function serviceOf(node: string, spec: ServiceSpec): ServiceRequest {
  const protocol = protocolOf(spec);
  const name = spec.name ?? `${protocol}-${spec.port}`;
  const common = { do: 'serve', node, name, protocol, program: spec.program, port: spec.port };
  const own = spec.program === 'http' ? pagesOf(spec, `${name} on ${node}\n`) : {};
  const actions = spec.program === 'responder' ? { actions: serverActions(answering(spec)) } : {};
  const address = addressText(spec.address);
  return {
    node,
    name,
    autostart: spec.autostart,
    request: { ...common, address, ...tcpSocketOf(spec), ...own, ...actions },
  };
}

function answering(spec: ServiceSpec) {
  const answer = Uint8Array.from({ length: spec.size ?? 0 }, (_, index) => 0x61 + (index % 26));
  return mannersOf(spec, answer, 'wait', spec.delay);
}

function pagesOf({ pages }: ServiceSpec, greeting: string) {
  const site = siteOf(new Map(Object.entries(pages ?? { '/': greeting }).map(([path, page]) => [path, pageOf(page)])));
  const paths = Object.keys(pages ?? { '/': '' });
  const missing = { status: 404, reason: 'Not Found', headers: { 'Content-Type': 'text/plain; charset=utf-8' } };
  return {
    pages: Object.fromEntries(paths.map((path) => [path, answerBytes(site(path) as HttpAnswer)])),
    missing: answerBytes({ ...missing, body: Buffer.from('404 Not Found\n') }),
  };
}

function pageOf(page: NonNullable<ServiceSpec['pages']>[string]): Page {
  if (typeof page === 'string') return { body: page };
  const { body, type, redirect } = page;
  return { body, ...(type === undefined ? {} : { type }), ...(redirect === undefined ? {} : { redirect }) };
}

function answerBytes({ status, reason, headers, body }: HttpAnswer): Uint8Array {
  return httpBytes(`HTTP/1.1 ${status} ${reason}`, { ...headers, 'Content-Length': String(body.length) }, body);
}

export function udpRequest(spec: UdpSpec): PeerRequest {
  return {
    do: 'udp',
    ...socketOf(spec),
    ...{ to: formatIpv4(spec.to.address), port: spec.to.port },
    payload: payloadOf(spec.payload ?? 'cutaway', spec.size),
    count: spec.count ?? 1,
    interval: spec.interval ?? SECOND,
    timeout: spec.timeout ?? 5 * SECOND,
  };
}

export function tcpRequest(spec: TcpSpec | HeldTcpSpec): PeerRequest {
  const send = payloadOf(spec.send ?? '', spec.size);
  if ('on' in spec) return { do: 'held', on: spec.on, send, finish: spec.finish };
  const target = { ...targetOf(spec, spec.to), ...tcpSocketOf(spec) };
  const { hold, name } = spec;
  if (hold !== undefined) return { do: 'hold', ...target, silence: spec.silence ?? SECOND, send, hold, name };
  const actions = clientActions(mannersOf(spec, send, 'end'));
  return { do: 'tcp', ...target, silence: spec.silence ?? 30 * SECOND, actions };
}

export function httpRequest(spec: HttpSpec): PeerRequest {
  const { address, port, path } = spec.get;
  const host = port === 80 ? formatIpv4(address) : `${formatIpv4(address)}:${port}`;
  const headers = { Host: host, 'User-Agent': 'curl/8.14.1', Accept: '*/*' };
  const send = httpBytes(`GET ${path} HTTP/1.1`, headers, new Uint8Array(0));
  return { do: 'http', ...targetOf(spec, spec.get), silence: spec.silence ?? 30 * SECOND, send };
}

function targetOf(spec: TcpSpec | HttpSpec, to: { readonly address: number; readonly port: number }) {
  return { ...socketOf(spec), to: formatIpv4(to.address), port: to.port, timeout: spec.timeout };
}

function socketOf(spec: UdpSpec | TcpSpec | HttpSpec) {
  const { from, ttl, tos, df, device, source, source_port: sourcePort = 0 } = spec;
  return { node: from, ttl, tos, df, device, source: addressText(source), sourcePort };
}

/** Python's sockets take '' for any address. */
function addressText(address: number | undefined): string {
  return address === undefined || address === 0 ? '' : formatIpv4(address);
}

/** The text in UTF-8, repeated or cut to `size` bytes where one is given. */
function payloadOf(text: string, size: number | undefined): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (size === undefined) return bytes;
  return Uint8Array.from({ length: size }, (_, index) =>
    bytes.length === 0 ? 0 : (bytes[index % bytes.length] as number),
  );
}
