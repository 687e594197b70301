import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import type { ConnectionFlow, DatagramFlow, EchoFlow, SeenFlow } from './flows.ts';

/** A step as a scenario file has it. */
export type DerivedStep = { readonly name: string; readonly at: string } & Readonly<Record<string, unknown>>;

export interface DeriveOptions {
  /** The stack that sends. */
  readonly from: string;
  /** Where what went to an address goes instead. */
  readonly map: ReadonlyMap<Ipv4, Ipv4>;
  /** When the first packet is sent, in nanoseconds. */
  readonly start: number;
}

interface Timed {
  readonly at: number;
  readonly step: DerivedStep;
}

/** How long a UDP program of a scenario waits for an answer, if nothing else is to be sent from its port. */
const UDP_PATIENCE = 5_000_000_000;
/** It ends early for what is sent next from its port, if that leaves it so long. */
const SHORTEST_WAIT = 100_000_000;
const MICROSECOND = 1000;
/** A program that sends and then ends its connection does both in one go. */
const AT_ONCE = 20_000_000;

/** The steps that send again what the initiators of `flows` sent, at the times it was sent; `missing` bytes are zeros. */
export function deriveSteps(
  flows: readonly SeenFlow[],
  options: DeriveOptions,
): { readonly steps: readonly DerivedStep[]; readonly missing: number } {
  const first = flows.reduce<bigint | undefined>(
    (least, { time }) => (least === undefined || time < least ? time : least),
    undefined,
  );
  // Packets of a flow may stand in the file before those that were there first.
  const clock = (time: bigint): number => options.start + Math.max(0, Number(time - (first ?? 0n)));
  const ports = new Set<string>();
  let missing = 0;
  const timed = flows.flatMap((flow, index): Timed[] => {
    const to = formatIpv4(options.map.get(flow.destination) ?? flow.destination);
    const name = `flow ${index + 1}`;
    if (flow.protocol === 'icmp') return echoSteps(flow, { name, from: options.from, to }, clock);
    if (flow.protocol === 'udp')
      return datagramSteps(flow, { name, from: options.from, to: `${to}:${flow.port}` }, clock);
    const { bursts, missing: lost } = flow.stream.bursts();
    missing += lost;
    // A port that is used again may still be in TIME_WAIT.
    const key = `${flow.sourcePort} ${to}:${flow.port}`;
    const port = ports.has(key) ? {} : { source_port: flow.sourcePort };
    ports.add(key);
    return connectionSteps(flow, bursts, { name, from: options.from, to: `${to}:${flow.port}`, ...port }, clock);
  });
  timed.sort((a, b) => a.at - b.at);
  return { steps: timed.map(({ step }) => step), missing };
}

interface Sender {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly source_port?: number;
}

type Clock = (time: bigint) => number;

/** A ping for each row of requests of one size. */
function echoSteps(flow: EchoFlow, { name, from, to }: Sender, clock: Clock): Timed[] {
  const title = `${name}: echo ${formatIpv4(flow.source)} -> ${formatIpv4(flow.destination)}`;
  return rows(flow.requests, (a, b) => a.size === b.size).map((row) => {
    const { count, at, interval } = timing(row, clock);
    const ping = { from, to, count, ...(count > 1 ? { interval: span(interval) } : {}), size: row[0]?.size ?? 0 };
    return { at, step: { name: title, at: span(at), ping } };
  });
}

/** A program for each row of equal datagrams. It ends before the next one needs its port. */
function datagramSteps(flow: DatagramFlow, { name, from, to }: Sender, clock: Clock): Timed[] {
  const title = `${name}: udp ${ends(flow)}`;
  const all = rows(flow.datagrams, (a, b) => a.size === b.size && isSame(a.bytes, b.bytes));
  let free = 0;
  return all.map((row, index) => {
    const { count, at, interval, last } = timing(row, clock);
    const next = all[index + 1]?.[0];
    const room = next === undefined ? UDP_PATIENCE : clock(next.time) - last - MICROSECOND;
    // Too little room for an answer: whoever sends next does so from another port.
    const timeout = room < SHORTEST_WAIT ? UDP_PATIENCE : Math.min(UDP_PATIENCE, room);
    const port = at >= free ? { source_port: flow.sourcePort } : {};
    free = last + timeout;
    const repeat = count > 1 ? { count, interval: span(interval) } : {};
    const data = content(padded(row[0]?.bytes ?? new Uint8Array(0), row[0]?.size ?? 0), 'payload', 1000);
    return {
      at,
      step: { name: title, at: span(at), udp: { from, to, ...port, ...repeat, ...data, timeout: span(timeout) } },
    };
  });
}

/** A connection that is made, and held where more than one thing is said on it. */
function connectionSteps(
  flow: ConnectionFlow,
  bursts: readonly { readonly time: bigint; readonly bytes: Uint8Array }[],
  { name, ...sender }: Sender,
  clock: Clock,
): Timed[] {
  const title = `${name}: tcp ${ends(flow)}`;
  const at = clock(flow.time);
  const [first, ...others] = bursts;
  const sent = first === undefined ? {} : content(first.bytes, 'send', 10_000);
  const target = { ...sender, timeout: '10s', silence: '1s' };
  const { finish } = flow.stream;
  if (others.length === 0 && finish?.how !== 'abort') {
    return [{ at, step: { name: title, at: span(at), tcp: { ...target, ...sent } } }];
  }
  const end = clock(finish?.time ?? others.at(-1)?.time ?? flow.time);
  const on = name.replace(' ', '-');
  const held = { ...target, ...sent, hold: span(Math.max(0, end - at) + 2_000_000_000), name: on };
  const lastAt = clock(others.at(-1)?.time ?? flow.time);
  const isTogether = finish !== undefined && others.length > 0 && end - lastAt < AT_ONCE;
  return [
    { at, step: { name: title, at: span(at), tcp: held } },
    ...others.map(({ time, bytes }, index): Timed => {
      const when = clock(time);
      const last = isTogether && index === others.length - 1 ? { finish: finish.how } : {};
      const tcp = { on, ...content(bytes, 'send', 10_000), ...last };
      return { at: when, step: { name: `${title}, more`, at: span(when), tcp } };
    }),
    ...(finish === undefined || isTogether
      ? []
      : [{ at: end, step: { name: `${title}, end`, at: span(end), tcp: { on, finish: finish.how } } }]),
  ];
}

function ends({ source, sourcePort, destination, port }: DatagramFlow | ConnectionFlow): string {
  return `${formatIpv4(source)}:${sourcePort} -> ${formatIpv4(destination)}:${port}`;
}

/** Neighbours that are alike, together. */
function rows<T>(all: readonly T[], alike: (a: T, b: T) => boolean): T[][] {
  const found: T[][] = [];
  for (const one of all) {
    const row = found.at(-1);
    const last = row?.at(-1);
    if (row !== undefined && last !== undefined && alike(last, one) && row.length < 1000) row.push(one);
    else found.push([one]);
  }
  return found;
}

function timing(row: readonly { readonly time: bigint }[], clock: Clock) {
  const at = clock(row[0]?.time ?? 0n);
  const last = clock(row.at(-1)?.time ?? 0n);
  const interval = row.length > 1 ? Math.max(MICROSECOND, Math.round((last - at) / (row.length - 1))) : 0;
  return { count: row.length, at, last, interval };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

/** Text where all of it can be read, else digits. */
function content(bytes: Uint8Array, key: 'payload' | 'send', most: number): Record<string, string> {
  const isText =
    bytes.length <= most && bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13);
  if (isText) return { [key]: String.fromCharCode(...bytes) };
  return { hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** `1.5ms`. */
function span(nanoseconds: number): string {
  if (nanoseconds % 1e9 === 0) return `${nanoseconds / 1e9}s`;
  return nanoseconds % 1e6 === 0 ? `${nanoseconds / 1e6}ms` : `${nanoseconds / 1e3}us`;
}
