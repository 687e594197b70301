import { isStation, type Station, stationText } from '../packet/stations.ts';
import { formatIpv4 } from '../wire/address.ts';
import { u16 } from '../wire/bytes.ts';
import { Ipv4Header, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import type { StoredCapture } from '../world/capture-store.ts';
import type { StoredFrame } from '../world/frame-log.ts';
import { type Check, checkEqual } from './check.ts';
import type { ProbeExpectation } from './expectation-schema.ts';
import type { ProbeReport } from './probe-report.ts';
import type { Probe } from './start-probe.ts';

type Path = readonly (string | number)[];

/** Holds what a step expects of its probe against what happened. */
export function checkProbe(
  expected: ProbeExpectation,
  probe: Probe,
  report: ProbeReport,
  captures: readonly StoredCapture[],
  path: Path,
): Check[] {
  const checks: Check[] = [];
  const equal = (key: string, want: string | number | undefined, found: string | number | undefined): void => {
    if (want !== undefined) checks.push(checkEqual(key, want, found, [...path, key]));
  };
  const [first] = probe.replies;
  const error = firstError(probe);
  equal('replies', expected.replies, probe.replies.length);
  equal('reply_ttl', expected.reply_ttl, first?.ttl);
  equal('reply_from', address(expected.reply_from), address(first?.from));
  equal('error', expected.error, error?.errno ?? (expected.error === 'none' ? 'none' : undefined));
  equal('error_from', address(expected.error_from), address(error?.from));
  checks.push(...checkStations('', report.requestPath, expected.path, expected.passes, expected.avoids, path));
  const { reply_path, reply_passes, reply_avoids } = expected;
  checks.push(...checkStations('reply_', report.replyPath, reply_path, reply_passes, reply_avoids, path));
  if (expected.dropped !== undefined) checks.push(checkDropped(expected.dropped, probe, report, [...path, 'dropped']));
  for (const [index, header] of (expected.header ?? []).entries()) {
    checks.push(...checkHeader(header, report, captures, [...path, 'header', index]));
  }
  return checks;
}

function firstError(probe: Probe): { errno: string; from: number | undefined } | undefined {
  const broken = 'error' in probe ? probe.error : undefined;
  if (broken !== undefined) return { errno: broken, from: probe.errors[0]?.from };
  const refused = probe.sent.find((sent) => sent.errno !== undefined);
  if (refused?.errno !== undefined) return { errno: refused.errno, from: undefined };
  return probe.errors[0];
}

function address(value: number | undefined): string | undefined {
  return value === undefined ? undefined : formatIpv4(value);
}

/** What is expected of a station to be avoided. */
export const NOT_PASSED = 'not passed';

function checkStations(
  prefix: '' | 'reply_',
  found: readonly Station[],
  whole: readonly string[] | undefined,
  passes: readonly string[] | undefined,
  avoids: readonly string[] | undefined,
  path: Path,
): Check[] {
  const checks: Check[] = [];
  const seen = found.map(stationText).join(' > ') || 'no packet';
  const add = (key: string, passed: boolean, expected: string): void => {
    checks.push({ what: `${prefix}${key}`, passed, expected, found: seen, path: [...path, `${prefix}${key}`] });
  };
  if (whole !== undefined) {
    const same =
      whole.length === found.length && whole.every((pattern, index) => isStation(found[index] as Station, pattern));
    add('path', same, whole.join(' > '));
  }
  if (passes !== undefined) add('passes', inOrder(found, passes), passes.join(' > '));
  for (const [index, pattern] of (avoids ?? []).entries()) {
    const met = found.find((station) => isStation(station, pattern));
    checks.push({
      what: `${prefix}avoids ${pattern}`,
      passed: met === undefined && found.length > 0,
      expected: NOT_PASSED,
      found: found.length === 0 ? seen : met === undefined ? NOT_PASSED : `passed ${stationText(met)}`,
      path: [...path, `${prefix}avoids`, index],
    });
  }
  return checks;
}

function inOrder(found: readonly Station[], patterns: readonly string[]): boolean {
  let next = 0;
  for (const station of found) if (next < patterns.length && isStation(station, patterns[next] as string)) next++;
  return next === patterns.length;
}

function checkDropped(
  expected: NonNullable<ProbeExpectation['dropped']>,
  probe: Probe,
  report: ProbeReport,
  path: Path,
): Check {
  const found = report.drops.map((drop) => `${drop.reason} at ${drop.place.title}`).join(', ') || 'nothing was dropped';
  if (expected === 'none') {
    const passed = report.drops.length === 0 && probe.sent.every((sent) => sent.packet !== 0);
    return { what: 'dropped', passed, expected: 'none', found, path };
  }
  const { reason, at } = expected;
  const passed = report.drops.some(
    (drop) =>
      drop.reason === reason &&
      (at === undefined || drop.place.title === at || drop.place.node === at || drop.place.title.endsWith(`/${at}`)),
  );
  return { what: 'dropped', passed, expected: `${reason}${at === undefined ? '' : ` at ${at}`}`, found, path };
}

/** Reads the fields from the bytes that were captured. */
function checkHeader(
  expected: NonNullable<ProbeExpectation['header']>[number],
  report: ProbeReport,
  captures: readonly StoredCapture[],
  path: Path,
): Check[] {
  const { at, direction, of, is } = expected;
  const packets = new Set((of === 'reply' ? report.replySteps : report.requestSteps).map((step) => step.packet));
  const capture = captures.find((one) => one.name === at);
  const frame = capture && firstOf(capture, packets, direction);
  const what = `header of the ${of} at ${at}`;
  if (capture === undefined || frame === undefined) {
    const found = capture === undefined ? 'there is no such capture point' : 'it did not pass there';
    return [{ what, passed: false, expected: 'a packet', found, path }];
  }
  const header = new Ipv4Header(frame.bytes, capture.device.headerLength);
  const ports = header.offset + header.headerLength;
  const hasPorts = [PROTOCOL_UDP, PROTOCOL_TCP].includes(header.protocol) && header.fragmentOffset === 0;
  const values: Record<string, string | number | boolean | undefined> = {
    ttl: header.ttl,
    tos: header.tos,
    source: formatIpv4(header.source),
    destination: formatIpv4(header.destination),
    protocol: header.protocol,
    length: header.totalLength,
    df: header.dontFragment,
    source_port: hasPorts ? u16(frame.bytes, ports) : undefined,
    destination_port: hasPorts ? u16(frame.bytes, ports + 2) : undefined,
  };
  return Object.entries(is).map(([field, value]) => {
    const want = field === 'source' || field === 'destination' ? formatIpv4(Number(value)) : String(value);
    return checkEqual(`${what}: ${field}`, want, String(values[field] ?? 'nothing'), [...path, 'is', field]);
  });
}

/** The first frame of one of these packets, in this direction if one is given. */
function firstOf(
  { frames }: StoredCapture,
  packets: ReadonlySet<number>,
  direction: 'in' | 'out' | undefined,
): StoredFrame | undefined {
  for (const frame of frames) {
    if (packets.has(frame.packet) && (direction === undefined || frame.direction === direction)) return frame;
  }
  return undefined;
}
