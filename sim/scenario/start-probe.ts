import { must } from '../core/assert.ts';
import { ms, type SimTime, seconds } from '../core/time.ts';
import { type ArpingResult, startArping } from '../program/arping.ts';
import { HeldConnection } from '../program/held-connection.ts';
import { type HttpResult, startHttpGet } from '../program/http-client.ts';
import { pingDefaults, startPing } from '../program/ping.ts';
import type { EchoResult } from '../program/probe.ts';
import { type PullResult, startRegistryPull } from '../program/registry-client.ts';
import { clientActions } from '../program/tcp-actions.ts';
import { startTcpClient, type TcpResult } from '../program/tcp-client.ts';
import type { TcpTarget } from '../program/tcp-connection.ts';
import { startTftp, type TftpResult } from '../program/tftp-client.ts';
import { startTraceroute, type TracerouteResult, tracerouteDefaults } from '../program/traceroute.ts';
import { startUdpClient } from '../program/udp-client.ts';
import type { SocketOptions } from '../transport/socket.ts';
import { TFTP_PORT } from '../wire/tftp.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { mannersOf, tcpSocketOf } from '../world/manners-schema.ts';
import { programHost, type Stack, type World } from '../world/world.ts';
import type { ScenarioStep } from './scenario-schema.ts';
import type {
  ArpingSpec,
  HeldTcpSpec,
  HttpSpec,
  PingSpec,
  PullSpec,
  TcpSpec,
  TftpSpec,
  TracerouteSpec,
  UdpSpec,
} from './verb-schema.ts';

/** What a program that a step started has seen. */
export type Probe = EchoResult | TcpResult | HttpResult | TftpResult | TracerouteResult | PullResult | ArpingResult;

type Verb = 'ping' | 'udp' | 'tcp' | 'http' | 'tftp' | 'traceroute' | 'pull' | 'arping';

/** A step that starts a program which asks something. */
export type ProbeStep = Extract<
  ScenarioStep,
  | { readonly ping: unknown }
  | { readonly udp: unknown }
  | { readonly tcp: unknown }
  | { readonly http: unknown }
  | { readonly tftp: unknown }
  | { readonly traceroute: unknown }
  | { readonly pull: unknown }
  | { readonly arping: unknown }
>;

const VERBS: readonly Verb[] = ['ping', 'udp', 'tcp', 'http', 'tftp', 'traceroute', 'pull', 'arping'];

export function isProbeStep(step: ScenarioStep): step is ProbeStep {
  return VERBS.some((verb) => verb in step);
}

/** A connection that a step left open, and the stack it belongs to. */
export interface Held {
  readonly from: string;
  readonly connection: HeldConnection;
}

export interface StartedProbe {
  readonly probe: Probe | undefined;
  /** Title of the stack that sends. */
  readonly from: string | undefined;
  readonly refusal: string | undefined;
}

/** Where a step's program runs, by the name that the scenario gives; undefined for a connection that is held. */
export function placeOf(step: ProbeStep): string | undefined {
  if ('ping' in step) return step.ping.from;
  if ('udp' in step) return step.udp.from;
  if ('tcp' in step) return 'from' in step.tcp ? step.tcp.from : undefined;
  if ('http' in step) return step.http.from;
  if ('tftp' in step) return step.tftp.from;
  if ('arping' in step) return step.arping.from;
  return 'traceroute' in step ? step.traceroute.from : step.pull.on;
}

/** `ping host-b`. */
export function probeTitle(step: ProbeStep): string {
  const place = placeOf(step) ?? ('tcp' in step && 'on' in step.tcp ? `on ${step.tcp.on}` : '');
  return `${verbOf(step)} ${place}`;
}

export function verbOf(step: ProbeStep): Verb {
  return must(
    VERBS.find((verb) => verb in step),
    'a step that asks has its verb',
  );
}

/** Starts the program of a step. `held` has the connections that earlier steps left open. */
export function startProbe(world: World, step: ProbeStep, held: Map<string, Held>): StartedProbe {
  if ('tcp' in step && 'on' in step.tcp) return actOnHeld(step.tcp, held);
  const from = placeOf(step) ?? '';
  const stack = world.find(from);
  if (stack === undefined) return { probe: undefined, from, refusal: `${from} is not running` };
  return { probe: start(world, stack, step, held), from: stack.title, refusal: undefined };
}

function actOnHeld({ on, send, hex, size, finish }: HeldTcpSpec, held: Map<string, Held>): StartedProbe {
  const one = held.get(on);
  if (one === undefined) return { probe: undefined, from: undefined, refusal: `no connection "${on}" is open` };
  const probe = one.connection.act({ send: payloadOf(send ?? '', hex, size), finish });
  return { probe, from: one.from, refusal: undefined };
}

function start(world: World, stack: Stack, step: ProbeStep, held: Map<string, Held>): Probe {
  if ('ping' in step) return ping(world, stack, step.ping);
  if ('udp' in step) return udp(world, stack, step.udp);
  if ('tcp' in step) return tcp(world, stack, step.tcp as TcpSpec, held);
  if ('http' in step) return http(world, stack, step.http);
  if ('tftp' in step) return tftp(world, stack, step.tftp);
  if ('arping' in step) return arping(world, stack, step.arping);
  return 'traceroute' in step ? traceroute(world, stack, step.traceroute) : pull(world, stack, step.pull);
}

function ping(world: World, stack: Stack, spec: PingSpec): EchoResult {
  const host = programHost(world, stack);
  const defaults = pingDefaults(host.flavour);
  return startPing(
    host,
    {
      ...socketOptions(spec),
      destination: spec.to.address,
      count: spec.count ?? defaults.count,
      size: spec.size ?? defaults.size,
      interval: spec.interval ?? defaults.interval,
      source: spec.source ?? 0,
      identifier: spec.identifier ?? 0,
      linger: spec.timeout ?? defaults.linger,
      broadcast: spec.broadcast ?? false,
    },
    () => {},
  );
}

function udp(world: World, stack: Stack, spec: UdpSpec): EchoResult {
  return startUdpClient(
    programHost(world, stack),
    {
      ...socketOptions(spec),
      destination: spec.to.address,
      port: spec.to.port,
      sourcePort: spec.source_port ?? 0,
      source: spec.source ?? 0,
      payload: payloadOf(spec.payload ?? 'cutaway', spec.hex, spec.size),
      count: spec.count ?? 1,
      interval: spec.interval ?? ms(1000),
      timeout: spec.timeout ?? ms(5000),
    },
    () => {},
  );
}

function tcp(world: World, stack: Stack, spec: TcpSpec, held: Map<string, Held>): TcpResult {
  const host = programHost(world, stack);
  const { hold, name, to } = spec;
  const silence = spec.silence ?? (hold === undefined ? seconds(30) : seconds(1));
  const send = payloadOf(spec.send ?? '', spec.hex, spec.size);
  const target = targetOf(spec, to);
  const options = { ...target, socket: { ...target.socket, ...tcpSocketOf(spec) }, send, silence };
  if (hold === undefined) {
    return startTcpClient(host, { ...options, actions: clientActions(mannersOf(spec, send, 'end')) }, () => {});
  }
  const connection = new HeldConnection(host, options, hold);
  if (name !== undefined) held.set(name, { from: stack.title, connection });
  return connection.first;
}

function http(world: World, stack: Stack, spec: HttpSpec): HttpResult {
  const { get, silence = seconds(30) } = spec;
  return startHttpGet(programHost(world, stack), { ...targetOf(spec, get), path: get.path, silence }, () => {});
}

function tftp(world: World, stack: Stack, spec: TftpSpec): TftpResult {
  const { put, get, content, size, as, mode = 'octet', to, source = 0 } = spec;
  return startTftp(
    programHost(world, stack),
    {
      ...{ destination: to.address, port: to.port || TFTP_PORT, source, mode },
      name: (put === undefined ? get : as) ?? put ?? '',
      put: put === undefined ? undefined : payloadOf(content ?? `${put}\n`, undefined, size),
    },
    () => {},
  );
}

function traceroute(world: World, stack: Stack, spec: TracerouteSpec): TracerouteResult {
  const host = programHost(world, stack);
  const defaults = tracerouteDefaults(host.flavour);
  return startTraceroute(
    host,
    {
      ...defaults,
      destination: spec.to.address,
      source: spec.source ?? 0,
      firstTtl: spec.first_ttl ?? defaults.firstTtl,
      maxHops: spec.max_hops ?? defaults.maxHops,
      probesPerHop: spec.queries ?? defaults.probesPerHop,
      port: spec.port ?? defaults.port,
      size: spec.size ?? defaults.size,
      wait: spec.wait ?? defaults.wait,
    },
    () => {},
  );
}

function arping(world: World, stack: Stack, spec: ArpingSpec): ArpingResult {
  const { to, device, mode = 'request', count = 1, interval = seconds(1), source = 0, broadcast = false } = spec;
  const options = { destination: to, device, mode, count, interval, source, broadcast };
  return startArping(programHost(world, stack), options, () => {});
}

function pull(world: World, stack: Stack, { image, source = 0 }: PullSpec): PullResult {
  return startRegistryPull(programHost(world, stack), { image, source }, (result) => {
    const { node } = stack;
    // The device's Docker has the image from now on.
    if (node.kind === 'comware' && result.failure === undefined) node.docker.pulled(image.text);
  });
}

function targetOf(spec: TcpSpec | HttpSpec, to: { readonly address: number; readonly port: number }): TcpTarget {
  return {
    destination: to.address,
    port: to.port,
    source: spec.source ?? 0,
    sourcePort: spec.source_port ?? 0,
    connectTimeout: spec.timeout as SimTime | undefined,
    socket: socketOptions(spec),
  };
}

function socketOptions(spec: PingSpec | UdpSpec | TcpSpec | HttpSpec): SocketOptions {
  return {
    ...(spec.ttl === undefined ? {} : { ttl: spec.ttl }),
    ...(spec.tos === undefined ? {} : { tos: spec.tos }),
    ...(spec.df === undefined ? {} : { pathMtu: spec.df }),
    ...(spec.device === undefined ? {} : { device: spec.device }),
  };
}

/** The bytes in hexadecimal, else the text in UTF-8, repeated or cut to `size` bytes where one is given. */
function payloadOf(text: string, hex: string | undefined, size: number | undefined): Uint8Array {
  const bytes =
    hex === undefined
      ? encodeUtf8(text)
      : Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  if (size === undefined) return bytes;
  return Uint8Array.from({ length: size }, (_, index) =>
    bytes.length === 0 ? 0 : (bytes[index % bytes.length] as number),
  );
}
