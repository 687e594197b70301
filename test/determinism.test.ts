import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../sim/app/package-root.ts';
import { lines, TemporaryFolder } from './tools.ts';

/*
 * The same input gives the same bytes: the command line itself runs, as a user starts it, and every file it writes is
 * compared.
 */

const CUTAWAY = join(PACKAGE_ROOT, 'dist', 'app', 'cli', 'main.js');
const folder = new TemporaryFolder();

interface Output {
  readonly stdout: string;
  /** By path below the output folder. */
  readonly files: ReadonlyMap<string, Buffer>;
}

interface Report {
  readonly name: string;
  readonly passed: boolean;
  readonly steps: readonly { readonly passed: boolean; readonly checks: readonly { readonly passed: boolean }[] }[];
}

/** What surrounds a run and must not matter. */
interface Surroundings {
  /** The Node that runs it. */
  readonly program?: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly umask?: number;
  /** The files in the opposite order. */
  readonly isReversed?: boolean;
}

/** Other versions of Node to compare with, by the paths of their programs, with colons between them. */
const OTHER_NODES = (process.env.OTHER_NODES ?? '').split(':').filter((path) => path !== '');

const SCENARIOS: readonly string[] = filesBelow(join(PACKAGE_ROOT, 'scenarios'))
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => join('scenarios', path));

/** Runs every bundled scenario into a folder of its own. */
function runAll(name: string, ...options: string[]): Output {
  return runIn({}, name, ...options);
}

function runIn(surroundings: Surroundings, name: string, ...options: string[]): Output {
  const out = join(folder.path, name);
  const { program = process.execPath, cwd = PACKAGE_ROOT, environment = {}, umask, isReversed = false } = surroundings;
  const scenarios = [...SCENARIOS];
  if (isReversed) scenarios.reverse();
  const words = [CUTAWAY, 'run', '--json', '-o', out, ...options, ...scenarios];
  const before = umask === undefined ? undefined : process.umask(umask);
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 28,
  });
  if (before !== undefined) process.umask(before);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { stdout, files: new Map(filesBelow(out).map((path) => [path, readFileSync(join(out, path))])) };
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort();
}

/** Paths of the files that are not byte for byte the same. */
function differences(one: Output, other: Output): string[] {
  const paths = new Set([...one.files.keys(), ...other.files.keys()]);
  return [...paths].filter((path) => {
    const [a, b] = [one.files.get(path), other.files.get(path)];
    return a === undefined || b === undefined || !a.equals(b);
  });
}

/** What passed and what did not, without the values that were seen. */
function verdicts(output: Output): unknown[] {
  return output.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Report)
    .map(({ name, passed, steps }) => ({
      name,
      passed,
      steps: steps.map((step) => [step.passed, ...step.checks.map((check) => check.passed)]),
    }));
}

describe('the bundled scenarios, run from the command line', () => {
  let first: Output;

  beforeAll(() => {
    first = runAll('first');
  });
  afterAll(() => folder.dispose());

  it('leave captures, tables and a report, and nothing half-written', () => {
    const names = [...first.files.keys()];
    for (const kind of [/captures\/.*\.pcapng$/, /tables\/.*\.txt$/, /report\.json$/, /^wireshark-profile\//]) {
      expect(names.filter((name) => kind.test(name))).not.toEqual([]);
    }
    expect(names.filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('leave the same bytes when they are run again', () => {
    const again = runAll('again');
    expect(differences(first, again)).toEqual([]);
    expect(again.stdout).toBe(first.stdout);
  });

  it('leave the same bytes over those of an earlier run', () => {
    expect(differences(first, runAll('first'))).toEqual([]);
  });

  it('leave the same bytes in Turkish and at the other end of the world, from another folder, and for nobody else to read', () => {
    const environment = { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' };
    // Reports name the files as the command line does.
    const cwd = join(folder.path, 'elsewhere');
    for (const name of ['scenarios', 'topologies'])
      cpSync(join(PACKAGE_ROOT, name), join(cwd, name), { recursive: true });
    const other = runIn({ cwd, environment, umask: 0o077 }, 'turkish');
    expect(differences(first, other)).toEqual([]);
    expect(other.stdout).toBe(first.stdout);
  });

  it('leave the same bytes in the opposite order, three at once, in another language', () => {
    const environment = { LANG: 'zh_CN.UTF-8', LC_ALL: 'C', TZ: 'America/St_Johns' };
    const other = runIn({ environment, isReversed: true }, 'reversed', '-j', '3');
    // The profile for Wireshark has the names of the scenario that comes last.
    expect(differences(first, other).filter((path) => !path.startsWith('wireshark-profile'))).toEqual([]);
    expect(lines(other.stdout).reverse()).toEqual(lines(first.stdout));
  });

  it.each(OTHER_NODES)('leave the same bytes by %s', (program) => {
    const other = runIn({ program }, `node-${OTHER_NODES.indexOf(program)}`);
    expect(differences(first, other)).toEqual([]);
    expect(other.stdout).toBe(first.stdout);
  });

  if (OTHER_NODES.length === 0) it.skip('are the same by other Nodes (OTHER_NODES names none)', () => {});

  it('have names that differ in more than capitals, and that every file system takes', () => {
    const names = [...first.files.keys()];
    expect(new Set(names.map((name) => name.normalize('NFC').toUpperCase().toLowerCase())).size).toBe(names.length);
    const parts = names.flatMap((name) => name.split('/'));
    expect(parts.filter((part) => /[<>:"\\|?*\p{C}]|[. ]$|^-/u.test(part) || part.length > 200)).toEqual([]);
  });

  it.each([['--merge'], ['--pcap']])('leave the same bytes with %s', (option) => {
    const [one, other] = [runAll(`one${option}`, option), runAll(`other${option}`, option)];
    expect(differences(one, other)).toEqual([]);
    expect(differences(one, first)).not.toEqual([]);
  });

  it('with another seed carry other identifications, and end with the same verdicts', () => {
    const other = runAll('other-seed', '--seed', '4711');
    expect(differences(first, other).filter((path) => path.endsWith('.pcapng'))).not.toEqual([]);
    expect(verdicts(other)).toEqual(verdicts(first));
  });

  it('write nothing of this machine into a file', () => {
    for (const [path, bytes] of first.files) {
      const holds = [PACKAGE_ROOT, folder.path].filter((place) => bytes.includes(place));
      expect({ path, holds }).toEqual({ path, holds: [] });
    }
  });
});
