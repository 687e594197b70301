import { spawn, spawnSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutawayIn, cutawayProcess, temporaryFolder } from './cli.ts';

/* Files that are none, that never end, or that were made to break their reader: one error with its place, and soon. */

const SOUND = `topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
    b: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
  links:
    - endpoints: ["a:eth0", "b:eth0"]
`;

/** What `check` says of a file with this content: it refuses it. */
function refusal(content: Uint8Array | string): string {
  const folder = temporaryFolder();
  folder.write('lab.yaml', content);
  const { status, stdout, stderr } = cutawayIn(folder.path, ['check', 'lab.yaml']);
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
  return stderr;
}

function accepts(content: Uint8Array | string): void {
  const folder = temporaryFolder();
  folder.write('lab.yaml', content);
  expect(cutawayIn(folder.path, ['check', 'lab.yaml'])).toMatchObject({ status: 0, stderr: '' });
}

describe('the letters of a file', () => {
  it('may be those of Windows: a byte order mark, and lines that end in CR LF', () => {
    accepts(`\ufeff${SOUND}`);
    accepts(SOUND.replaceAll('\n', '\r\n'));
    accepts(JSON.stringify({ topology: { nodes: { a: { kind: 'linux' } } } }));
  });

  it('are UTF-8, and a file in UTF-16 is told to be one', () => {
    const units = Buffer.from(`\ufeff${SOUND}`, 'utf16le');
    expect(refusal(units)).toMatch(
      /^lab\.yaml:1:1: error: this is not text in UTF-8, but in UTF-16 \[FILE_UNREADABLE\]$/m,
    );
    expect(refusal(units.swap16())).toContain('but in UTF-16');
    expect(refusal(Buffer.from(SOUND, 'utf16le'))).toContain('this is not text in UTF-8 [');
    expect(refusal(`${SOUND}\0`)).toContain('lab.yaml:7:1: error: this is not text in UTF-8');
  });

  it('end no line by a carriage return alone', () => {
    expect(refusal(SOUND.replaceAll('\n', '\r'))).toMatch(
      /^lab\.yaml:1:10: error: a carriage return alone ends no line \[YAML_SYNTAX\]\n.*\n.*\n {3}hint: save the file with lines/,
    );
  });

  it('are indented by spaces', () => {
    expect(refusal(SOUND.replaceAll('  ', '\t'))).toContain('lab.yaml:2:1: error: tabs are not allowed as indentation');
  });
});

describe('a file that was made to break its reader', () => {
  it.each([
    ['lists in lists', '['.repeat(200_000), /1:101: error: nested deeper than 100 levels/],
    ['maps in maps', '{a: '.repeat(50_000), /error: nested deeper than 100 levels/],
    ['lists in a line', `${'- '.repeat(100_000)}a`, /error: nested deeper than 100 levels/],
    ['keys of keys', '? '.repeat(100_000), /error: nested deeper than 100 levels/],
    ['an anchor in itself', 'a: &a [*a]\n', /1:8: error: the alias "\*a" contains itself/],
    ['nothing but commas', `[${'a,'.repeat(600_000)}]`, /1:\d+: error: more than 1000000 words and marks/],
    ['a string without an end', `a: '${'\n'.repeat(100_000)}`, /error: this string has no closing quote/],
    ['a key of a megabyte', `"${'k'.repeat(1_000_000)}": 1\n${SOUND}`, /error: the : indicator must be/],
    ['a number of many digits', `${SOUND}      mtu: ${'9'.repeat(100_000)}\n`, /7:12: error: expected a number/],
    ['a number beyond all', `${SOUND}      loss: 1e400\n`, /7:13: error: expected a number, found the number Infinity/],
    ['no number', `${SOUND}      loss: .nan\n`, /7:13: error: expected a number, found the number NaN/],
    ['a time beyond all', `${SOUND}      delay: ${'9'.repeat(1000)}s\n`, /7:14: error: expected a time span/],
    ['a rate of nothing', `${SOUND}      rate: 0kbit\n`, /7:13: error: expected a rate from 1kbit to 1000000gbit/],
    ['a node that every object has', SOUND.replace('"b:eth0"', '"constructor:eth0"'), /there is no node "constructor"/],
    ['a prototype', SOUND.replace('    a:', '    __proto__:'), /no key may be named "__proto__"/],
  ])('has %s', (_, content, message) => {
    const text = refusal(content);
    expect(text).toMatch(message);
    expect(text.length).toBeLessThan(2000);
  });

  it('has a hundred thousand mistakes: the first are told, and how many more there are', () => {
    const folder = temporaryFolder();
    folder.write('lab.yaml', `a: [${','.repeat(20_000)}]\n`);
    folder.write('keys.yaml', ':\n'.repeat(20_000));
    for (const file of ['lab.yaml', 'keys.yaml']) {
      const { stderr } = cutawayIn(folder.path, ['check', file]);
      expect(stderr.match(/^\S+: error: /gm)?.length).toBe(100);
      expect(stderr).toMatch(/\nerror: and \d+ more\n$/);
    }
    const { stdout } = cutawayIn(folder.path, ['check', '--json', 'lab.yaml']);
    const { problems, more } = JSON.parse(stdout) as { problems: { text?: string; line: number }[]; more: number };
    expect({ told: problems.length, more }).toEqual({ told: 100, more: 900 });
    // The line itself would be repeated with each.
    expect(problems[0]).toMatchObject({ line: 1 });
    expect(problems[0]?.text).toBeUndefined();
  });
});

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  it('never ends: it is read to a bound', () => {
    expect(cutawayProcess('/tmp', ['check', '/dev/zero'])).toEqual({
      status: 4,
      stdout: '',
      stderr: 'error: /dev/zero: larger than 4 MiB, this is no topology or scenario [FILE_UNREADABLE]\n',
    });
  });

  it('is a pipe, which gives what it has once', async () => {
    const folder = temporaryFolder();
    const pipe = join(folder.path, 'pipe.yaml');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const writer = spawn(process.execPath, [
      '-e',
      `require('fs').writeFileSync(${JSON.stringify(pipe)}, ${JSON.stringify(SOUND)})`,
    ]);
    expect(cutawayProcess(folder.path, ['check', pipe])).toEqual({ status: 0, stdout: `${pipe}: sound\n`, stderr: '' });
    writer.kill();
  });

  it('is larger than anything that is read: nothing of it is', () => {
    const folder = temporaryFolder();
    const big = folder.write('big.yaml', '');
    writeFileSync(big, SOUND);
    spawnSync('truncate', ['-s', '100M', big]);
    expect(cutawayIn(folder.path, ['check', 'big.yaml']).stderr).toBe(
      'error: big.yaml: larger than 4 MiB, this is no topology or scenario [FILE_UNREADABLE]\n',
    );
  });

  it('is a link to itself, a file taken for a folder, or a name that no file can have', () => {
    const folder = temporaryFolder();
    symlinkSync('loop.yaml', join(folder.path, 'loop.yaml'));
    folder.write('file.yaml', SOUND);
    const long = `${'a'.repeat(300)}.yaml`;
    expect(existsSync(join(folder.path, long))).toBe(false);
    expect(cutawayIn(folder.path, ['check', 'loop.yaml', 'file.yaml/x.yaml', long]).stderr.split('\n')).toEqual([
      'error: loop.yaml: its symbolic links lead in a circle [FILE_UNREADABLE]',
      'error: file.yaml/x.yaml: a part of this path is no folder [FILE_UNREADABLE]',
      `error: ${long}: no file can have a name that long [FILE_UNREADABLE]`,
      '',
    ]);
  });
});
