import { createHash } from 'node:crypto';
import type { ProbeResult, ProbeSent } from '../../sim/program/probe.ts';
import type { Hop } from '../../sim/program/traceroute.ts';
import type { Probe } from '../../sim/scenario/start-probe.ts';
import { formatIpv4 } from '../../sim/wire/address.ts';

/*
 * What a step said, under the keys that both worlds use: only what the real programs can tell. Numbers count packets,
 * `error` is the name of the first error, '' for none.
 */

export type StepResult = Readonly<Record<string, string | number | boolean>>;

/** A command, or a program that could not even be started. */
export const REFUSED: StepResult = { refusal: true };

/** The result of a program of the simulator's world. */
export function resultOfProbe(probe: Probe): StepResult {
  switch (probe.kind) {
    case 'ping':
      return pingResult(probe);
    case 'udp':
      return {
        sent: sentOf(probe),
        received: probe.replies.length,
        errors: probe.errors.length,
        error: errorOf(probe),
      };
    case 'tcp':
      return { connected: probe.connected, ...bytesResult(probe.received), error: probe.error ?? '' };
    case 'http': {
      const { connected, response, error } = probe;
      const body = response?.body ?? new Uint8Array(0);
      return { connected, ...bytesResult(body), error: error ?? '', status: response?.status ?? 0 };
    }
    case 'traceroute':
      return { hops: probe.hops.map(hopText).join('; '), error: probe.failure ?? '' };
    case 'arping':
      return { sent: sentOf(probe), broadcasts: probe.broadcasts, received: probe.replies.length };
    default:
      return { refusal: `no real program is asked for ${probe.kind}` };
  }
}

/** What a socket is told that finds no way. */
const QUIET_ERRORS: readonly unknown[] = ['EINVAL', 'ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EPERM'];

function pingResult(probe: ProbeResult): StepResult {
  const unique = new Set(probe.replies.map(({ sequence }) => sequence));
  return {
    transmitted: sentOf(probe) + quietlyRefused(probe),
    received: unique.size,
    errors: probe.errors.length,
    ttls: [...new Set(probe.replies.map(({ ttl }) => ttl))].join(' '),
    errorsFrom: [...new Set(probe.errors.map(({ from }) => formatIpv4(from)))].join(' '),
  };
}

/**
 * Where there is no route, or a hook refuses, ping counts and keeps quiet; but it complains where an ICMP error about the
 * very request lies in the queue of its socket (pinger()).
 */
function quietlyRefused({ sent, errors }: ProbeResult): number {
  const told = new Set(errors.map(({ sequence }) => sequence));
  const isQuiet = ({ sequence, errno }: ProbeSent): boolean => sequence !== 0 && QUIET_ERRORS.includes(errno);
  return sent.filter((one) => isQuiet(one) && !told.has(one.sequence)).length;
}

function bytesResult(bytes: Uint8Array): StepResult {
  return { bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16) };
}

/** Those that the stack took. */
function sentOf({ sent }: ProbeResult): number {
  return sent.filter(({ packet, errno }) => packet !== 0 && errno === undefined).length;
}

/** The first error, of the stack itself or by ICMP. */
function errorOf({ sent, errors }: ProbeResult): string {
  const all = [
    ...sent.flatMap(({ at, errno }) => (errno === undefined ? [] : [{ at, errno }])),
    ...errors.map(({ at, errno }) => ({ at, errno })),
  ];
  return all.sort((a, b) => a.at - b.at)[0]?.errno ?? '';
}

/** `2: 10.0.0.1 10.0.0.1!H *`, as traceroute prints it without the times. */
function hopText({ ttl, answers }: Hop): string {
  return `${ttl}: ${answers.map((answer) => (answer === undefined ? '*' : `${formatIpv4(answer.from)}${answer.mark}`)).join(' ')}`;
}
