import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorOf, failureOf } from '../../sim/app/cli/run-job.ts';
import { work } from '../../sim/app/cli/run-worker.ts';
import { CannotWrite } from '../../sim/app/files.ts';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { SimulatorBug } from '../../sim/core/assert.ts';
import { TemporaryFolder, type ToolResult } from '../tools.ts';
import { CUTAWAY, cutawayIn, cutawayProcess, PLAIN_ENVIRONMENT, temporaryFolder, whitepaperScenario } from './cli.ts';
import { LOOP, TWO_HOSTS } from './small-labs.ts';

const FOLDERS = ['whitepaper', join('whitepaper', 'claims'), 'linux'].map((name) =>
  join(PACKAGE_ROOT, 'scenarios', name),
);
const BUNDLED = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name)),
);

const FAILS = `name: fails\ntitle: '<&">'\n${TWO_HOSTS}steps:\n  - ping: { from: a, to: 10.0.0.2, count: 2 }\n    expect: { replies: 3 }\n`;

/** Every file below a folder with its bytes. */
function contentOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}

/** The command line as a process that goes on beside the test; what it prints is to be read. */
function started(folder: string, words: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const options = { cwd: folder, env: PLAIN_ENVIRONMENT };
  return spawn(process.execPath, [CUTAWAY, ...words], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
}

/** What a run says and leaves, down to the last byte. */
function runOf(words: readonly string[], files: readonly string[]): ToolResult & { left: Map<string, string> } {
  const folder = temporaryFolder();
  folder.write('fails.yaml', FAILS);
  const result = cutawayIn(folder.path, ['run', ...words, ...files]);
  return { ...result, left: contentOf(folder.path) };
}

/** A copy of the program in which the scenario of this name throws when it is run. */
function programThatThrowsAt(folder: TemporaryFolder, name: string): string {
  const bin = join(folder.path, 'dist', 'bin');
  cpSync(join(PACKAGE_ROOT, 'dist', 'bin'), bin, { recursive: true });
  cpSync(join(PACKAGE_ROOT, 'package.json'), join(folder.path, 'package.json'));
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
  const begins = /^function\* playJob\((\w+).*\{$/m;
  const file = readdirSync(bin).find((one) => one.endsWith('.js') && begins.test(readFileSync(join(bin, one), 'utf8')));
  const path = join(bin, file ?? 'no file of the bundle has playJob()');
  const fails = `$&\nif ($1.source.scenario.name === '${name}') throw new Error('made to fail');`;
  writeFileSync(path, readFileSync(path, 'utf8').replace(begins, fails));
  return join(bin, 'main.js');
}

describe('run -j', () => {
  it('gives the same bytes with any number of threads: verdicts, captures, tables, JUnit, the page', () => {
    const files = [...BUNDLED, 'fails.yaml'];
    const words = ['--junit', 'out/junit.xml', '--report', 'out/page.html'];
    const [one, two, five] = ['1', '2', '5'].map((jobs) => runOf(['-j', jobs, ...words], files));
    expect(one?.status).toBe(1);
    expect(one?.left.size).toBeGreaterThan(300);
    expect(two).toEqual(one);
    expect(five).toEqual(one);
  }, 300_000);

  it('gives the same with --json, --filter and a seed', () => {
    const words = ['--json', '--filter', 'icmp or arp', '--seed', '7', '--pcap'];
    const files = [...BUNDLED.slice(0, 6), 'fails.yaml'];
    expect(runOf(['-j', '3', ...words], files)).toEqual(runOf(words, files));
  }, 120_000);

  it('refuses what is no number of threads', () => {
    for (const jobs of ['0', 'auto', '-1', '1.5', '257']) {
      expect(cutawayIn(temporaryFolder().path, ['run', '-j', jobs])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`'${jobs}' is invalid. write a whole number from 1 to 256.`),
      });
    }
  });

  it('tells of invalid files and of clashing names as one thread does, and runs none', () => {
    const folder = temporaryFolder();
    folder.write('fails.yaml', FAILS);
    folder.write('again.yaml', FAILS);
    folder.write('bad.yaml', 'name: bad\ntopology: { topology: { nodes: {} } }\nsteps:\n  - pong: {}\n');
    const files = ['fails.yaml', 'again.yaml', 'bad.yaml', 'nowhere.yaml'];
    const [one, two] = ['1', '2'].map((jobs) => cutawayIn(folder.path, ['run', '-j', jobs, ...files]));
    expect(one).toMatchObject({ status: 4, stdout: '', stderr: expect.stringMatching(/NAME_TWICE/) });
    expect(two).toEqual(one);
    expect(existsSync(join(folder.path, 'out'))).toBe(false);
  });

  it('says in its place that frames multiplied', () => {
    const folder = temporaryFolder();
    folder.write('loop.yaml', LOOP);
    folder.write('fails.yaml', FAILS);
    const files = [whitepaperScenario('fig09'), 'loop.yaml', 'fails.yaml'];
    const [one, two] = ['1', '2'].map((jobs) =>
      cutawayIn(folder.path, ['run', '-q', '--no-write', '-j', jobs, ...files]),
    );
    expect(one).toMatchObject({ status: 1, stderr: expect.stringContaining('loop: STORM: stopped at ') });
    expect(two).toEqual(one);
  }, 180_000);

  it('a place where nothing can be written is an error in one line, and ends it', () => {
    const folder = temporaryFolder();
    folder.write('taken', 'a file where a folder is wanted');
    const files = [whitepaperScenario('fig09'), whitepaperScenario('fig10')];
    const [one, two] = ['1', '2'].map((jobs) =>
      cutawayProcess(folder.path, ['run', '-j', jobs, '-o', 'taken', ...files]),
    );
    expect(one).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^cutaway: cannot write: .*\n$/),
    });
    expect(two).toEqual(one);
  });

  it('a scenario that throws ends it, and nothing is left of those after it', () => {
    const folder = temporaryFolder();
    const program = programThatThrowsAt(folder, 'fig10');
    const files = [...['fig09', 'fig10', 'fig11'].map((name) => whitepaperScenario(name as 'fig09')), 'fails.yaml'];
    folder.write('fails.yaml', FAILS);
    folder.write('o1/fig11/captures/old.pcap', 'of an earlier run');
    folder.write('o3/fig11/captures/old.pcap', 'of an earlier run');
    const [one, three] = ['1', '3'].map((jobs) => {
      const words = [program, 'run', '-q', '-j', jobs, '-o', `o${jobs}`, ...files];
      const { status, stdout, stderr } = spawnSync(process.execPath, words, {
        ...{ cwd: folder.path, encoding: 'utf8', env: PLAIN_ENVIRONMENT },
      });
      return { status, stdout, said: stderr.split('\n')[0], left: contentOf(join(folder.path, `o${jobs}`)) };
    });
    expect(one).toMatchObject({
      status: 5,
      stdout: 'PASSED  fig09\n',
      said: 'cutaway: internal error: Error: made to fail',
    });
    expect([...(one?.left.keys() ?? [])].filter((name) => !/^(fig09|wireshark-profile)\//.test(name))).toEqual([
      'fig11/captures/old.pcap',
    ]);
    expect(three).toEqual(one);
  }, 60_000);

  it.skipIf(process.platform === 'win32').each(['1', '2'])(
    'whenever it is interrupted, what is left is what a whole run leaves of the first scenarios (-j %s)',
    async (jobs) => {
      const folder = temporaryFolder();
      cutawayIn(folder.path, ['run', '-q', '-o', 'whole', ...BUNDLED]);
      const whole = contentOf(join(folder.path, 'whole'));
      for (const verdicts of [1, 4, 9]) {
        const child = started(folder.path, ['run', '-q', '-j', jobs, '-o', `part${verdicts}`, ...BUNDLED]);
        let out = '';
        child.stdout.on('data', (chunk) => {
          out += chunk;
          if (out.split('\n').length > verdicts) child.kill('SIGINT');
        });
        const [, signal] = (await once(child, 'close')) as [number | null, string | null];
        expect(signal).toBe('SIGINT');
        // A file that is being written has another name. The profile is that of the last scenario that ran.
        const left = [...contentOf(join(folder.path, `part${verdicts}`))].filter(
          ([name]) => !name.endsWith('.partial') && !name.startsWith('wireshark-profile'),
        );
        for (const [name, bytes] of left) expect(bytes, name).toBe(whole.get(name));
        const scenarios = [...new Set(left.map(([name]) => name.split('/')[0]))];
        const order = BUNDLED.map((file) => /name: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1]);
        expect(scenarios.length).toBeGreaterThanOrEqual(verdicts);
        expect(scenarios.length).toBeLessThan(BUNDLED.length);
        expect(new Set(scenarios)).toEqual(new Set(order.slice(0, scenarios.length)));
      }
    },
    120_000,
  );

  it.skipIf(process.platform === 'win32')('a reader that goes away ends it without a word', () => {
    const command = `"${process.execPath}" "${CUTAWAY}" run -j 2 --no-write | head -n 1`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
      encoding: 'utf8',
      env: PLAIN_ENVIRONMENT,
      cwd: temporaryFolder().path,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^fig06 {2}.*\n$/) });
    expect(stderr).not.toMatch(/EPIPE|error/);
  });

  it('what a thread throws is thrown again as it was', () => {
    const bug = errorOf(failureOf(new SimulatorBug('it cannot be')));
    expect(bug).toBeInstanceOf(SimulatorBug);
    expect(bug.message).toBe('it cannot be');
    expect(bug.stack).toContain('many.test.ts');
    expect(errorOf(failureOf(new CannotWrite('full')))).toBeInstanceOf(CannotWrite);
    const other = errorOf(failureOf(Object.assign(new Error('no room'), { code: 'ENOSPC' })));
    expect(other).toMatchObject({ message: 'no room', code: 'ENOSPC' });
    expect(errorOf(failureOf('a word')).message).toBe('a word');
    // A file that is none of a thread's making, and a job that cannot be run.
    expect(work({ files: ['/nowhere'] })).toMatchObject({ read: [{ problems: [{ code: 'FILE_MISSING' }] }] });
    expect(work({ job: {} } as never)).toMatchObject({ failure: { kind: 'other' } });
  });
});

describe('run --shard and merge', () => {
  const FILES = [...['fig09', 'fig10', 'fig11'].map((name) => whitepaperScenario(name as 'fig09')), 'fails.yaml'];
  const folder = new TemporaryFolder();
  const run = (...words: string[]): ToolResult => cutawayIn(folder.path, ['run', ...FILES, ...words]);
  const merge = (...words: string[]): ToolResult => cutawayIn(folder.path, ['merge', ...words]);
  const text = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
  const all = (of: number, kind: string): string[] => Array.from({ length: of }, (_, i) => `${i + 1}-${of}.${kind}`);

  beforeAll(() => {
    folder.write('fails.yaml', FAILS);
    folder.write('whole.json', run('-o', 'whole', '--json', '--junit', 'whole.xml').stdout);
    for (const of of [1, 2, 3, 6]) {
      for (let shard = 1; shard <= of; shard += 1) {
        const words = ['--shard', `${shard}/${of}`, '-o', 'parts', '--json', '--junit', `${shard}-${of}.xml`];
        folder.write(`${shard}-${of}.json`, run(...words).stdout);
      }
    }
    return () => folder.dispose();
  }, 120_000);

  it.each([1, 2, 3, 6])('%i shards joined are what one run writes, in whatever order they are named', (of) => {
    const words = [...all(of, 'xml').toReversed(), ...all(of, 'json').toReversed()];
    expect(merge('--json', '--junit', 'joined.xml', ...words)).toEqual({
      status: 1,
      stdout: text('whole.json'),
      stderr: '',
    });
    expect(text('joined.xml')).toBe(text('whole.xml'));
    const quiet = run('-q', '--no-write');
    expect(merge(...all(of, 'xml'))).toEqual(quiet);
    expect(merge(...all(of, 'json'))).toEqual(quiet);
  });

  it('in one folder leave what the whole leaves, the Wireshark profile of its last scenario too', () => {
    expect(contentOf(join(folder.path, 'parts'))).toEqual(contentOf(join(folder.path, 'whole')));
  });

  it('do so at the same time as well', async () => {
    const shards = ['1/4', '2/4', '3/4', '4/4'].map(async (shard) => {
      const child = started(folder.path, ['run', ...FILES, '-q', '-o', 'at-once', '--shard', shard]);
      return (await once(child, 'exit'))[0] as number;
    });
    expect(await Promise.all(shards)).toEqual([0, 0, 0, 1]);
    expect(contentOf(join(folder.path, 'at-once'))).toEqual(contentOf(join(folder.path, 'whole')));
  }, 60_000);

  it('a shard without a scenario says so, passes, and still leaves its report', () => {
    expect(run('--shard', '1/6', '--junit', 'empty.xml')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'shard 1/6: empty, the suite has 4 scenarios; JUnit in empty.xml\n',
    });
    expect(text('empty.xml')).toContain('<testsuites name="cutaway" time="0.000000000" tests="0"');
    expect(run('--shard', '2/2', '-q', '--no-write')).toMatchObject({ stderr: 'shard 2/2: 1 of 2 scenarios passed\n' });
  });

  it.each([
    ['a missing shard', ['1-3.json', '3-3.json'], /^error: no --json output of shard 2\/3 \[REPORT\]/],
    ['a shard twice', ['1-2.json', '2-2.json', '1-2.json'], /^1-2\.json:1:1: error: shard 1\/2 is there twice/],
    ['another division', ['1-2.json', '2-3.json'], /^2-3\.json:1:1: error: one of 3 shards/],
    ['a kind of report that lacks a shard', [...all(2, 'json'), '1-2.xml'], /no JUnit file of shard 2\/2/],
    ['a report of no shard', ['whole.json'], /^whole\.json:1:1: error: this is not the report of a shard/],
    ['JUnit of no shard', ['whole.xml'], /^whole\.xml:2:1: error: this is not the report of a shard/],
    ['a file of something else', ['fails.yaml'], /^fails\.yaml:1:1: error: this is not the report of a shard/],
    ['no file', ['nowhere.json'], /nowhere\.json: no such file/],
  ])('%s is refused', (_, words, message) => {
    expect(merge(...words)).toEqual({ status: 4, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('a report of another suite is refused', () => {
    const { stdout } = cutawayIn(folder.path, ['run', 'fails.yaml', '--shard', '2/2', '--json', '--no-write']);
    folder.write('other.json', stdout);
    folder.write('seed.json', run('--shard', '2/2', '--json', '--no-write', '--seed', '9').stdout);
    for (const name of ['other.json', 'seed.json']) {
      expect(merge('1-2.json', name).stderr).toMatch(/^\w+\.json:1:1: error: of another suite/);
    }
  });

  it('half a file is refused wherever it was cut', () => {
    for (const name of ['2-2.json', '2-2.xml']) {
      const whole = text(name);
      for (let cut = 0; cut < whole.length; cut += Math.ceil(whole.length / 40)) {
        folder.write(`cut-${name}`, whole.slice(0, cut));
        expect(merge(`1-2.${name.slice(4)}`, `cut-${name}`), `${name} cut at ${cut}`).toMatchObject({ status: 4 });
      }
    }
  });

  it('what is asked for must be there', () => {
    expect(merge('--json', ...all(2, 'xml'))).toMatchObject({ status: 2, stdout: '' });
    expect(merge('--junit', 'x.xml', ...all(2, 'json'))).toMatchObject({ status: 2, stdout: '' });
    expect(merge()).toMatchObject({ status: 2, stderr: expect.stringContaining("missing required argument 'report'") });
  });

  it('of a suite with invalid files every shard refuses all of it, and so does the whole', () => {
    const own = temporaryFolder();
    own.write('fails.yaml', FAILS);
    own.write('bad.yaml', 'name: bad\ntopology: { topology: { nodes: {} } }\nsteps:\n  - pong: {}\n');
    const refuse = (...words: string[]): ToolResult =>
      cutawayIn(own.path, ['run', 'fails.yaml', 'bad.yaml', '--json', ...words]);
    const whole = refuse('--junit', 'whole.xml');
    for (const shard of ['1', '2']) {
      const result = refuse('--shard', `${shard}/2`, '--junit', `${shard}.xml`);
      expect(result.status).toBe(4);
      own.write(`${shard}.json`, result.stdout);
    }
    const words = ['merge', '--json', '--junit', 'joined.xml', '1.json', '2.json', '1.xml', '2.xml'];
    expect(cutawayIn(own.path, words)).toEqual(whole);
    expect(readFileSync(join(own.path, 'joined.xml'))).toEqual(readFileSync(join(own.path, 'whole.xml')));
  });

  it('refuses what is no part, and a capture that is replayed', () => {
    for (const shard of ['0/3', '4/3', '1', '1/0', 'a/b', '1/2/3', '-1/2']) {
      expect(run('--shard', shard).stderr).toContain('write I/N such as 1/3, with I from 1 to N.');
    }
    expect(cutawayIn(folder.path, ['run', '--read', 'x', '--from', 'a', '--shard', '1/2', 'lab'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--shard does not go with --read'),
    });
  });
});
