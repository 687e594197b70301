import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutawayIn, ndjson, temporaryFolder } from './cli.ts';
import { LOOP, TWO_HOSTS } from './small-labs.ts';
import { parseXml, type XmlElement } from './xml.ts';

const TOPOLOGY = `\n${TWO_HOSTS}`;

/** Fails on lines 11, 15 and 18. */
const WRONG = `name: wrong${TOPOLOGY}steps:
  - ping: { from: a, to: 10.0.0.2, count: 2 }
    expect: { replies: 3, reply_ttl: 64 }
  - name: "a name with \\"quotes\\", <tags> & \\e[31mcolour"
    exec:
      on: b
      commands: [ip route add default via 192.0.2.1]
expect:
  - { show: route, of: a, has: [10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1] }
  - { show: route, of: a, has: [default via 10.0.0.2 dev eth0] }
`;

function junitOf(files: Readonly<Record<string, string>>, ...options: string[]) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const result = cutawayIn(folder.path, ['run', ...Object.keys(files), '--junit', 'ci/junit.xml', ...options]);
  const path = join(folder.path, 'ci', 'junit.xml');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return { ...result, folder: folder.path, text, root: parseXml(text) };
}

function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The attributes that Jenkins' junit-10.xsd allows, and what each element may hold, in its order. */
const ALLOWED: Readonly<
  Record<string, { readonly attributes: readonly string[]; readonly children: readonly string[] }>
> = {
  testsuites: { attributes: ['name', 'time', 'tests', 'failures', 'disabled', 'errors'], children: ['testsuite'] },
  testsuite: {
    attributes: [
      'name',
      'tests',
      'failures',
      'errors',
      'skipped',
      'time',
      'timestamp',
      'hostname',
      'id',
      'package',
      'file',
    ],
    children: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  testcase: {
    attributes: ['name', 'classname', 'time', 'status', 'assertions', 'file', 'line'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  skipped: { attributes: ['message', 'type'], children: [] },
  failure: { attributes: ['message', 'type'], children: [] },
  error: { attributes: ['message', 'type'], children: [] },
  'system-out': { attributes: [], children: [] },
};

/** What is wrong with a document by the schema, and by its own counts. */
function faultsOf(element: XmlElement): string[] {
  const { name, attributes, children } = element;
  const rule = ALLOWED[name];
  if (rule === undefined) return [`unknown element ${name}`];
  const faults = Object.keys(attributes).flatMap((key) =>
    rule.attributes.includes(key) ? [] : [`${name} has ${key}`],
  );
  const order = children.map((child) => rule.children.indexOf(child.name));
  if (order.includes(-1)) faults.push(`${name} holds ${children.map((child) => child.name).join()}`);
  if (order.some((at, index) => at < (order[index - 1] ?? 0))) faults.push(`${name}: children are not in their order`);
  if (name === 'testcase' && (!attributes.name || !attributes.classname)) faults.push('a case without its names');
  for (const key of ['tests', 'failures', 'errors', 'skipped']) {
    if (attributes[key] === undefined) continue;
    const found = countOf(element, key);
    if (attributes[key] !== String(found)) faults.push(`${name}: ${key}="${attributes[key]}", but there are ${found}`);
  }
  if (attributes.time !== undefined && !/^\d+\.\d+$/.test(attributes.time)) faults.push(`${name}: time is no number`);
  return [...faults, ...children.flatMap(faultsOf)];
}

function countOf(element: XmlElement, key: string): number {
  const wanted = { tests: 'testcase', failures: 'failure', errors: 'error', skipped: 'skipped' }[key];
  return element.children.reduce((sum, child) => sum + (child.name === wanted ? 1 : 0) + countOf(child, key), 0);
}

describe('run --junit', () => {
  it('writes a suite for each scenario and a case for each expectation, with expected, found and the line', () => {
    const { status, text, root } = junitOf({ 'wrong.yaml': WRONG }, '--no-write', '-q');
    expect(status).toBe(1);
    expect(faultsOf(root)).toEqual([]);
    const [suite] = childrenOf(root, 'testsuite');
    expect(suite?.attributes).toMatchObject({
      name: 'wrong',
      tests: '5',
      failures: '3',
      errors: '0',
      file: 'wrong.yaml',
    });
    expect(text.split('\n').slice(0, 8)).toMatchInlineSnapshot(`
      [
        "<?xml version="1.0" encoding="UTF-8"?>",
        "<testsuites name="cutaway" time="1.000020000" tests="5" failures="3" errors="0">",
        "  <testsuite name="wrong" tests="5" failures="3" errors="0" skipped="0" time="1.000020000" file="wrong.yaml">",
        "    <testcase name="step 1, ping a: replies" classname="wrong" time="1.000020000" file="wrong.yaml" line="11">",
        "      <failure message="expected 3, found 2" type="expectation">expected: 3",
        "found:    2",
        "at wrong.yaml:11:24</failure>",
        "    </testcase>",
      ]
    `);
    const cases = childrenOf(suite, 'testcase');
    expect(
      cases.map(({ attributes, children }) => [attributes.line, attributes.name, children[0]?.attributes.message]),
    ).toMatchInlineSnapshot(`
      [
        [
          "11",
          "step 1, ping a: replies",
          "expected 3, found 2",
        ],
        [
          "11",
          "step 1, ping a: reply_ttl",
          undefined,
        ],
        [
          "12",
          "step 2, a name with "quotes", <tags> & \\x1b[31mcolour: is done",
          "Error: Nexthop has invalid gateway.",
        ],
        [
          "17",
          "route of a: 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1",
          undefined,
        ],
        [
          "18",
          "route of a: default via 10.0.0.2 dev eth0",
          "expected default via 10.0.0.2 dev eth0, found 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1",
        ],
      ]
    `);
    expect(cases.map((one) => one.attributes.time)).toEqual([
      '1.000020000',
      '0.000000000',
      '0.000000000',
      '0.000000000',
      '0.000000000',
    ]);
  });

  it('lets no control character and no markup of a file through', () => {
    const { text, root } = junitOf({ 'wrong.yaml': WRONG.replace('colour', '\\0\\x9b\\uffff]]>') }, '--no-write', '-q');
    expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\ufffe\uffff]/u);
    const names = childrenOf(childrenOf(root, 'testsuite')[0], 'testcase').map((one) => one.attributes.name);
    expect(names).toContain('step 2, a name with "quotes", <tags> & \\x1b[31m\\x00\\x9b\ufffd]]>: is done');
  });

  it("has the rows of the white paper's figures as cases", () => {
    const folder = temporaryFolder();
    const { status } = cutawayIn(folder.path, ['run', '--junit', 'junit.xml', '--no-write', '-q']);
    expect(status).toBe(0);
    const root = parseXml(readFileSync(join(folder.path, 'junit.xml'), 'utf8'));
    expect(faultsOf(root)).toEqual([]);
    expect(childrenOf(root, 'testsuite')).toHaveLength(17);
    const fig11 = childrenOf(root, 'testsuite').find((suite) => suite.attributes.name === 'fig11');
    const names = childrenOf(fig11, 'testcase').map((one) => one.attributes.name);
    expect(names).toContain(
      'step 1, ping a host outside: figure 11, 1 the application in the container sends to the Inet stack',
    );
    expect(new Set(names).size).toBe(names.length);
    expect(childrenOf(fig11, 'system-out')[0]?.text).toContain('Separate namespace: container3');
  });

  it('goes with --json, and gives the same bytes each time', () => {
    const first = junitOf({ 'wrong.yaml': WRONG }, '--json');
    const second = junitOf({ 'wrong.yaml': WRONG }, '--seed', '1');
    expect(ndjson(first.stdout)[0]).toMatchObject({ schema: 'cutaway/report/1', passed: false });
    expect(first.text).not.toBe('');
    expect(second.text).toBe(first.text);
    expect(second.stderr).toBe('0 of 1 scenarios passed; results in out/; JUnit in ci/junit.xml\n');
  });

  it('tells of invalid files as errors, and that the sound ones were not run', () => {
    const bad = 'name: bad\ntopology: { topology: { nodes: {} } }\nsteps:\n  - pong: {}\n';
    const { status, root, stdout } = junitOf({ 'wrong.yaml': WRONG, 'bad.yaml': bad });
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(faultsOf(root)).toEqual([]);
    const [sound, broken] = childrenOf(root, 'testsuite');
    expect(sound?.children[0]?.children[0]?.attributes).toEqual({ message: 'not run: another file is invalid' });
    const [error] = broken?.children[0]?.children ?? [];
    expect(broken?.children[0]?.attributes).toMatchObject({ file: 'bad.yaml', line: '4', classname: 'bad.yaml' });
    expect(error).toMatchObject({ name: 'error', attributes: { type: 'UNKNOWN_KEY' } });
    expect(error?.text).toContain('bad.yaml:4:5: error: unknown key "pong"');
  });

  it('says that frames multiplied', () => {
    const { status, root } = junitOf({ 'loop.yaml': LOOP }, '--no-write', '-q');
    expect(status).toBe(1);
    expect(faultsOf(root)).toEqual([]);
    expect(root.attributes).toMatchObject({ tests: '1', errors: '1' });
  }, 180_000);

  it('shows that a scenario without expectations ran', () => {
    const { status, root } = junitOf(
      { 'quiet.yaml': `name: quiet${TOPOLOGY}steps: [{ wait: 2s }]\n` },
      '--no-write',
      '-q',
    );
    expect(status).toBe(0);
    const [only] = childrenOf(childrenOf(root, 'testsuite')[0], 'testcase');
    expect(only?.attributes).toEqual({ name: 'runs to its end', classname: 'quiet', time: '2.000000000' });
  });

  it('writes the file whole or not at all', () => {
    const folder = temporaryFolder();
    folder.write('wrong.yaml', WRONG);
    folder.write('taken', 'a file where a folder is wanted');
    const { status, stderr } = cutawayIn(folder.path, [
      'run',
      'wrong.yaml',
      '--no-write',
      '--junit',
      'taken/junit.xml',
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('cannot write');
  });
});
