import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutDefaults } from '../netns/script-of.ts';
import { PAIR } from '../netns/topologies.ts';
import { cutaway, cutawayIn, temporaryFolder, WHITEPAPER_TOPOLOGY } from './cli.ts';

const GOLDEN = readFileSync(new URL('../netns/pair.sh', import.meta.url), 'utf8');

describe('cutaway export', () => {
  it('prints the script', () => {
    const folder = temporaryFolder();
    folder.write('pair.yaml', PAIR);
    const run = () => cutawayIn(folder.path, ['export', '--format', 'netns', 'pair.yaml']);
    const { stdout, ...rest } = run();
    expect({ ...rest, stdout: withoutDefaults(stdout) }).toEqual({ status: 0, stdout: GOLDEN, stderr: '' });
  });

  it('-o writes it, ready to be run; --prefix names its namespaces', () => {
    const folder = temporaryFolder();
    folder.write('pair.yaml', PAIR);
    const args = ['export', '--format', 'netns', '--prefix', 'lab_', '-o', 'out/pair.sh', 'pair.yaml'];
    expect(cutawayIn(folder.path, args)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'out/pair.sh: run it as root; "out/pair.sh down" takes away what it made\n',
    });
    const file = join(folder.path, 'out', 'pair.sh');
    expect(withoutDefaults(readFileSync(file, 'utf8'))).toBe(GOLDEN.replace('prefix=ct-', 'prefix=lab_'));
    expect(statSync(file).mode & 0o777).toBe(0o755);
  });

  it('names by line what cannot be built from namespaces', () => {
    const { status, stdout, stderr } = cutaway('export', '--format', 'netns', WHITEPAPER_TOPOLOGY);
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(stderr).toMatch(/separate-namespace\.yaml:\d+:\d+: .*a Comware device cannot be built from namespaces/);
    expect(stderr).toMatch(/\n *\d+ \| +kind: comware\n/);
  });

  it('says what is wrong with a topology as check does', () => {
    const folder = temporaryFolder();
    folder.write('bad.yaml', 'topology: { nodes: { a: { kind: linux, routes: ["default via 10.0.0.1"] } } }\n');
    const { status, stderr } = cutawayIn(folder.path, ['export', '--format', 'netns', 'bad.yaml']);
    expect(status).toBe(4);
    expect(stderr).toContain('gateway 10.0.0.1 is in no subnet of this node');
  });

  it('knows one format', () => {
    const hint = '(cutaway --help lists the commands)\n';
    expect(cutaway('export', '--format', 'docker', 'x.yaml')).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: option '--format <format>' argument 'docker' is invalid. Allowed choices are netns.\n${hint}`,
    });
    expect(cutaway('export', 'x.yaml').stderr).toBe(
      `error: required option '--format <format>' not specified\n${hint}`,
    );
    expect(cutaway('export', '--format', 'netns', '--prefix', '-x', 'x.yaml').stderr).toContain(
      'write 1 to 40 letters, digits, "-", "_" and ".", a letter or digit first.',
    );
  });

  it('--help shows how the script is used', () => {
    const { status, stdout } = cutaway('export', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('cutaway export --format netns lab.yaml -o lab.sh\n');
    expect(stdout).toContain('./lab.sh down                    take it away\n');
  });
});
