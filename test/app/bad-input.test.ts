import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TemporaryFolder } from '../tools.ts';
import { cutawayIn, temporaryFolder, WHITEPAPER_TOPOLOGY, whitepaperScenario } from './cli.ts';

const SOUND = `topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
    b: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
  links:
    - endpoints: ["a:eth0", "b:eth0"]
`;

const SCENARIO =
  'name: s\ntopology: lab.yaml\nsteps:\n  - ping: { from: a, to: 10.0.0.2 }\n    expect: { replies: 1 }\n';

/** A folder with a scenario and the topology it names. */
function folderWith(topology: string | Uint8Array): TemporaryFolder {
  const folder = temporaryFolder();
  folder.write('lab.yaml', topology);
  folder.write('s.yaml', SCENARIO);
  return folder;
}

/** What `check` says of a topology: it must refuse it, and so must everything else that reads it. */
function findings(topology: string | Uint8Array): string {
  const folder = folderWith(topology).path;
  const checked = cutawayIn(folder, ['check', 'lab.yaml']);
  expect(checked).toMatchObject({ status: 4, stdout: '' });
  const run = cutawayIn(folder, ['run', 's.yaml', '-o', 'results']);
  expect(run).toMatchObject({ status: 4, stdout: '' });
  expect(existsSync(join(folder, 'results'))).toBe(false);
  expect(run.stderr.replaceAll(`${folder}/`, '')).toBe(checked.stderr);
  expect(cutawayIn(folder, ['show', 'lab.yaml', 'route'])).toEqual(checked);
  expect(cutawayIn(folder, ['trace', 'lab.yaml', '--from', 'a', '--to', '10.0.0.2'])).toEqual(checked);
  return checked.stderr;
}

describe('a topology that cannot be', () => {
  it('is what the tests below start from, made wrong', () => {
    const folder = folderWith(SOUND).path;
    expect(cutawayIn(folder, ['check', 'lab.yaml', 's.yaml'])).toEqual({
      status: 0,
      stdout: 'lab.yaml: sound\ns.yaml: sound\n',
      stderr: '',
    });
  });

  it('has an unknown key', () => {
    expect(findings(SOUND.replace('address: 10.0.0.1', 'adress: 10.0.0.1'))).toBe(
      `lab.yaml:3:45: error: unknown key "adress" [UNKNOWN_KEY]
    3 |     a: { kind: linux, interfaces: { eth0: { adress: 10.0.0.1/24 } } }
      |                                             ^^^^^^
   hint: did you mean "address"?
`,
    );
  });

  it('has a link to a node that is not there', () => {
    expect(findings(SOUND.replace('"b:eth0"', '"c:eth0"'))).toBe(
      `lab.yaml:6:29: error: there is no node "c" [UNKNOWN_NODE]
    6 |     - endpoints: ["a:eth0", "c:eth0"]
      |                             ^^^^^^^^
   hint: nodes are a, b
`,
    );
  });

  it('has a link to an interface that is not there', () => {
    expect(findings(SOUND.replace('"b:eth0"', '"b:eth1"'))).toBe(
      `lab.yaml:6:29: error: b lists no interface "eth1" [UNKNOWN_INTERFACE]
    6 |     - endpoints: ["a:eth0", "b:eth1"]
      |                             ^^^^^^^^
   hint: interfaces of b are eth0
`,
    );
  });

  it('has an address twice on a segment', () => {
    expect(findings(SOUND.replace('10.0.0.2', '10.0.0.1'))).toBe(
      `lab.yaml:4:54: error: 10.0.0.1 already is the address of a:eth0 on this segment [ADDRESS_TWICE]
    4 |     b: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
      |                                                      ^^^^^^^^^^^
`,
    );
  });

  it('has a gateway outside of every subnet', () => {
    const routed = SOUND.replace('10.0.0.2/24 } }', '10.0.0.2/24 } }, routes: [ default via 192.0.2.1 ]');
    expect(findings(routed)).toBe(
      `lab.yaml:4:81: error: gateway 192.0.2.1 is in no subnet of this node [GATEWAY_OUTSIDE]
    4 |     b: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } }, routes: [ default via 192.0.2.1 ] }
      |                                                                                 ^^^^^^^^^^^^^^^^^^^^^
   hint: its subnets are 10.0.0.0/24
`,
    );
  });

  it('is broken YAML', () => {
    expect(findings(SOUND.replace('10.0.0.2/24 } }', '10.0.0.2/24 }'))).toBe(
      `lab.yaml:5:3: error: flow map in block collection must be sufficiently indented and end with a } [YAML_SYNTAX]
    5 |   links:
      |   ^
`,
    );
  });

  it('is a bomb of aliases', () => {
    const levels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => {
      const what = index === 0 ? 'x' : `*${String.fromCharCode(96 + index)}`;
      return `${name}: &${name} [${Array.from({ length: 10 }, () => what).join(', ')}]\n`;
    });
    expect(findings(`${levels.join('')}topology: { nodes: {}, links: *g }\n`)).toBe(
      `lab.yaml:4:36: error: with "*c" the aliases stand for over 10000 values [YAML_ALIASES]
    4 | d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
      |                                    ^^
`,
    );
  });

  it('has several faults, and all are told at once, in the order of the file', () => {
    const faults = SOUND.replace('a: { kind: linux,', 'a: { kind: linux, colour: red,')
      .replace('address: 10.0.0.2/24', 'address: 10.0.0.300/24')
      .replace('"b:eth0"]', '"b:eth0"]\n      rate: fast');
    expect(findings(faults).match(/^lab\.yaml:.*$/gm)).toEqual([
      'lab.yaml:3:23: error: unknown key "colour" [UNKNOWN_KEY]',
      expect.stringMatching(/^lab\.yaml:4:54: error: .*"10\.0\.0\.300\/24".* \[BAD_VALUE\]$/),
      expect.stringMatching(/^lab\.yaml:7:13: error: .* \[BAD_VALUE\]$/),
    ]);
  });
});

describe('a file that is no topology at all', () => {
  it.each([
    ['empty', '', 'lab.yaml:1:1: error: the document is empty [BAD_VALUE]\n    1 |\n      | ^\n'],
    ['a comment', '# only\n', 'lab.yaml:1:1: error: the document is empty [BAD_VALUE]\n    1 | # only\n      | ^\n'],
    [
      'a word',
      'word\n',
      'lab.yaml:1:1: error: expected a map, found a string [BAD_VALUE]\n    1 | word\n      | ^^^^\n',
    ],
    ['a list', '- 1\n', 'lab.yaml:1:1: error: expected a map, found a list [BAD_VALUE]\n    1 | - 1\n      | ^\n'],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      'lab.yaml:2:1: error: a file holds one document, a second one begins here [YAML_SYNTAX]\n    2 | ---\n      | ^^^\n',
    ],
  ])('%s', (_, content, message) => {
    expect(findings(content)).toBe(message);
  });

  it('is binary: one error, and nothing of it disturbs the terminal', () => {
    const text = findings(Uint8Array.from({ length: 3000 }, (_, index) => (index * 7919) % 251));
    expect(text).toMatch(/^lab\.yaml:1:1: error: this is not text in UTF-8 \[FILE_UNREADABLE\]\n/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('has a letter of an old code page', () => {
    const latin1 = Uint8Array.from(`# Stra\u00dfe\n${SOUND}`, (character) => character.charCodeAt(0));
    expect(findings(latin1)).toBe(
      'lab.yaml:1:7: error: this is not text in UTF-8 [FILE_UNREADABLE]\n' +
        '    1 | # Stra\ufffde\n      |       ^\n   hint: save the file as UTF-8\n',
    );
  });

  it('is missing, or a folder', () => {
    const folder = temporaryFolder().path;
    mkdirSync(join(folder, 'folder.yaml'));
    for (const command of ['check', 'run']) {
      expect(cutawayIn(folder, [command, 'none.yaml', 'folder.yaml'])).toEqual({
        status: 4,
        stdout: '',
        stderr: 'error: none.yaml: no such file [FILE_MISSING]\nerror: folder.yaml: is a folder [FILE_UNREADABLE]\n',
      });
    }
  });

  it('is missing where a scenario names it', () => {
    const folder = temporaryFolder();
    folder.write('s.yaml', SCENARIO);
    expect(cutawayIn(folder.path, ['run', 's.yaml'])).toEqual({
      status: 4,
      stdout: '',
      stderr:
        's.yaml:2:11: error: there is no topology file lab.yaml, seen from the folder of this scenario [FILE_MISSING]\n' +
        '    2 | topology: lab.yaml\n      |           ^^^^^^^^\n',
    });
  });
});

describe('the other kind of file', () => {
  it('is named as such where a scenario is wanted', () => {
    const { status, stderr } = cutawayIn(folderWith(SOUND).path, ['run', 'lab.yaml']);
    expect(status).toBe(4);
    expect(stderr).toBe(
      'lab.yaml:1:1: error: this is a topology, and a scenario is wanted here [BAD_VALUE]\n' +
        '    1 | topology:\n      | ^^^^^^^^\n   hint: trace and show take topologies\n',
    );
  });

  it('is named as such where a topology is wanted', () => {
    const { status, stderr } = cutawayIn(folderWith(SOUND).path, ['graph', 's.yaml']);
    expect(status).toBe(4);
    expect(stderr).toBe(
      's.yaml:2:1: error: this is a scenario, and a topology is wanted here [BAD_VALUE]\n' +
        '    2 | topology: lab.yaml\n      | ^^^^^^^^\n   hint: its topology is lab.yaml\n',
    );
  });

  it('is told by what a request of its own would mean: trace follows the requests of a scenario', () => {
    const { status, stderr } = cutawayIn(folderWith(SOUND).path, [
      'trace',
      's.yaml',
      '--from',
      'a',
      '--to',
      '10.0.0.2',
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--from/);
  });
});

describe('several files', () => {
  it('are all told about, and nothing is run or written', () => {
    const folder = folderWith(SOUND.replace('"b:eth0"', '"c:eth0"'));
    folder.write('broken.yaml', 'name: [\n');
    const { status, stdout, stderr } = cutawayIn(folder.path, [
      'run',
      '-o',
      'results',
      whitepaperScenario('fig09'),
      's.yaml',
      'broken.yaml',
    ]);
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(stderr).toContain('lab.yaml:6:29: error: there is no node "c" [UNKNOWN_NODE]');
    expect(stderr).toMatch(/^broken\.yaml:\d+:\d+: error: .* \[YAML_SYNTAX\]$/m);
    expect(existsSync(join(folder.path, 'results'))).toBe(false);
  });

  it('of one name would overwrite each other', () => {
    const folder = folderWith(SOUND);
    folder.write('t.yaml', SCENARIO);
    const { status, stderr } = cutawayIn(folder.path, ['run', 's.yaml', 't.yaml']);
    expect(status).toBe(4);
    expect(stderr).toContain('t.yaml:1:7: error: s.yaml has the name "s" too');
  });

  it('are told as one JSON document with --json', () => {
    const folder = folderWith(SOUND.replace('"b:eth0"', '"c:eth0"')).path;
    const { status, stdout, stderr } = cutawayIn(folder, ['check', '--json', 'lab.yaml', 'none.yaml']);
    expect({ status, stderr }).toEqual({ status: 4, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      schema: 'cutaway/problems/1',
      problems: [
        {
          severity: 'error',
          code: 'UNKNOWN_NODE',
          message: 'there is no node "c"',
          hint: 'nodes are a, b',
          file: 'lab.yaml',
          line: 6,
          column: 29,
          length: 8,
          text: '    - endpoints: ["a:eth0", "c:eth0"]',
        },
        { severity: 'error', code: 'FILE_MISSING', message: 'none.yaml: no such file' },
      ],
    });
    const sound = cutawayIn(folder, ['check', '--json', WHITEPAPER_TOPOLOGY]);
    expect(sound).toEqual({ status: 0, stdout: '{"schema":"cutaway/problems/1","problems":[]}\n', stderr: '' });
  });
});

describe('files that look odd and are sound', () => {
  it.each([
    ['line ends of Windows', SOUND.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${SOUND}`],
    ['a name with dots', SOUND.replace(' a:', ' a.b.c:').replace('"a:', '"a.b.c:')],
  ])('%s', (_, content) => {
    const folder = folderWith(content).path;
    expect(cutawayIn(folder, ['check', 'lab.yaml'])).toMatchObject({ status: 0, stdout: 'lab.yaml: sound\n' });
    const from = content.includes('a.b.c') ? 'a.b.c' : 'a';
    expect(cutawayIn(folder, ['trace', 'lab.yaml', '--from', from, '--to', '10.0.0.2', '--exit-code'])).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});

describe('much of everything', () => {
  it('300 containers in a /23 talk to each other', () => {
    const containers = Array.from({ length: 300 }, (_, index) => `        c${index}: { services: [{ port: 7 }] }\n`);
    const head =
      'topology:\n  nodes:\n    d:\n      kind: comware\n' +
      '      interfaces: { Virtual-Eth-Group0: { address: 10.0.1.254/23 } }\n      containers:\n';
    const folder = temporaryFolder();
    folder.write('big.yaml', head + containers.join(''));
    const ping = ['trace', 'big.yaml', '--from', 'c0', '--to', '10.0.1.30', '--exit-code'];
    const { status, stdout } = cutawayIn(folder.path, ping);
    expect(status).toBe(0);
    expect(stdout).toMatch(/DELIVERED, answered with TTL 64\n$/);
    folder.write('full.yaml', head.replace('.254/23', '.254/24') + containers.join(''));
    const full = cutawayIn(folder.path, ['check', 'full.yaml']);
    expect(full.status).toBe(4);
    expect(full.stderr).toMatch(/^full\.yaml:260:\d+: error: no free address in 10\.0\.1\.0\/24/);
  });

  it('a loop of two switches ends, and is told to be one', () => {
    const folder = folderWith(
      SOUND.replace('  links:\n', '    s1: { kind: bridge }\n    s2: { kind: bridge }\n  links:\n').replace(
        '["a:eth0", "b:eth0"]',
        '["a:eth0", "s1:p1"]\n    - endpoints: ["s1:p2", "s2:p2"]\n    - endpoints: ["s1:p3", "s2:p3"]',
      ),
    );
    folder.write('s.yaml', SCENARIO.replace('10.0.0.2', '10.0.0.9').replace('replies: 1', 'replies: 0'));
    const { status, stderr } = cutawayIn(folder.path, ['run', '--no-write', 's.yaml']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /STORM: stopped at .* is there a loop of bridges\?\n {2}frame {3}#2 ARP who has 10\.0\.0\.9\?, from a:eth0\n {2}loop/,
    );
  });
});
