import { cancel, type Timer } from '../core/events.ts';
import { ms, type SimTime, seconds } from '../core/time.ts';
import type { SocketOptions } from '../transport/socket.ts';
import type { Ipv4 } from '../wire/address.ts';
import { type EchoResult, newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';

export interface PingOptions extends SocketOptions {
  readonly destination: Ipv4;
  readonly count: number;
  /** Bytes after the ICMP header. */
  readonly size: number;
  readonly interval: SimTime;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  /** Of the echo requests; 0 or undefined for a free one. */
  readonly identifier?: number;
  /** How long after the last request an answer is waited for; Linux waits less once it knows the round trip. */
  readonly linger: SimTime;
}

/** What `ping` does when not told otherwise: iputils, or Comware's own command. */
export function pingDefaults(flavour: 'Linux' | 'Comware'): {
  count: number;
  size: number;
  interval: SimTime;
  linger: SimTime;
} {
  if (flavour === 'Comware') return { count: 5, size: 56, interval: ms(200), linger: ms(2000) };
  return { count: 1, size: 56, interval: seconds(1), linger: seconds(10) };
}

/** Runs a ping. `done` is called once, when every request is answered or waited for long enough. */
export function startPing(host: ProgramHost, options: PingOptions, done: (result: EchoResult) => void): EchoResult {
  const result = newProbe('ping', host.flavour, { destination: options.destination, port: 0, size: options.size });
  let lingering: Timer | undefined;
  // Nobody may cut a broadcast up: iputils insists on DF then.
  const socketOptions = options.broadcast === true ? { pathMtu: 'do' as const, ...options } : options;
  const socket = host.ping.open({ name: 'ping', place: host.place }, socketOptions, options.identifier);
  const probes = host.flavour === 'Linux' && options.source === 0;
  const refused =
    socket === undefined
      ? 'EAGAIN'
      : (socket.bind(options.source) ?? (probes ? socket.whyNotTo(options.destination) : undefined));
  if (socket === undefined || refused !== undefined) {
    result.sent.push({ sequence: 0, at: host.clock.now, packet: 0, errno: refused, mtu: 0 });
    finish();
    return result;
  }
  // iputils counts from 1, Comware from 0.
  const first = host.flavour === 'Comware' ? 0 : 1;
  const answered = new Set<number>();
  socket.onReply = (reply) => {
    const sent = result.sent.find((one) => one.sequence === reply.sequence);
    if (sent === undefined) return;
    result.replies.push({
      sequence: reply.sequence,
      at: host.clock.now,
      packet: reply.packet,
      from: reply.source,
      ttl: reply.ttl,
      length: reply.payload.length,
      roundTrip: (host.clock.now - sent.at) as SimTime,
      intact: reply.payload.length === options.size,
    });
    countAnswer(reply.sequence);
  };
  socket.onError = (error) => {
    const { sequence, packet, errno, type, code, mtu } = error;
    result.errors.push({ sequence, at: host.clock.now, packet, errno, type, code, from: error.offender, mtu });
    countAnswer(sequence);
  };
  sendNext(first);
  return result;

  function sendNext(sequence: number): void {
    const payload = payloadOf(host, options.size);
    const sent = socket?.sendEcho(options.destination, sequence, payload);
    const at = host.clock.now;
    if (sent !== undefined && 'packet' in sent) {
      result.source = sent.source;
      result.sent.push({ sequence, at, packet: sent.packet, errno: undefined, mtu: 0 });
    } else {
      result.sent.push({ sequence, at, packet: sent?.died ?? 0, errno: sent?.errno, mtu: sent?.mtu ?? 0 });
      // iputils waits as for an answer, but where the socket queued an error: that it reads when the next packet is due.
      if (host.flavour === 'Comware') answered.add(sequence);
      else if (sent?.errno === 'EMSGSIZE') host.clock.after(options.interval, countAnswer, sequence);
    }
    if (result.sent.length < options.count) host.clock.after(options.interval, sendNext, sequence + 1);
    else lingering = host.clock.after(lastWait(), finish, undefined);
    finishIfAnswered();
  }

  function countAnswer(sequence: number): void {
    answered.add(sequence);
    finishIfAnswered();
  }

  /** Models iputils schedule_exit(): twice the longest round trip, one interval at least. */
  function lastWait(): SimTime {
    if (host.flavour === 'Comware' || result.replies.length === 0) return options.linger;
    return Math.max(options.interval, ...result.replies.map((reply) => 2 * reply.roundTrip)) as SimTime;
  }

  function finishIfAnswered(): void {
    if (result.sent.length === options.count && answered.size >= options.count) finish();
  }

  function finish(): void {
    if (result.finished) return;
    result.finished = true;
    cancel(lingering);
    socket?.close();
    done(result);
  }
}

/** iputils: a struct timeval, then 0x10, 0x11, ...; Comware: 0x01 to 0xff, again and again. */
function payloadOf(host: ProgramHost, size: number): Uint8Array {
  const payload = new Uint8Array(size);
  if (host.flavour === 'Comware') {
    for (let index = 0; index < size; index++) payload[index] = (index % 255) + 1;
    return payload;
  }
  for (let index = 0; index < size; index++) payload[index] = index & 0xff;
  if (size < 16) return payload;
  // A struct timeval of x86-64: seconds and microseconds, each 64 bits, little-endian.
  putLittle(payload, 0, Math.floor(host.clock.now / 1e9));
  putLittle(payload, 8, Math.floor((host.clock.now % 1e9) / 1e3));
  return payload;
}

function putLittle(bytes: Uint8Array, offset: number, value: number): void {
  let rest = value;
  for (let index = 0; index < 8; index++) {
    bytes[offset + index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
