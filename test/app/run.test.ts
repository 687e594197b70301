import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import type { TemporaryFolder } from '../tools.ts';
import {
  CUTAWAY,
  cutaway,
  cutawayIn,
  cutawayProcess,
  ndjson,
  PLAIN_ENVIRONMENT,
  temporaryFolder,
  WHITEPAPER_TOPOLOGY,
  whitepaperScenario,
} from './cli.ts';

const ESCAPE = '\u001b[';
const FIG09 = whitepaperScenario('fig09');
const OFFICE = join(PACKAGE_ROOT, 'topologies', 'linux', 'office.yaml');
/** A folder that nobody can make: to make one below /proc is ENOENT. */
const PROC = '/proc/results';

/** A scenario with an expectation that cannot hold, on line 6. */
function failing(): TemporaryFolder {
  const folder = temporaryFolder();
  folder.write(
    'wrong.yaml',
    `name: wrong\ntopology: ${JSON.stringify(WHITEPAPER_TOPOLOGY)}\nsteps:\n  - ping: { from: container3, to: 1.1.1.2 }\n` +
      '    expect:\n      reply_ttl: 63\n      replies: 1\n',
  );
  return folder;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}

describe('run without a file', () => {
  it("replays the white paper's figures, writes everything, and passes", () => {
    const folder = temporaryFolder().path;
    const { status, stdout, stderr } = cutawayIn(folder, []);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '17 of 17 scenarios passed; results in out/\n' });
    for (const figure of ['06', '07', '08', '09', '10', '11', '12', '13', '14', '16', '17', '18']) {
      expect(stdout).toMatch(new RegExp(`^fig${figure}  `, 'm'));
    }
    expect(stdout.match(/^ {2}PASSED {2}\d+ packets born = /gm)).toHaveLength(17);
    for (const step of ['1 ', '2 ', '3 ', '4 ', '5 ', 'a ', 'b ', 'c ', 'd '])
      expect(stdout).toContain(`\n    ✓ ${step}`);
    expect(stdout).not.toContain('✗');
    expect(stdout).not.toContain(ESCAPE);
    const files = filesUnder(join(folder, 'out'));
    expect(files).toContain(join('fig11', 'captures', 'device-a-GE1_0_1.pcapng'));
    expect(files).toContain(join('fig11', 'tables', 'device-a_container3.txt'));
    expect(files).toContain(join('wireshark-profile', 'colorfilters'));
    expect(files.filter((name) => name.includes('.partial'))).toEqual([]);
    const report: unknown = JSON.parse(readFileSync(join(folder, 'out', 'fig11', 'report.json'), 'utf8'));
    expect(report).toMatchObject({ schema: 'cutaway/report/1', name: 'fig11', passed: true });
  });

  it('takes away what an earlier run left in its folder', () => {
    const folder = temporaryFolder().path;
    const captures = join(folder, 'out', 'fig11', 'captures');
    cutawayIn(folder, ['run', '--pcap', whitepaperScenario('fig11')]);
    expect(readdirSync(captures).every((name) => name.endsWith('.pcap'))).toBe(true);
    cutawayIn(folder, ['run', '--merge', whitepaperScenario('fig11')]);
    expect(readdirSync(captures)).toEqual(['all.pcapng']);
  });

  it('writes the same bytes each time', () => {
    const [one, two] = [temporaryFolder().path, temporaryFolder().path];
    for (const folder of [one, two]) cutawayIn(folder, []);
    const files = filesUnder(join(one, 'out')).filter((name) => /\.\w+$/.test(name));
    expect(files.length).toBeGreaterThan(40);
    for (const name of files) {
      expect(readFileSync(join(one, 'out', name)).equals(readFileSync(join(two, 'out', name))), name).toBe(true);
    }
  });
});

describe('verdicts', () => {
  it('of an expectation that fails tell what was expected, what was found, and where it is written', () => {
    const { status, stdout, stderr } = cutawayIn(failing().path, ['run', 'wrong.yaml', '--no-write']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '0 of 1 scenarios passed\n' });
    expect(stdout).toContain('    ✗ reply_ttl (wrong.yaml:6)\n        expected 63\n        found    64\n  FAILED  ');
    expect(stdout).toContain('    ✓ as expected: replies 1\n');
  });

  it('are all there is with --quiet', () => {
    const folder = failing().path;
    expect(cutawayIn(folder, ['run', '--quiet', FIG09, 'wrong.yaml'])).toEqual({
      status: 1,
      stdout: 'PASSED  fig09\nFAILED  wrong\n',
      stderr: '1 of 2 scenarios passed; results in out/\n',
    });
  });

  it('are one JSON document a line with --json, and nothing is said beside', () => {
    const { status, stdout, stderr } = cutawayIn(failing().path, ['run', '--json', '--no-write', FIG09, 'wrong.yaml']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const [first, second, ...more] = ndjson(stdout);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ schema: 'cutaway/report/1', name: 'fig09', passed: true, seed: 1 });
    expect(second).toMatchObject({
      schema: 'cutaway/report/1',
      passed: false,
      steps: [{ checks: expect.arrayContaining([expect.objectContaining({ what: 'reply_ttl', passed: false })]) }],
    });
  });

  it('write nothing with --no-write', () => {
    const folder = temporaryFolder().path;
    expect(cutawayIn(folder, ['run', '--no-write', FIG09]).status).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('colour', () => {
  const coloured = (environment: Record<string, string>): boolean =>
    cutawayIn(temporaryFolder().path, ['run', '--no-write', FIG09], environment).stdout.includes(ESCAPE);

  it('is not there without a terminal, and is where FORCE_COLOR asks for it', () => {
    expect(coloured({})).toBe(false);
    expect(coloured({ FORCE_COLOR: '1' })).toBe(true);
    expect(coloured({ FORCE_COLOR: '0' })).toBe(false);
  });

  it('is never there against NO_COLOR; an empty NO_COLOR says nothing', () => {
    expect(coloured({ NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(coloured({ NO_COLOR: '', FORCE_COLOR: '1' })).toBe(true);
  });
});

describe('the world around', () => {
  it.skipIf(process.platform === 'win32')('a reader that goes away ends it without a word', () => {
    const command = `"${process.execPath}" "${CUTAWAY}" run --no-write | head -n 1`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      env: PLAIN_ENVIRONMENT,
      cwd: temporaryFolder().path,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^fig06 {2}.*\n$/) });
    expect(stderr).not.toMatch(/EPIPE|error/);
  });

  it('a place where nothing can be written is an error in one line', () => {
    const folder = temporaryFolder();
    folder.write('file', 'keep me');
    const { status, stdout, stderr } = cutawayIn(folder.path, ['run', FIG09, '-o', 'file']);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^cutaway: cannot write: file\/fig09\/.*: a part of this path is no folder\n$/);
    expect(readFileSync(join(folder.path, 'file'), 'utf8')).toBe('keep me');
  });

  it.skipIf(!existsSync('/proc/self')).each([
    ['run', FIG09, '-o', PROC],
    ['run', FIG09, '--no-write', '--report', `${PROC}/page.html`],
    ['run', FIG09, '--no-write', '--junit', '/proc/junit.xml'],
    ['profile', '--wireshark', PROC],
    ['graph', WHITEPAPER_TOPOLOGY, '-o', `${PROC}/y.svg`],
    ['export', OFFICE, '--format', 'netns', '-o', `${PROC}/lab.sh`],
    ['init', PROC],
  ])('so is one where nothing can be made, however the system says it: %s', (...words) => {
    const { status, stderr } = cutawayProcess(temporaryFolder().path, words);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^(?:.*\n)?cutaway: cannot write: \/proc\/.*: [a-z ]+\n$/),
    });
  });

  it.skipIf(process.platform === 'win32')('SIGINT ends it, without half a file', async () => {
    const folder = temporaryFolder().path;
    const child = spawn(process.execPath, [CUTAWAY, 'run'], { cwd: folder, env: PLAIN_ENVIRONMENT });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    // It may have ended by itself before the signal came.
    expect(signal === 'SIGINT' || status === 130 || status === 0).toBe(true);
    if (existsSync(join(folder, 'out'))) {
      expect(filesUnder(join(folder, 'out')).filter((name) => name.includes('.partial'))).toEqual([]);
    }
  });
});

describe('init', () => {
  const NAMES = ['scenario.schema.json', 'scenario.yaml', 'topology.schema.json', 'topology.yaml'];

  it('writes an example that is sound and passes', () => {
    const folder = temporaryFolder().path;
    expect(cutawayIn(folder, ['init'])).toMatchObject({ status: 0, stderr: 'now: cutaway run scenario.yaml\n' });
    expect(readdirSync(folder).toSorted()).toEqual(NAMES);
    expect(cutawayIn(folder, ['check', 'topology.yaml', 'scenario.yaml'])).toMatchObject({ status: 0 });
    const { status, stdout } = cutawayIn(folder, ['run', 'scenario.yaml']);
    expect(stdout).not.toContain('✗');
    expect(status).toBe(0);
  });

  it('leaves what is there alone, unless --force is given', () => {
    const folder = temporaryFolder();
    folder.write('lab/topology.yaml', 'mine');
    const refused = cutawayIn(folder.path, ['init', 'lab']);
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: ${join('lab', 'topology.yaml')} already there; --force overwrites\n`,
    });
    expect(readdirSync(join(folder.path, 'lab'))).toEqual(['topology.yaml']);
    expect(cutawayIn(folder.path, ['init', 'lab', '--force']).status).toBe(0);
    expect(readdirSync(join(folder.path, 'lab')).toSorted()).toEqual(NAMES);
    expect(cutawayIn(folder.path, ['run', '--no-write', join('lab', 'scenario.yaml')]).status).toBe(0);
  });
});

describe('list and schema', () => {
  it('list names what can be run, as a table and as JSON', () => {
    const { status, stdout } = cutaway('list');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^KIND +NAME +FILE +TITLE\n/);
    const rows = ndjson(cutaway('list', '--json').stdout);
    expect(rows.map((row) => row.name)).toEqual(
      expect.arrayContaining(['fig09', 'fig10', 'fig11', 'separate-namespace']),
    );
    for (const { name } of rows) expect(name).not.toBe('?');
  });

  it.each(['topology', 'scenario'])('the schema of a %s is JSON Schema and knows its keys', (kind) => {
    const { status, stdout } = cutaway('schema', kind);
    expect(status).toBe(0);
    const schema = JSON.parse(stdout) as { properties: Record<string, unknown> };
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    });
    const file = kind === 'topology' ? WHITEPAPER_TOPOLOGY : whitepaperScenario('fig11');
    const keys = [...readFileSync(file, 'utf8').matchAll(/^([a-z]+):/gm)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(1);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(keys));
  });

  it('the schema of a shard describes how its report begins', () => {
    const { properties } = JSON.parse(cutaway('schema', 'shard').stdout) as { properties: Record<string, unknown> };
    const [head] = ndjson(cutaway('run', whitepaperScenario('fig09'), '--shard', '1/1', '--json', '--no-write').stdout);
    expect(Object.keys(head ?? {})).toEqual(Object.keys(properties));
  });
});
