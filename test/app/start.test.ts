import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { CUTAWAY, temporaryFolder } from './cli.ts';

/* How the program starts: what it is bundled into, and how little of that a command loads. */

const BIN = join(PACKAGE_ROOT, 'dist', 'bin');

/** Files of the program that Node loads, in any order; `before` is a module that runs first. */
function start(words: readonly string[], before: string, program = CUTAWAY, folder = temporaryFolder().path) {
  const preload = `data:text/javascript,${encodeURIComponent(before)}`;
  return spawnSync(process.execPath, ['--import', preload, program, ...words], { cwd: folder, encoding: 'utf8' });
}

/** Tells each file that is loaded on standard error. */
const TELL_FILES = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
import { writeSync } from 'node:fs';
export async function load(url, context, next) { if (url.startsWith('file:')) writeSync(2, 'LOADS ' + url + '\\\\n'); return next(url, context); }
\`));`;

function loadedBy(...words: string[]): string[] {
  const { stderr, status } = start(words, TELL_FILES);
  expect({ words, status }).toEqual({ words, status: 0 });
  return [...stderr.matchAll(/^LOADS (.*)$/gm)].map(([, url = '']) => url.split('/').at(-1) ?? '').sort();
}

describe('the program as it is installed', () => {
  const lab = join(PACKAGE_ROOT, 'topologies', 'whitepaper', 'separate-namespace.yaml');

  it('says what there is without the simulator', () => {
    const files = loadedBy('--help');
    expect(files).toContain('main.js');
    expect(files).not.toContain('simulator.js');
    expect(files.length).toBeLessThan(10);
  });

  it('loads a few files for a command, all of its own folder, and the terminal walk not at all', () => {
    for (const words of [
      ['trace', lab, '--from', 'container3', '--to', '20.1.1.2'],
      ['run', '-q', '--no-write'],
    ]) {
      const files = loadedBy(...words);
      expect(files).toContain('simulator.js');
      expect(files.filter((name) => name.includes('terminal-') || name.startsWith('walk'))).toEqual([]);
      expect(files.length).toBeLessThan(40);
      expect(files.filter((name) => !existsSync(join(BIN, name)))).toEqual([]);
    }
  });

  it('keeps the beginnings of threads at their names', () => {
    const named = readdirSync(join(PACKAGE_ROOT, 'sim', 'app'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('-worker.ts'))
      .map((file) => (file.split(/[\\/]/).at(-1) ?? '').replace(/\.ts$/, '.js'));
    expect(named).toContain('remedy-worker.js');
    expect(readdirSync(BIN)).toEqual(expect.arrayContaining(named));
  });

  it('carries the licences of what it is made of', () => {
    const text = readFileSync(join(BIN, 'LICENCES.txt'), 'utf8');
    for (const name of ['commander', 'zod', 'yaml', 'ip-address', 'ink', 'react', 'yoga-layout'])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('names the place in the source where a bug of its own shows', () => {
    const broken = "process.stdout.write = () => { throw new Error('the disk is on fire'); };";
    const { status, stderr } = start(['list'], broken);
    expect(status).toBe(5);
    expect(stderr).toContain('cutaway: internal error: Error: the disk is on fire');
    const source = readFileSync(join(PACKAGE_ROOT, 'sim', 'app', 'cli', 'terminal.ts'), 'utf8').split('\n');
    const line = source.findIndex((text) => text.includes('process.stdout.write(')) + 1;
    expect(stderr).toMatch(new RegExp(`at print \\(sim/app/cli/terminal\\.ts:${line}:\\d+\\)`));
    expect(stderr).not.toContain('dist/bin');
    expect(stderr).toMatch(/Please report this, .*\n {2}cutaway list\nCutaway \d.*, Node v\d/);
  });

  it('runs by a link from anywhere, out of a folder in which nothing can be written', () => {
    const { path } = temporaryFolder();
    const home = join(path, 'cutaway');
    for (const part of ['dist/bin', 'scenarios', 'topologies', 'package.json']) {
      cpSync(join(PACKAGE_ROOT, part), join(home, part), {
        recursive: true,
        filter: (from) => !from.endsWith('.compiled'),
      });
    }
    symlinkSync(join(home, 'dist', 'bin', 'main.js'), join(path, 'cut'));
    chmodSync(join(home, 'dist', 'bin'), 0o555);
    const told = start(['run', '-q', '--no-write'], '', join(path, 'cut'), '/');
    chmodSync(join(home, 'dist', 'bin'), 0o755);
    expect({ status: told.status, stderr: told.stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^(\d+) of \1 scenarios passed\n$/),
    });
  });
});
