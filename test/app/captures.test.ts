import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPcapng } from '../capture/read-captures.ts';
import {
  capinfos,
  hasCapinfos,
  hasTshark,
  lines,
  needsCapinfos,
  needsTshark,
  TemporaryFolder,
  tsharkFields,
} from '../tools.ts';
import { cutawayIn } from './cli.ts';

/** Wireshark's levels up to Chat, comments included; a Note is a complaint already. */
const CHAT = 0x00200000;

const CHECKSUMS = ['ip.checksum.status', 'udp.checksum.status', 'tcp.checksum.status', 'icmp.checksum.status'];

const WAYS = ['', '--merge', '--pcap'] as const;

type Way = (typeof WAYS)[number];

/** The bundled scenarios, run once in each way of writing. */
const folders = new Map<Way, TemporaryFolder>();

beforeAll(() => {
  for (const way of WAYS) {
    const folder = new TemporaryFolder();
    folders.set(way, folder);
    expect(cutawayIn(folder.path, ['run', ...(way === '' ? [] : [way])]).status).toBe(0);
  }
});
afterAll(() => {
  for (const folder of folders.values()) folder.dispose();
});

/** Every capture file of a run. */
function capturesOf(way: Way): string[] {
  const folder = folders.get(way)?.path ?? '';
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** out/SCENARIO/captures/FILE */
function scenarioOf(file: string): string {
  return file.split(/[\\/]/).at(-3) ?? '';
}

/** Packets that capinfos counts in each file; it reads every file whole. */
function countsOf(files: readonly string[]): Map<string, number> {
  const { status, stdout, stderr } = capinfos(['-c', '-M', '-T', '-r', ...files]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return new Map(lines(stdout).map((line) => [line.split('\t')[0] ?? '', Number(line.split('\t')[1])]));
}

function inEach(counts: ReadonlyMap<string, number>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [file, count] of counts) sums[scenarioOf(file)] = (sums[scenarioOf(file)] ?? 0) + count;
  return sums;
}

interface Dissected {
  /** Seconds since the frame before. */
  readonly delta: number;
  readonly malformed: string;
  /** Flags of TCP, '' for anything else. */
  readonly tcp: string;
  readonly ttls: readonly string[];
  readonly severities: readonly string[];
  /** Of each checksum its state, those that an ICMP error quotes behind it. */
  readonly checksums: readonly (readonly string[])[];
}

const dissected = new Map<string, readonly Dissected[]>();

/** What tshark sees in a file, which it reads once. */
function framesOf(file: string): readonly Dissected[] {
  const known = dissected.get(file);
  if (known !== undefined) return known;
  const fields = ['frame.time_delta', '_ws.malformed', 'tcp.flags', 'ip.ttl', '_ws.expert.severity', ...CHECKSUMS];
  // A merged file shows a segment once a point.
  const preferences = file.endsWith('all.pcapng') ? ['tcp.desegment_tcp_streams:FALSE'] : [];
  const frames = tsharkFields(file, fields, preferences).map(
    ([delta, malformed = '', tcp = '', ttls = '', severities = '', ...states]): Dissected => ({
      delta: Number(delta),
      malformed,
      tcp,
      ttls: ttls.split(','),
      severities: severities.split(','),
      checksums: states.map((one) => one.split(',')),
    }),
  );
  dissected.set(file, frames);
  return frames;
}

/** No malformed frame, no bad checksum, nothing that Wireshark warns of. */
function expectSound(file: string): void {
  const frames = framesOf(file);
  expect(frames.length).toBeGreaterThan(0);
  for (const [index, { malformed, tcp, ttls, severities, checksums }] of frames.entries()) {
    const where = `${file} frame ${index + 1}`;
    expect(malformed, where).toBe('');
    // Every FIN earns a note, every RST a warning, a traceroute a note for its TTL.
    const isTraceroute = ttls.some((ttl) => ttl !== '' && Number(ttl) < 5);
    const levels = tcp === '' && !isTraceroute ? severities : [];
    for (const severity of levels) expect(Number(severity), where).toBeLessThanOrEqual(CHAT);
    // 1 is Good. What an ICMP error quotes is cut short, and cannot be verified: 2.
    for (const [first, ...quoted] of checksums) {
      expect(['', '1'], where).toContain(first);
      for (const state of quoted) expect(['1', '2'], where).toContain(state);
    }
  }
}

/** The TCP segments of a file in order, with their addresses: Wireshark says the same of files that have the same. */
function segmentsIn(file: string): string {
  const frames = readPcapng(readFileSync(file)).frames.map(({ bytes }) => bytes);
  const isTcp = (bytes: readonly number[]) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 6;
  return frames
    .filter(isTcp)
    .map((bytes) => Buffer.from(bytes.slice(26)).toString('hex'))
    .join('\n');
}

describe('the captures of the bundled scenarios', () => {
  it.skipIf(!hasCapinfos)(
    `are read whole by capinfos, the same frames however they are written ${needsCapinfos}`,
    () => {
      const [plain, ...others] = WAYS.map((way) => countsOf(capturesOf(way)));
      expect(Math.min(...(plain?.values() ?? []))).toBeGreaterThan(0);
      for (const other of others) expect(inEach(other)).toEqual(inEach(plain ?? new Map()));
    },
  );

  // All frames of a scenario are in its merged file: one tshark for each scenario sees them all.
  it.skipIf(!hasTshark)(
    `hold no malformed frame, no bad checksum and nothing Wireshark warns of ${needsTshark}`,
    () => {
      for (const file of capturesOf('--merge')) expectSound(file);
    },
    300_000,
  );

  it.skipIf(!hasTshark)(
    `hold no malformed frame, no bad checksum where each point has a file, classic ones too ${needsTshark}`,
    () => {
      // The same frames: a few files tell whether they can be read.
      for (const way of ['', '--pcap'] as const) {
        for (const file of capturesOf(way).filter((_, index) => index % 20 === 0)) expectSound(file);
      }
    },
    300_000,
  );

  it.skipIf(!hasTshark)(
    `have TCP that Wireshark finds nothing to remark on, at every point that saw any ${needsTshark}`,
    () => {
      const seen = new Map(capturesOf('').map((file) => [segmentsIn(file), file]));
      seen.delete('');
      expect(seen.size).toBeGreaterThan(10);
      for (const file of seen.values()) {
        for (const [number, analysis] of tsharkFields(file, ['frame.number', 'tcp.analysis.flags'])) {
          expect(analysis, `${file} frame ${number}`).toBe('');
        }
      }
    },
    300_000,
  );
});

describe('a merged capture', () => {
  it.skipIf(!hasTshark)(`names every interface, and says at each frame what was decided ${needsTshark}`, () => {
    const file = capturesOf('--merge').find((name) => name.includes('fig11')) ?? '';
    const frames = tsharkFields(file, ['frame.interface_name', 'frame.packet_flags_direction', 'frame.comment']);
    const names = new Set(frames.map(([name]) => name));
    expect(names).toEqual(new Set([...names].filter((name) => name !== undefined && /^[\x21-\x7e]+$/.test(name))));
    expect(names).toContain('device-a:GE1/0/1');
    expect(names).toContain('device-a/container3:eth0');
    for (const [, direction] of frames) expect(direction).toMatch(/^0x0*[12]$/);
    const comments = frames.map(([, , comment]) => comment ?? '');
    expect(comments.some((comment) => comment.includes('TTL 64 -> 63'))).toBe(true);
    expect(comments.some((comment) => comment.includes('DROPPED IP_INNOROUTES'))).toBe(true);
  });

  it.skipIf(!hasTshark)(`is in the order of time ${needsTshark}`, () => {
    for (const file of capturesOf('--merge')) {
      for (const { delta } of framesOf(file)) expect(delta).toBeGreaterThanOrEqual(0);
    }
  });
});
