import { decodeUtf8 } from '../wire/utf8.ts';
import type { RegisteredService } from '../world/service-registry.ts';
import { servicesOf } from '../world/services.ts';
import type { World } from '../world/world.ts';
import { type Check, checkEqual } from './check.ts';
import type { FileExpectation, ProbeExpectation } from './expectation-schema.ts';
import { hopText, outputOf } from './probe-output.ts';
import type { Probe } from './start-probe.ts';

type Path = readonly (string | number)[];

/** Holds what a step expects of a program that connects, fetches or traces against what it saw. */
export function checkApplication(world: World, expected: ProbeExpectation, probe: Probe, path: Path): Check[] {
  const response = probe.kind === 'http' ? probe.response : undefined;
  const received = receivedBy(probe);
  const checks: Check[] = [];
  const equal = (key: keyof ProbeExpectation, found: string | number | boolean | undefined): void => {
    const want = expected[key];
    if (want !== undefined) checks.push(checkEqual(key, want as string | number | boolean, found, [...path, key]));
  };
  const has = (key: 'received_has' | 'body_has', text: string | undefined): void => {
    const want = expected[key];
    if (want === undefined) return;
    const passed = text?.includes(want) ?? false;
    checks.push({ what: key, passed, expected: want, found: text ?? 'nothing', path: [...path, key] });
  };
  equal('connected', 'connected' in probe ? probe.connected : undefined);
  equal('closed', probe.kind === 'tcp' ? probe.closed : undefined);
  equal('received', received === undefined ? undefined : decodeUtf8(received));
  has('received_has', received === undefined ? undefined : decodeUtf8(received));
  equal('received_size', received?.length);
  equal('status', response?.status);
  equal('location', response?.headers.get('location'));
  has('body_has', response === undefined ? undefined : decodeUtf8(response.body));
  equal('body_is', response === undefined ? undefined : decodeUtf8(response.body));
  checks.push(...checkPrints(expected.prints, outputOf(probe), [...path, 'prints']));
  if (expected.file !== undefined) checks.push(checkFile(world, expected.file, probe, [...path, 'file']));
  if (expected.hops !== undefined) {
    const found = probe.kind === 'traceroute' ? probe.hops.map(hopText).join(', ') : undefined;
    checks.push(checkEqual('hops', expected.hops.join(', '), found, [...path, 'hops']));
  }
  return checks;
}

/** What a program got from its server. */
function receivedBy(probe: Probe): Uint8Array | undefined {
  if (probe.kind === 'tcp') return probe.received;
  return probe.kind === 'tftp' && probe.verb === 'get' ? probe.file : undefined;
}

function checkPrints(expected: string | readonly string[] | undefined, output: readonly string[], path: Path): Check[] {
  if (expected === undefined) return [];
  const parts = typeof expected === 'string' ? [expected] : expected;
  return parts.map((part, index) => ({
    what: 'prints',
    passed: output.some((line) => line.includes(part)),
    expected: part,
    found: output.length === 0 ? 'nothing' : output.join('\n'),
    path: typeof expected === 'string' ? path : [...path, index],
  }));
}

function checkFile(world: World, expected: FileExpectation, probe: Probe, path: Path): Check {
  const name = expected.name ?? (probe.kind === 'tftp' ? probe.name : '');
  const what = `file ${name} at ${expected.at}`;
  const verdict = (passed: boolean, want: string, found: string): Check => ({
    what,
    passed,
    expected: want,
    found,
    path,
  });
  const services = fileServices(world, expected.at);
  const [service] = services;
  if (service === undefined || services.length > 1) {
    const found = service === undefined ? 'there is none' : `there are ${services.map((one) => one.name).join(', ')}`;
    return verdict(false, 'one TFTP service', found);
  }
  const file = service.files.get(name);
  if (expected.absent === true) return verdict(file === undefined, 'no such file', sizeText(file));
  if (file === undefined) return verdict(false, 'the file', 'there is no such file');
  const { equals, is, size } = expected;
  if (size !== undefined && size !== file.length) return verdict(false, `${size} bytes`, sizeText(file));
  if (is !== undefined && is !== decodeUtf8(file)) return verdict(false, is, decodeUtf8(file));
  if (equals === undefined) return verdict(true, sizeText(file), sizeText(file));
  const own = transferred(probe, equals);
  if (own === undefined) return verdict(false, `what this step ${equals}`, `this step ${equals} nothing`);
  const difference = firstDifference(own, file);
  const found = difference === undefined ? sizeText(file) : difference;
  return verdict(difference === undefined, `the ${own.length} bytes that were ${equals}`, found);
}

/** The TFTP services that `STACK` or `STACK:SERVICE` names. */
export function fileServices(world: World, at: string): RegisteredService[] {
  const colon = at.indexOf(':');
  const [owner, name] = colon < 0 ? [at, undefined] : [at.slice(0, colon), at.slice(colon + 1)];
  return servicesOf(world, owner).filter(
    (service) => service.spec.program === 'tftp' && (name === undefined || service.name === name),
  );
}

function transferred(probe: Probe, which: 'sent' | 'received'): Uint8Array | undefined {
  if (probe.kind !== 'tftp') return undefined;
  return (probe.verb === 'put') === (which === 'sent') ? probe.file : undefined;
}

function firstDifference(expected: Uint8Array, found: Uint8Array): string | undefined {
  const length = Math.max(expected.length, found.length);
  for (let offset = 0; offset < length; offset++) {
    if (expected[offset] === found[offset]) continue;
    return `${sizeText(found)}; at offset ${offset} ${byteText(found[offset])} instead of ${byteText(expected[offset])}`;
  }
  return undefined;
}

function byteText(byte: number | undefined): string {
  return byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`;
}

function sizeText(file: Uint8Array | undefined): string {
  return file === undefined ? 'no such file' : `${file.length} bytes`;
}
