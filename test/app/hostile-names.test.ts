import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TemporaryFolder } from '../tools.ts';
import { cutawayIn, temporaryFolder } from './cli.ts';

/*
 * A scenario in which every free word is an attack on the terminal: colours, a bell, a cleared screen, text that runs backwards,
 * marks that nobody sees, markup. None of it may come out as it went in, anywhere.
 */

const ATTACK = 'E\u001b[35mX\u0007\u009b2J\u202eabc\u2066\u200b\u007f\rZ\u2028<b>"\'&]]>--';

/** As YAML takes it in double quotes: nothing but ASCII. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const EVIL = quoted(`${ATTACK}\u0000`);
const PATH = quoted(`/${ATTACK}`);
const LINE = quoted(ATTACK.replace(/[\r\u2028"]/g, ''));

const TOPOLOGY = `description: ${EVIL}
topology:
  nodes:
    a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } }, services: [{ name: ${EVIL}, port: 53 }] }
    b:
      kind: linux
      interfaces: { eth0: { address: 10.0.0.2/24 } }
      services:
        - { name: ${EVIL}, port: 80, program: http, pages: { "/": ${EVIL}, ${PATH}: { body: ${EVIL}, type: ${LINE} } } }
        - { port: 21, program: ftp, banner: ${LINE} }
        - { port: 69, program: tftp, files: { ${EVIL}: ${EVIL} } }
      iptables: |
        *filter
        -A INPUT -p tcp --dport 99 -m comment --comment "${ATTACK.replace(/[^ -~]|["'<>&\]]/g, '')}" -j DROP
        COMMIT
  links:
    - endpoints: ["a:eth0", "b:eth0"]
`;

const SCENARIO = `name: evil
title: ${EVIL}
description: ${EVIL}
topology: lab.yaml
steps:
  - { name: ${EVIL}, ping: { from: a, to: 10.0.0.2 }, expect: { passes: [${EVIL}], error: ${EVIL} } }
  - { udp: { from: b, to: "10.0.0.1:53", payload: ${EVIL} }, expect: { prints: ${EVIL} } }
  - { tcp: { from: a, to: "10.0.0.2:21", send: ${EVIL} }, expect: { received: ${EVIL}, received_has: ${EVIL} } }
  - { http: { from: a, get: "http://10.0.0.2/" }, expect: { body_is: ${EVIL}, body_has: wrong, location: ${EVIL} } }
  - { tftp: { from: a, to: 10.0.0.2, get: ${EVIL} }, expect: { received: ${EVIL} } }
  - { tftp: { from: a, to: 10.0.0.2, put: ${EVIL}, content: ${EVIL} } }
  - { exec: { on: b, commands: [ip route add 1.2.3.0/24 via 10.0.0.1] } }
  - { tcp: { from: a, to: "10.0.0.2:99", timeout: 1s }, expect: { hops: [${EVIL}] } }
  - { start: { on: b, service: ${EVIL} } }
expect:
  - { name: ${EVIL}, show: route, of: b, has: [${EVIL}], lacks: [${EVIL}] }
  - { name: ${EVIL}, seen: [{ at: "a:eth0", address: 9.9.9.9 }] }
`;

/** What steers a terminal, turns the writing around or hides; line feeds and tabs do not. */
const RAW = /[^\P{C}\n\t]|[\u2028\u2029]/u;
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[(1|2|22|31|32|39)m`, 'g');

function labFolder(): TemporaryFolder {
  const made = temporaryFolder();
  made.write('lab.yaml', TOPOLOGY);
  made.write('s.yaml', SCENARIO);
  return made;
}

/** What of a text may not be in it, with what stands around it. */
function raw(text: string): string | undefined {
  const at = text.search(RAW);
  return at < 0 ? undefined : JSON.stringify(text.slice(Math.max(0, at - 30), at + 10));
}

const FLOW = ['--from', 'a', '--to', '10.0.0.2'];

describe('words that attack the terminal', () => {
  it.each([
    ['run', 's.yaml', '--no-write'],
    ['run', 's.yaml', '--no-write', '--json'],
    ['walk', 's.yaml', '--text'],
    ['walk', '--text', 'lab.yaml', ...FLOW],
    ['trace', 's.yaml'],
    ['trace', 's.yaml', '--json'],
    ['trace', 's.yaml', ATTACK],
    ['trace', 'lab.yaml', '--from', ATTACK, '--to', '10.0.0.2'],
    ['explain', 's.yaml', '--no-what-if'],
    ['explain', 's.yaml', '--no-what-if', '--json'],
    ['diff', 'lab.yaml', '--set', `a: ${ATTACK}`],
    ['diff', 'lab.yaml', '--set', 'a: net.ipv4.ip_default_ttl=9', '--limit', '3', '--json'],
    ['diff', 'lab.yaml', '--flow', ATTACK],
    ['show', 's.yaml'],
    ['show', 's.yaml', 'ss -tunlp', 'b'],
    ['show', 's.yaml', 'iptables-save', 'b'],
    ['show', 's.yaml', ATTACK],
    ['show', 's.yaml', 'route', ATTACK],
    ['graph', 'lab.yaml', '--path', `${ATTACK} -> 10.0.0.2`],
    ['graph', ATTACK],
    ['export', '--format', 'netns', 'lab.yaml'],
    ['export', '--format', ATTACK, 'lab.yaml'],
    ['check', ATTACK, 's.yaml'],
    ['check', '--json', ATTACK],
    ['run', `--${ATTACK}`],
    ['run', 's.yaml', '--seed', ATTACK],
    ['run', 's.yaml', '--filter', ATTACK],
    ['schema', ATTACK],
    ['figures', ATTACK],
    ['profile', '--wireshark', `x/${ATTACK}`, 'lab.yaml'],
    [ATTACK],
  ])('do not reach it: %s %s %s', (...words) => {
    const { path } = labFolder();
    for (const [environment, tamed] of [
      [{}, (text: string) => text],
      [{ FORCE_COLOR: '1' }, (text: string) => text.replace(COLOURS, '')],
    ] as const) {
      const { status, stdout, stderr } = cutawayIn(path, words, environment);
      expect([0, 1, 2, 4]).toContain(status);
      expect([raw(tamed(stdout)), raw(tamed(stderr))]).toEqual([undefined, undefined]);
      if (words.includes('--json') && stdout !== '') {
        for (const line of stdout.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
      }
    }
  });

  it('reach no name of a file, and no text in one', () => {
    const folder = labFolder();
    const { path } = folder;
    folder.write(`${ATTACK.replaceAll('/', '')}.yaml`, TOPOLOGY);
    const [evilFile = ''] = readdirSync(path).filter((name) => name.startsWith('E'));
    cutawayIn(path, ['run', 's.yaml', '--junit', 'out/j.xml', '--report', 'out/r.html']);
    cutawayIn(path, ['run', evilFile, '--junit', 'out/refused.xml', '--no-write']);
    for (const format of ['svg', 'dot', 'mermaid'])
      cutawayIn(path, [
        'graph',
        evilFile,
        '--format',
        format,
        '-o',
        `out/g.${format}`,
        '--path',
        'a -> 10.0.0.2:80/tcp',
      ]);
    cutawayIn(path, ['export', '--format', 'netns', evilFile, '-o', 'out/lab.sh']);
    const files = readdirSync(join(path, 'out'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(files.map(({ name }) => raw(name)).filter((one) => one !== undefined)).toEqual([]);
    const texts = files.filter(({ name }) => /\.(txt|xml|html|svg|dot|mermaid|sh|json)$/.test(name));
    expect(texts.length).toBeGreaterThan(8);
    const found = texts.map(({ name, parentPath }) => [name, raw(readFileSync(join(parentPath, name), 'utf8'))]);
    expect(found.filter(([, one]) => one !== undefined)).toEqual([]);
  });
});
