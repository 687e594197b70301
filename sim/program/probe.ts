import type { Errno } from '../core/errno.ts';
import type { SimTime } from '../core/time.ts';
import type { Ipv4 } from '../wire/address.ts';

/** One request that was sent, or that the stack refused to send (then `packet` is 0 and `errno` says why). */
export interface ProbeSent {
  readonly sequence: number;
  readonly at: SimTime;
  readonly packet: number;
  readonly errno: Errno | undefined;
  /** With EMSGSIZE: the MTU that stands in the way. */
  readonly mtu: number;
}

export interface ProbeReply {
  readonly sequence: number;
  readonly at: SimTime;
  readonly packet: number;
  readonly from: Ipv4;
  readonly ttl: number;
  /** Bytes of payload that came back. */
  readonly length: number;
  readonly roundTrip: SimTime;
  /** The payload is what was sent. */
  readonly intact: boolean;
}

export interface ProbeError {
  readonly sequence: number;
  readonly at: SimTime;
  readonly packet: number;
  readonly errno: Errno;
  readonly type: number;
  readonly code: number;
  readonly from: Ipv4;
  readonly mtu: number;
}

/** What any program that asks has seen so far: its first request is what a scenario follows through the network. */
export interface ProbeResult {
  readonly kind: 'ping' | 'udp' | 'tcp' | 'http' | 'tftp' | 'traceroute' | 'pull' | 'arping';
  readonly flavour: 'Linux' | 'Comware';
  readonly destination: Ipv4;
  readonly port: number;
  /** Payload bytes of each request; of a transfer, the bytes to send. */
  readonly size: number;
  /** The source address, 0 while nothing was sent. */
  source: Ipv4;
  readonly sent: ProbeSent[];
  readonly replies: ProbeReply[];
  readonly errors: ProbeError[];
  finished: boolean;
}

/** A ping, or a series of UDP requests. */
export interface EchoResult extends ProbeResult {
  readonly kind: 'ping' | 'udp';
}

/** A probe that has not begun. */
export function newProbe<Kind extends ProbeResult['kind']>(
  kind: Kind,
  flavour: ProbeResult['flavour'],
  to: { readonly destination: Ipv4; readonly port: number; readonly size: number },
): ProbeResult & { readonly kind: Kind } {
  return { kind, flavour, ...to, source: 0, sent: [], replies: [], errors: [], finished: false };
}
