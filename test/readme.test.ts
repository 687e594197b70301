import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutawayIn } from './app/cli.ts';

const ROOT = resolve(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Example {
  readonly command: string;
  /** `...` stands for any number of lines. */
  readonly output: readonly string[];
}

/** The `console` blocks: a line that begins with `$ ` is a command, what follows its standard output. */
function examples(): Example[] {
  const found: Example[] = [];
  for (const [, block = ''] of README.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const part of block.split(/^\$ /m).slice(1)) {
      const [command = '', ...output] = part.trimEnd().split('\n');
      found.push({ command, output });
    }
  }
  return found;
}

/** Lines of `wanted` stand in `found` one after the other; `...` leaves out any number. Blanks at their ends do not count. */
function follows(found: readonly string[], wanted: readonly string[]): string | undefined {
  let at = 0;
  let gap = false;
  for (const line of wanted) {
    if (line === '...') {
      gap = true;
      continue;
    }
    const index = gap ? found.indexOf(line, at) : found[at] === line ? at : -1;
    if (index < 0) return `missing: ${line}\nfound there: ${found[at] ?? 'nothing'}`;
    at = index + 1;
    gap = false;
  }
  return gap || at === found.length ? undefined : `and also: ${found[at]}`;
}

/** The words of a command as a shell splits it; nothing stands in quotes but whole words. */
function shellWords(command: string): string[] {
  return (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^["'](.*)["']$/, '$1'));
}

describe('the README', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutaway-readme-'));
    for (const name of ['topologies', 'scenarios']) symlinkSync(join(ROOT, name), join(folder, name));
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has examples', () => expect(examples().length).toBeGreaterThan(5));

  for (const { command, output } of examples()) {
    it(`prints what it says for: ${command}`, () => {
      const words = shellWords(command.replace(/^npm ci && /, ''));
      expect(words.slice(0, 2)).toEqual(['npm', 'start']);
      const { status, stdout } = cutawayIn(folder, words.slice(3));
      expect(status).toBe(0);
      expect(
        follows(
          stdout.trim() === ''
            ? []
            : stdout
                .trimEnd()
                .split('\n')
                .map((line) => line.trimEnd()),
          output,
        ),
      ).toBeUndefined();
    });
  }

  it('names only two commands of npm for all the set-up, and package.json has what they call', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect([...new Set(README.match(/npm ci && npm \w+/g))].sort()).toEqual([
      'npm ci && npm start',
      'npm ci && npm test',
    ]);
    expect(scripts.start).toBe('node dist/bin/main.js');
    expect(scripts.prepare).toBe('npm run build');
  });
});
