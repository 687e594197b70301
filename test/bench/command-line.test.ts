import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { TemporaryFolder } from '../tools.ts';
import type { Result } from './job.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = join('dist', 'bench', 'test', 'bench', 'main.js');

/** What `npm run bench -- WORDS` says; variables of its environment may come last. */
function bench(...given: readonly (string | NodeJS.ProcessEnv)[]): Said {
  const words = given.filter((one) => typeof one === 'string');
  const changed = given.filter((one) => typeof one !== 'string');
  const env = Object.assign({}, process.env, ...changed) as NodeJS.ProcessEnv;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

function results(...words: readonly string[]): Result[] {
  const { status, stdout, stderr } = bench(...words, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
}

beforeAll(() => {
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  for (const words of [
    [tsc, '-p', 'test/bench/tsconfig.json'],
    [join('dist', 'bench', 'test', 'bench', 'bundle.js')],
  ]) {
    const { status, stdout } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  }
});

describe('npm run bench', () => {
  it('prints one line of JSON for each run, with the members that the peers have', () => {
    const lines = results('chain', '20', '10', '--routers', '2', '--runs', '2');
    // The sizes in turn.
    expect(lines.map(({ workload, size, packets, hops }) => [workload, size, packets, hops])).toEqual([
      ['chain', 20, 20, 60],
      ['chain', 10, 10, 30],
      ['chain', 20, 20, 60],
      ['chain', 10, 10, 30],
    ]);
    for (const line of lines) {
      const { packets, hops, events, wall_s, setup_s, peak_rss_kb, hops_per_s, gc_share, cpu_s } = line;
      for (const value of [packets, hops, events, wall_s, setup_s, peak_rss_kb, cpu_s])
        expect(value).toBeGreaterThan(0);
      expect(Math.abs(hops_per_s - hops / wall_s)).toBeLessThan(0.02 * hops_per_s);
      expect(gc_share).toBeGreaterThanOrEqual(0);
      expect(gc_share).toBeLessThan(1);
    }
  });

  it('runs a transfer without loss and with it, unless told which', () => {
    expect(results('tcp', '2000').map(({ workload }) => workload)).toEqual(['tcp', 'tcp-loss']);
    expect(results('tcp', '2000', '--loss').map(({ workload }) => workload)).toEqual(['tcp-loss']);
    expect(results('tcp', '2000', '--no-loss').map(({ workload }) => workload)).toEqual(['tcp']);
  });

  it('says what tracing costs beside the same run without', () => {
    const [chain, trace] = results('trace', '20');
    expect([chain?.workload, trace?.workload]).toEqual(['chain', 'trace']);
    expect(Number(trace?.price)).toBeCloseTo(Number(trace?.wall_s) / Number(chain?.wall_s), 5);
  });

  it('prints a table for people', () => {
    const { status, stdout } = bench('bridge', '3', '--each', '2');
    expect(status).toBe(0);
    const [head = '', row = ''] = stdout.split('\n');
    expect(head).toMatch(/^workload +size +packets +hops +events +wall s +hops\/s/);
    expect(row).toMatch(/^bridge +3 +12 +24 /);
  });

  it.each([
    [[], 'Usage: bench'],
    [['chian'], "unknown command 'chian'"],
    [['chain', '0'], 'Expected a whole number from 1 to 100000000'],
    [['chain', '1e3'], 'Expected a whole number'],
    [['chain', '10', '--runs', '0'], 'Expected a whole number from 1 to 1000'],
    [['bridge', '1'], 'Expected a whole number from 2 to 1000'],
    [['bridge', '4', '--capture'], "unknown option '--capture'"],
    [['whitepaper', '3'], 'too many arguments'],
  ])('answers %j with what is wrong, and 2', (words, message) => {
    const { status, stdout, stderr } = bench(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('tells its workloads', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const name of ['chain', 'bridge', 'tcp', 'routes', 'nat', 'rules', 'containers', 'whitepaper', 'trace']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });
});

describe('npm run bench -- peers', () => {
  it('says what there is not, and what to install, and runs nothing', () => {
    const { status, stdout, stderr } = bench('peers', '--only', 'bridge,kernel', { PATH: '/nonexistent' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('ns-3: there is no g++: apt-get install g++ libns3-dev');
    expect(stderr).toContain('Linux: there is no cc: apt-get install gcc libc6-dev');
    expect(stderr).toContain('nobody is left');
  });

  it('says that the build with LTO is left out, or that its folder holds none', () => {
    const without = bench('peers', '--only', 'bridge', { PATH: '/nonexistent', NS3LTO: undefined });
    expect(without.stderr).toContain('skipped: ns-3 LTO: NS3LTO does not name');
    const empty = bench('peers', '--only', 'bridge', { PATH: '/nonexistent', NS3LTO: '/nonexistent' });
    expect(empty.stderr).toContain('skipped: ns-3 LTO: NS3LTO: there is no lib/libns3');
  });

  it('answers a name it does not know with those that it does, and 2', () => {
    const { status, stderr } = bench('peers', '--only', 'chain,ospf');
    expect(status).toBe(2);
    expect(stderr).toContain('Expected some of chain, capture, bridge, tcp, routes, kernel.');
  });
});

describe('a run that is interrupted', () => {
  it('leaves no file behind', async () => {
    const folder = new TemporaryFolder();
    const child = spawn(process.execPath, [MAIN, 'chain', '100000000', '--capture'], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: folder.path },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (!filesBelow(folder.path).some((file) => file.endsWith('.pcap'))) await setTimeout(20);
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(filesBelow(folder.path)).toEqual([]);
    folder.dispose();
  });
});

const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
