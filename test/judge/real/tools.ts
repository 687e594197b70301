import type { ArpingSpec, PingSpec, TracerouteSpec } from '../../../sim/scenario/verb-schema.ts';
import { formatIpv4 } from '../../../sim/wire/address.ts';
import type { StepResult } from '../results.ts';

/* ping, traceroute and arping: how they are asked for what a step says, and what they print. */

/** Longer than any of them may take by its own options, in milliseconds. */
const MARGIN = 5_000;

export interface ToolCall {
  readonly argv: readonly string[];
  /** Milliseconds after which it hangs. */
  readonly limit: number;
  readonly read: (output: string, complaint: string) => StepResult;
}

export function pingCall(spec: PingSpec): ToolCall {
  const { count = 1, size = 56, interval = 1e9, timeout = 10e9, ttl, tos, df, source, device } = spec;
  const { identifier, broadcast = false } = spec;
  const argv = [
    ...['ping', '-n', '-c', String(count), '-s', String(size), '-i', secondsText(interval), '-W', secondsText(timeout)],
    ...option('-t', ttl),
    ...option('-Q', tos),
    ...option('-M', df),
    ...option('-e', identifier),
    ...(broadcast ? ['-b'] : []),
    ...option('-I', device),
    ...option('-I', source === undefined ? undefined : formatIpv4(source)),
    formatIpv4(spec.to.address),
  ];
  return { argv, limit: (count * interval + timeout) / 1e6 + MARGIN, read: readPing };
}

function readPing(output: string, complaint: string): StepResult {
  const replies = [...output.matchAll(/^\d+ bytes from [\d.]+: icmp_seq=(\d+)(?: ttl=(\d+))?/gm)];
  const errors = [...output.matchAll(/^From ([\d.]+):? icmp_seq=\d+ (?!Redirect)/gm)];
  const transmitted = Number(/^(\d+) packets transmitted/m.exec(output)?.[1] ?? 0);
  // One that the stack refused is counted as transmitted all the same.
  const refused = [...complaint.matchAll(/^ping: (?:local error|sendmsg): /gm)].length;
  return {
    transmitted: transmitted - refused,
    received: new Set(replies.map(([, sequence]) => sequence)).size,
    errors: errors.length,
    ttls: [...new Set(replies.map(([, , ttl]) => ttl))].join(' '),
    errorsFrom: [...new Set(errors.map(([, from]) => from))].join(' '),
  };
}

export function tracerouteCall(spec: TracerouteSpec): ToolCall {
  const { first_ttl: first, max_hops: most = 30, queries = 3, port, size, wait = 5e9, source } = spec;
  const argv = [
    // The plain wait alone: no shorter one once a round trip is known, which the simulator has not.
    ...['traceroute', '-n', '-q', String(queries), '-m', String(most), '-w', `${secondsText(wait)},0,0`],
    ...option('-f', first),
    ...option('-p', port),
    ...option('-s', source === undefined ? undefined : formatIpv4(source)),
    formatIpv4(spec.to.address),
    ...(size === undefined ? [] : [String(size)]),
  ];
  return { argv, limit: (Math.ceil((most * queries) / 16) * wait) / 1e6 + MARGIN, read: readTraceroute };
}

function readTraceroute(output: string, complaint: string): StepResult {
  const hops = [...output.matchAll(/^ *(\d+) {2}(.*)$/gm)].map(
    ([, ttl, rest = '']) => `${ttl}: ${answersOf(rest).join(' ')}`,
  );
  const error = /^(?:connect|send(?:to|msg)?|bind): (.*)$/m.exec(complaint)?.[1] ?? '';
  return { hops: hops.join('; '), error };
}

/** An address is printed where it differs from the one before it, then a time, then perhaps what kind of answer it was. */
function answersOf(line: string): string[] {
  const answers: string[] = [];
  let from = '';
  for (const word of line.trim().split(/\s+/)) {
    if (word === '*') answers.push('*');
    else if (/^\d+\.\d+\.\d+\.\d+$/.test(word)) from = word;
    else if (word.startsWith('!')) answers.push(`${answers.pop() ?? ''}${word}`);
    else if (word === 'ms') answers.push(from);
  }
  return answers;
}

export function arpingCall(spec: ArpingSpec): ToolCall {
  const { count = 1, interval = 1e9, mode = 'request', source, broadcast = false, device } = spec;
  const modes = { request: [], unsolicited: ['-U'], answer: ['-A'], dad: ['-D'] };
  const argv = [
    ...['arping', '-I', device, '-c', String(count), '-i', String(Math.round(interval / 1e9)), ...modes[mode]],
    ...(broadcast ? ['-b'] : []),
    ...option('-s', source === undefined ? undefined : formatIpv4(source)),
    formatIpv4(spec.to),
  ];
  return { argv, limit: (count * interval) / 1e6 + MARGIN, read: readArping };
}

function readArping(output: string): StepResult {
  const [, sent = 0, broadcasts = 0] = /^Sent (\d+) probes? \((\d+) broadcast/m.exec(output) ?? [];
  const received = /^Received (\d+) response/m.exec(output)?.[1] ?? 0;
  return { sent: Number(sent), broadcasts: Number(broadcasts), received: Number(received) };
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

function secondsText(nanoseconds: number): string {
  return String(nanoseconds / 1e9);
}
