import { cancel, type Timer } from '../core/events.ts';
import { type SimTime, us } from '../core/time.ts';
import type { SocketOptions } from '../transport/socket.ts';
import type { Ipv4 } from '../wire/address.ts';
import { type EchoResult, newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';

export interface UdpClientOptions extends SocketOptions {
  readonly destination: Ipv4;
  readonly port: number;
  /** 0 for an ephemeral one. */
  readonly sourcePort: number;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  readonly payload: Uint8Array;
  readonly count: number;
  readonly interval: SimTime;
  /** How long after the last request an answer is waited for. */
  readonly timeout: SimTime;
}

/**
 * How long the program takes from the last answer, or refusal, to closing its socket: what comes meanwhile is received,
 * and never read.
 */
const WAKING = us(150);

/** Sends datagrams from one socket and collects what comes back; the n-th answer is taken for the n-th request. */
export function startUdpClient(
  host: ProgramHost,
  options: UdpClientOptions,
  done: (result: EchoResult) => void,
): EchoResult {
  const { destination, port, payload } = options;
  const result = newProbe('udp', host.flavour, { destination, port, size: payload.length });
  const socket = host.udp.open({ name: 'udp client', place: host.place }, options);
  let waiting: Timer | undefined;
  let isAnswered = false;
  const refused = socket.bind(options.source, options.sourcePort);
  if (refused !== undefined) {
    result.sent.push({ sequence: 1, at: host.clock.now, packet: 0, errno: refused, mtu: 0 });
    finish();
    return result;
  }
  socket.onDatagram = (datagram) => {
    const sequence = result.replies.length + result.errors.length + 1;
    const sent = result.sent.find((one) => one.sequence === sequence);
    result.replies.push({
      sequence,
      at: host.clock.now,
      packet: datagram.packet,
      from: datagram.source,
      ttl: datagram.ttl,
      length: datagram.payload.length,
      roundTrip: (host.clock.now - (sent?.at ?? host.clock.now)) as SimTime,
      intact: isEqual(datagram.payload, payload),
    });
    finishIfAnswered();
  };
  socket.onError = (error) => {
    // It may have been on its way when the program was done.
    if (isAnswered) return;
    const { packet, errno, type, code, mtu } = error;
    const sequence = result.replies.length + result.errors.length + 1;
    result.errors.push({ sequence, at: host.clock.now, packet, errno, type, code, from: error.offender, mtu });
    finishIfAnswered();
  };
  sendNext(1);
  return result;

  function sendNext(sequence: number): void {
    const sent = socket.sendTo(payload, destination, port);
    const at = host.clock.now;
    if ('packet' in sent) {
      result.source = sent.source;
      result.sent.push({ sequence, at, packet: sent.packet, errno: undefined, mtu: 0 });
    } else {
      result.sent.push({ sequence, at, packet: sent.died ?? 0, errno: sent.errno, mtu: sent.mtu });
    }
    if (sequence < options.count) host.clock.after(options.interval, sendNext, sequence + 1);
    else waiting = host.clock.after(options.timeout, finish, undefined);
    finishIfAnswered();
  }

  function finishIfAnswered(): void {
    const failed = result.sent.filter(({ errno }) => errno !== undefined).length;
    const answers = result.replies.length + result.errors.length + failed;
    if (isAnswered || result.sent.length < options.count || answers < options.count) return;
    isAnswered = true;
    socket.onDatagram = undefined;
    socket.onError = undefined;
    cancel(waiting);
    host.clock.after(WAKING, finish, undefined);
  }

  function finish(): void {
    result.finished = true;
    socket.close();
    done(result);
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
