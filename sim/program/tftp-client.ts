import { type Errno, strerror } from '../core/errno.ts';
import type { SimTime } from '../core/time.ts';
import type { Ipv4 } from '../wire/address.ts';
import { TFTP_PORT, TFTP_RRQ, TFTP_WRQ, tftpRequest } from '../wire/tftp.ts';
import { fromNetascii, toNetascii } from './netascii.ts';
import { newProbe, type ProbeResult } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import { type TftpFailure, TftpTransfer } from './tftp-transfer.ts';

export interface TftpClientOptions {
  readonly destination: Ipv4;
  /** Default 69. */
  readonly port?: number;
  /** 0 lets the stack choose. */
  readonly source: Ipv4;
  /** The file's name at the server. */
  readonly name: string;
  readonly mode?: 'octet' | 'netascii';
  /** The file to put there; undefined to get it. */
  readonly put: Uint8Array | undefined;
}

export interface TftpResult extends ProbeResult {
  readonly kind: 'tftp';
  readonly verb: 'put' | 'get';
  readonly name: string;
  /** The file, whole and as it was before any conversion; undefined until it is across. */
  file: Uint8Array | undefined;
  /** Of a transfer that failed below TFTP: refused, unreachable, never answered. */
  error: Errno | undefined;
  /** What the tool prints when it fails: `Error code 1: File not found`, `Transfer timed out.` */
  failure: string | undefined;
  /** From the request to the end. */
  took: SimTime;
}

/** `tftp HOST -c get|put`: one file, there or back (RFC 1350). */
export function startTftp(
  host: ProgramHost,
  options: TftpClientOptions,
  done: (result: TftpResult) => void,
): TftpResult {
  const { destination, port = TFTP_PORT, name, put, mode = 'octet' } = options;
  const result: TftpResult = {
    ...newProbe('tftp', host.flavour, { destination, port, size: put?.length ?? 0 }),
    verb: put === undefined ? 'get' : 'put',
    name,
    file: undefined,
    error: undefined,
    failure: undefined,
    took: 0 as SimTime,
  };
  const started = host.clock.now;
  const socket = host.udp.open({ name: 'tftp', place: host.place });
  const refused = socket.bind(options.source, 0);
  if (refused !== undefined) {
    result.sent.push({ sequence: 1, at: started, packet: 0, errno: refused, mtu: 0 });
    result.error = refused;
    result.failure = strerror(refused);
    finish();
    return result;
  }
  const isText = mode === 'netascii';
  let isRequest = true;
  new TftpTransfer({
    clock: host.clock,
    socket,
    peer: destination,
    port,
    request: tftpRequest(put === undefined ? TFTP_RRQ : TFTP_WRQ, name, mode),
    data: put !== undefined && isText ? toNetascii(put) : put,
    cause: 0,
    onSent: (sent) => {
      // Requests, that is: what comes after the first answer is the transfer.
      if (!isRequest) return;
      const isGone = 'packet' in sent;
      if (isGone) result.source = sent.source;
      const sequence = result.sent.length + 1;
      const errno = isGone ? undefined : sent.errno;
      result.sent.push({
        sequence,
        at: host.clock.now,
        packet: isGone ? sent.packet : 0,
        errno,
        mtu: isGone ? 0 : sent.mtu,
      });
    },
    onFirst: (datagram) => {
      isRequest = false;
      const asked = result.sent.at(-1);
      result.replies.push({
        sequence: asked?.sequence ?? 1,
        at: host.clock.now,
        packet: datagram.packet,
        from: datagram.source,
        ttl: datagram.ttl,
        length: datagram.payload.length,
        roundTrip: (host.clock.now - (asked?.at ?? started)) as SimTime,
        intact: true,
      });
    },
    done: (bytes, failure) => {
      if (failure === undefined) result.file = put ?? (isText ? fromNetascii(bytes) : bytes);
      else fail(failure);
      finish();
    },
  });
  return result;

  function fail(failure: TftpFailure): void {
    result.failure = failureText(failure);
    result.error = errnoOf(failure);
    if (failure.kind !== 'socket') return;
    const { errno, type, code, offender, packet, mtu } = failure.error;
    const sequence = result.sent.at(-1)?.sequence ?? 1;
    result.errors.push({ sequence, at: host.clock.now, packet, errno, type, code, from: offender, mtu });
  }

  function finish(): void {
    result.finished = true;
    result.took = (host.clock.now - started) as SimTime;
    done(result);
  }
}

function errnoOf(failure: TftpFailure): Errno | undefined {
  if (failure.kind === 'timeout') return 'ETIMEDOUT';
  if (failure.kind === 'refused') return failure.errno;
  return failure.kind === 'socket' ? failure.error.errno : undefined;
}

/** As tftp-hpa words it. */
function failureText(failure: TftpFailure): string {
  if (failure.kind === 'timeout') return 'Transfer timed out.';
  if (failure.kind === 'refused') return strerror(failure.errno);
  if (failure.kind === 'socket') return strerror(failure.error.errno);
  return `Error code ${failure.code}: ${failure.text}`;
}
