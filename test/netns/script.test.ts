import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NetnsCommand, NetnsPlan } from '../../sim/netns/plan.ts';
import { netnsScript, pictureOf } from '../../sim/netns/script.ts';
import { shellLine } from '../../sim/netns/shell-quote.ts';
import { TemporaryFolder } from '../tools.ts';
import { scriptOf } from './script-of.ts';
import { EVERYTHING, PAIR } from './topologies.ts';

const isRoot = process.getuid?.() === 0;

/** Whatever a program can be given: no NUL, and characters that are whole. */
const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...`'"\\$\`!#&;|<>()[]{}*?~ \t\r\n-=%^,:`), maxLength: 8 }),
  )
  .map((text) => text.replaceAll('\0', ''));

/** Lines of text among which may be what a here-document could end with. */
const text = fc
  .array(
    fc.oneof(
      word.map((one) => one.replaceAll('\n', '')),
      fc.constantFrom('END', 'END_', '$HOME', '`id`'),
    ),
    { maxLength: 6 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

const command: fc.Arbitrary<NetnsCommand> = fc.record(
  {
    node: fc.constantFrom('', 'a', 'b.1'),
    argv: fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => ['ip', ...words]),
    stdin: text,
    optional: fc.constant(true as const),
    lost: word,
    heading: word,
  },
  { requiredKeys: ['node', 'argv'] },
);

/**
 * Runs a script with an `ip` that only writes down what it is called with: its words and, of those that are given
 * text, the text.
 */
function recorded(script: string): { status: number | null; calls: { words: string[]; stdin: string }[] } {
  const folder = new TemporaryFolder();
  try {
    const log = `${folder.path}/log`;
    const ip = folder.write(
      'bin/ip',
      `#!/bin/bash\nprintf '%s\\0' "$#" "$@" >>'${log}'\nif [[ $1 == netns && $2 == exec && ! -t 0 ]]; then tr '\\0' x; fi >'${log}.in'\nprintf '%s\\0' "$(cat '${log}.in'; echo .)" >>'${log}'\n`,
    );
    chmodSync(ip, 0o755);
    const { status } = spawnSync('bash', [folder.write('lab.sh', script)], {
      env: { PATH: `${folder.path}/bin:${process.env.PATH}`, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    if (!existsSync(log)) return { status, calls: [] };
    const fields = readFileSync(log, 'utf8').split('\0');
    const calls: { words: string[]; stdin: string }[] = [];
    for (let at = 0; at < fields.length - 1; ) {
      const count = Number(fields[at]);
      const words = fields.slice(at + 1, at + 1 + count);
      calls.push({ words, stdin: (fields[at + 1 + count] ?? '').slice(0, -1) });
      at += count + 2;
    }
    return { status, calls };
  } finally {
    folder.dispose();
  }
}

describe('quoting', () => {
  it.each(['bash', 'sh'])('%s reads every word as it was', (shell) => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const { stdout } = spawnSync(shell, ['-c', `printf '%s\\0' ${shellLine(['', ...words])}`], {
          encoding: 'utf8',
        });
        expect(stdout.split('\0').slice(0, -1)).toEqual(['', ...words]);
      }),
      { numRuns: 60 },
    );
  });

  it.skipIf(!isRoot)(
    `a script runs each command with its own words and text${isRoot ? '' : ' (skipped: no root)'}`,
    () => {
      fc.assert(
        fc.property(fc.array(command, { maxLength: 8 }), word, fc.array(word), (commands, description, picture) => {
          const prefix = `none${process.pid}-`;
          const namespaces = ['a', 'b.1'].map((node) => ({ node, name: `${prefix}${node}` }));
          const plan: NetnsPlan = { namespaces, commands, services: [{ node: 'a', text: description }] };
          const { status, calls } = recorded(netnsScript(plan, prefix, { name: 'test', description, picture }));
          expect(status).toBe(0);
          expect(calls.slice(2).map(({ words }) => words)).toEqual(
            commands.map(({ node, argv }) =>
              node === '' ? argv.slice(1) : ['netns', 'exec', `${prefix}${node}`, ...argv],
            ),
          );
          const given = commands.map(({ node, stdin = '' }) => (node === '' ? '' : stdin));
          expect(calls.slice(2).map(({ stdin }, index) => (commands[index]?.node === '' ? '' : stdin))).toEqual(given);
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('the head of a script', () => {
  it('has the picture of the file, without the line for editors', () => {
    expect(pictureOf(PAIR)).toEqual([
      'Two hosts and a cable.',
      '',
      '  host-a eth0 .1 ------- .2 eth0 host-b',
      '           192.0.2.0/24',
    ]);
    expect(scriptOf(PAIR)).toContain('\n#   host-a eth0 .1 ------- .2 eth0 host-b\n');
    expect(pictureOf('name: x\n# later\n')).toEqual([]);
    expect(pictureOf('# only this')).toEqual(['only this']);
  });

  it('tells how to plug a cable in', () => {
    expect(scriptOf(EVERYTHING)).toContain(
      '# cable4 is not plugged in: "ip -n ct-_cables" with "link set dev cable4a up" and "link set dev cable4b up" does it.\n',
    );
  });
});

describe.skipIf(!isRoot)(`calling a script${isRoot ? '' : ' (skipped: no root)'}`, () => {
  const call = (...args: string[]) => {
    const folder = new TemporaryFolder();
    onTestFinished(() => folder.dispose());
    const file = folder.write('lab.sh', scriptOf(PAIR, `none${process.pid}-`));
    const { status, stdout, stderr } = spawnSync('bash', [file, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr: stderr.replaceAll(file, 'lab.sh') };
  };

  it.each([
    [['sideways'], 'lab.sh: "sideways" is unknown; usage: lab.sh [--prefix PREFIX] [up|down]\n'],
    [['--prefix'], 'lab.sh: after --prefix the beginning of the names of the namespaces is missing\n'],
    [['--prefix', '../x'], 'lab.sh: a prefix is 1 to 40 letters, digits, "-", "_" and "."\n'],
    [['--prefix='], 'lab.sh: a prefix is 1 to 40 letters, digits, "-", "_" and "."\n'],
  ])('%j is refused', (args, stderr) => {
    expect(call(...args)).toEqual({ status: 1, stdout: '', stderr });
  });

  it('--help says how', () => {
    expect(call('--help').stdout).toMatch(/^usage: .*lab\.sh \[--prefix PREFIX\] \[up\|down\]\n$/);
  });

  it('needs root', () => {
    const folder = new TemporaryFolder();
    onTestFinished(() => folder.dispose());
    const script = scriptOf(PAIR).replace('$EUID -eq 0', '1 -eq 0');
    const { status, stderr } = spawnSync('bash', [folder.write('lab.sh', script)], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/: only root can make network namespaces\n$/);
  });
});
