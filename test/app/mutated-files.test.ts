import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import type { TemporaryFolder } from '../tools.ts';
import { cutawayIn, OFFICE, OFFICE_LAB, temporaryFolder } from './cli.ts';

/*
 * Our own files, damaged: bytes changed, cut out, doubled, words put in the place of others. Whatever becomes of them is refused with
 * a reason, or runs; it is never a bug, never a stack, and ends soon.
 */

/** What a byte or a word is made into: ends of ranges, names that every object has, marks of YAML. */
const WORDS = [
  '0',
  '-1',
  '1',
  '65536',
  '4294967295',
  '1e308',
  '.nan',
  '""',
  'null',
  '[]',
  '{}',
  'true',
  '*a',
  '&a b',
  '<<',
];
const MORE = [
  '__proto__',
  'constructor',
  'toString',
  '../x',
  '0.0.0.0/0',
  '255.255.255.255',
  '224.0.0.1',
  '127.0.0.1/8',
];
const TIMES = ['0s', '2400h', '1ns', '0kbit', 'eth0', 'lo', 'all', 'ff:ff:ff:ff:ff:ff', '"\\e[31m"', 'x'.repeat(300)];

interface Change {
  readonly kind: 'byte' | 'cut' | 'double' | 'word' | 'number';
  /** Where, as a share of the whole. */
  readonly at: number;
  readonly value: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('byte', 'cut', 'double', 'word', 'word', 'word', 'number', 'number', 'number'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.nat(0xffffff),
});

function changed(bytes: Buffer, { kind, at, value }: Change): Buffer {
  if (bytes.length === 0) return bytes;
  const place = Math.floor(at * bytes.length);
  if (kind === 'byte') return Buffer.from(bytes).fill(value & 0xff, place, place + 1);
  const end = Math.min(bytes.length, place + 1 + (value % 40));
  if (kind === 'cut') return Buffer.concat([bytes.subarray(0, place), bytes.subarray(end)]);
  if (kind === 'double') return Buffer.concat([bytes.subarray(0, end), bytes.subarray(place)]);
  const text = bytes.toString('latin1');
  const words = [...text.matchAll(kind === 'number' ? /\d+/g : /[\w./:-]+/g)];
  const word = words[Math.floor(at * words.length)];
  if (word === undefined) return bytes;
  const choice =
    kind === 'number' ? WORDS.slice(0, 6) : [...WORDS, ...MORE, ...TIMES, ...words.slice(0, 20).map(([one]) => one)];
  const by = choice[value % choice.length] ?? '';
  return Buffer.from(`${text.slice(0, word.index)}${by}${text.slice(word.index + word[0].length)}`, 'latin1');
}

function damaged(file: Buffer): fc.Arbitrary<Buffer> {
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce(changed, file));
}

/** A folder that holds `scenarios/` and `topologies/` as they are. */
function ours(): TemporaryFolder {
  const folder = temporaryFolder();
  for (const path of yamlFiles()) folder.write(path, readFileSync(join(PACKAGE_ROOT, path)));
  return folder;
}

function yamlFiles(): string[] {
  return ['topologies', 'scenarios'].flatMap((name) =>
    readdirSync(join(PACKAGE_ROOT, name), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => join(name, path))
      .sort(),
  );
}

/** The command ends with a code that says why, in words. */
function ends(folder: string, words: readonly string[]): void {
  const { status, stdout, stderr } = cutawayIn(folder, words);
  const isStack = /^\s+at .*:\d+:\d+\)?$/m.test(stderr);
  expect({ words: words.join(' '), status, stderr: isStack ? stderr : '' }).toEqual({
    words: words.join(' '),
    status: expect.toBeOneOf([0, 1, 2, 4]),
    stderr: '',
  });
  if (status === 4) expect(stderr).toMatch(/error: .* \[[A-Z_]+\]\n/);
  expect(stdout.length).toBeLessThan(20_000_000);
}

const FLOW = ['--from', 'pc1', '--to', '203.0.113.1:80', '--proto', 'tcp'];
const COMMANDS: readonly ((file: string) => string[])[] = [
  (file) => ['check', file],
  (file) => ['show', file],
  (file) => ['trace', file, ...FLOW],
  (file) => ['graph', file, '--format', 'dot'],
  (file) => ['export', '--format', 'netns', file],
  (file) => ['walk', '--text', file, ...FLOW],
  (file) => ['run', file, '-o', 'out', '--junit', 'out/j.xml'],
  (file) => ['explain', file, '--no-what-if'],
  (file) => ['diff', file, '--set', 'gw: net.ipv4.ip_forward=0', '--limit', '3'],
];

describe('a damaged file', { timeout: 120_000 }, () => {
  it('of YAML is refused, or what it has become is done', () => {
    const folder = ours();
    const mutant = fc
      .constantFrom(...yamlFiles())
      .chain((path) => damaged(readFileSync(join(PACKAGE_ROOT, path))).map((bytes) => ({ path, bytes })));
    fc.assert(
      fc.property(mutant, fc.constantFrom(...COMMANDS), ({ path, bytes }, command) => {
        const file = join(dirname(path), 'mutant.yaml');
        folder.write(file, bytes);
        ends(folder.path, command(file));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['pcapng', 'pcap'])('of %s is refused at its byte, or replayed as far as it goes', (kind) => {
    const folder = temporaryFolder();
    cutawayIn(folder.path, ['run', OFFICE, '-q', ...(kind === 'pcap' ? ['--pcap'] : [])]);
    const whole = readFileSync(join(folder.path, 'out', 'office', 'captures', `pc1-eth0.${kind}`));
    const cut = fc.nat(whole.length).map((length) => whole.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged(whole), cut), (bytes) => {
        folder.write('mutant.pcap', bytes);
        ends(folder.path, ['run', '--read', 'mutant.pcap', '--from', 'pc2', OFFICE_LAB, '--no-write', '-q']);
      }),
      { numRuns: 30 },
    );
  });
});
