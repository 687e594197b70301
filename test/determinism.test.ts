import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../sim/app/package-root.ts';
import { TemporaryFolder } from './tools.ts';

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

/** Runs every bundled scenario into a folder of its own. */
function runAll(name: string, ...options: string[]): Output {
  const out = join(folder.path, name);
  const scenarios = filesBelow(join(PACKAGE_ROOT, 'scenarios'))
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => join('scenarios', path));
  const { status, stdout, stderr } = node(CUTAWAY, 'run', '--json', '-o', out, ...options, ...scenarios);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { stdout, files: new Map(filesBelow(out).map((path) => [path, readFileSync(join(out, path))])) };
}

function node(...args: string[]) {
  return spawnSync(process.execPath, args, { cwd: PACKAGE_ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
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
