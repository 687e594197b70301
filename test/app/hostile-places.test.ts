import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CUTAWAY, cutawayIn, cutawayProcess, OFFICE, OFFICE_LAB, PLAIN_ENVIRONMENT, temporaryFolder } from './cli.ts';

/* Places where nothing can be written, or not all of it; ends that come from outside. What is there under its name is whole. */

/** The files below a folder with their bytes. */
function filesBelow(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return new Map(
    entries.map(({ name, parentPath }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'latin1')];
    }),
  );
}

/** Files that are there and are not as a run leaves them that nothing disturbs. */
function halves(folder: string, whole: ReadonlyMap<string, string>): string[] {
  return [...filesBelow(folder)].filter(([name, bytes]) => whole.get(name) !== bytes).map(([name]) => name);
}

describe.skipIf(process.platform === 'win32')('a disk that is full', { timeout: 120_000 }, () => {
  it('in the middle of a run leaves whole files, and one sentence', () => {
    const folder = temporaryFolder().path;
    cutawayIn(folder, ['run', OFFICE, '-o', 'whole']);
    // Files of more than 8 KiB cannot be written; their signal is ignored, so that the system says so.
    const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
    const words = [process.execPath, CUTAWAY, 'run', '-q', OFFICE, '-o', 'full'];
    const { status, stdout, stderr } = spawnSync('bash', ['-c', limited, ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...PLAIN_ENVIRONMENT, NODE_COMPILE_CACHE: join(folder, 'cache') },
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^cutaway: cannot write: full\/office\/captures\/.*: no file may be that large there\n$/,
      ),
    });
    expect(halves(join(folder, 'full'), filesBelow(join(folder, 'whole')))).toEqual([]);
  });

  it.each([
    ['graph', OFFICE_LAB, '-o', '/dev/full'],
    ['run', OFFICE, '--no-write', '-q', '--junit', '/dev/full'],
    ['export', '--format', 'netns', OFFICE_LAB, '-o', '/dev/full'],
  ])('is told of: %s', (...words) => {
    const { status, stderr } = cutawayProcess('/tmp', words);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('cutaway: cannot write: /dev/full: no space is left on the disk\n'),
    });
  });

  it('behind standard output is told of', () => {
    for (const words of [['graph', OFFICE_LAB], ['run', OFFICE, '--no-write'], ['list']]) {
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', '"$0" "$@" >/dev/full', process.execPath, CUTAWAY, ...words],
        {
          encoding: 'utf8',
          env: PLAIN_ENVIRONMENT,
        },
      );
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/ENOSPC: no space left on device/),
      });
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe.skipIf(process.platform === 'win32')('the place of results', () => {
  it('may be a device or a pipe, which stays what it is', () => {
    const before = statSync('/dev/null');
    expect(cutawayIn('/tmp', ['graph', OFFICE_LAB, '-o', '/dev/null'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(statSync('/dev/null').ino).toBe(before.ino);
    for (const stream of ['stdout', 'stderr'] as const) {
      const told = cutawayProcess('/tmp', ['graph', OFFICE_LAB, '-o', `/dev/${stream}`]);
      expect(told[stream]).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    }
    const { stdout } = spawnSync(
      'bash',
      ['-c', '"$0" "$@" | cat', process.execPath, CUTAWAY, 'graph', OFFICE_LAB, '-o', '/dev/fd/1'],
      {
        encoding: 'utf8',
        env: PLAIN_ENVIRONMENT,
      },
    );
    expect(stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it('is written over, and not what a symbolic link there leads to', () => {
    const folder = temporaryFolder();
    const victim = folder.write('victim', 'mine');
    for (const name of ['report.json', 'tables/gw.txt', 'captures/gw-wan.pcapng', 'captures/gone.pcapng']) {
      const place = join(folder.path, 'out', 'office', name);
      mkdirSync(join(place, '..'), { recursive: true });
      symlinkSync(victim, place);
    }
    expect(cutawayIn(folder.path, ['run', OFFICE, '-q']).status).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    const left = readdirSync(join(folder.path, 'out'), { recursive: true, withFileTypes: true });
    expect(left.filter((one) => one.isSymbolicLink())).toEqual([]);
  });

  it('loses what an earlier run had begun to write, and keeps folders whatever they are called', () => {
    const folder = temporaryFolder();
    folder.write('out/office/captures/.cutaway-1-0-7.partial', 'half');
    folder.write('out/office/captures/mine.pcapng/kept', 'kept');
    expect(cutawayIn(folder.path, ['run', OFFICE, '-q'])).toMatchObject({ status: 0 });
    const names = readdirSync(join(folder.path, 'out', 'office', 'captures'));
    expect(names.filter((name) => /partial|mine/.test(name))).toEqual(['mine.pcapng']);
  });

  it('is one folder for each scenario, on a file system that knows no capitals too', () => {
    const folder = temporaryFolder();
    const inline = '{ nodes: { A: { kind: linux }, a: { kind: linux }, con: { kind: linux } } }';
    const named = (name: string): string => `name: ${name}\ntopology: { topology: ${inline} }\n`;
    for (const name of ['lab', 'Lab', 'lab.', 'lab_', 'nul', 'wireshark-profile'])
      folder.write(`${name}.yaml`, named(name));
    const refused = (...names: string[]) =>
      cutawayIn(folder.path, ['run', ...names.map((name) => `${name}.yaml`)]).stderr.split('\n')[0];
    expect(refused('lab', 'Lab')).toBe(
      'Lab.yaml:1:7: error: lab.yaml has the name "lab", which some file systems take for the same: ' +
        'their results would overwrite each other [NAME_TWICE]',
    );
    expect(refused('lab.', 'lab_')).toMatch(/^lab_\.yaml:1:7: error: .* \[NAME_TWICE\]$/);
    expect(refused('wireshark-profile')).toMatch(/the profile for Wireshark has the name "wireshark-profile" too/);
    cutawayIn(folder.path, ['run', 'lab.yaml', 'nul.yaml', '-q']);
    const names = [...filesBelow(join(folder.path, 'out')).keys()];
    expect(new Set(names.map((name) => name.toUpperCase())).size).toBe(names.length);
    expect(names.filter((name) => name.endsWith('.txt'))).toEqual(
      expect.arrayContaining(['lab/tables/A.txt', 'lab/tables/a-2.txt', 'lab/tables/_con.txt', '_nul/tables/A.txt']),
    );
  });
});

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s at any moment ends a run, without half a file and without a word',
    async (signal) => {
      const whole = temporaryFolder().path;
      cutawayIn(whole, ['run', OFFICE]);
      const expected = filesBelow(join(whole, 'out'));
      // Loading, running, writing: whichever it meets.
      for (const delay of [60, 200, 300, 380, 450, 520]) {
        const folder = temporaryFolder().path;
        mkdirSync(join(folder, 'out'));
        const child = spawn(process.execPath, [CUTAWAY, 'run', OFFICE], { cwd: folder, env: PLAIN_ENVIRONMENT });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        child.stdout.resume();
        const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
        await sleep(delay);
        child.kill(signal);
        const [status, by] = await ended;
        expect(by === signal || status === 0).toBe(true);
        expect(stderr).toMatch(/^(1 of 1 scenarios passed.*\n)?$/);
        expect(halves(join(folder, 'out'), expected).filter((name) => !name.endsWith('.partial'))).toEqual([]);
      }
    },
  );
});
