import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Result } from './job.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run bench -- WORDS` says. */
function bench(...words: readonly string[]): Said {
  const main = join('dist', 'bench', 'test', 'bench', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { cwd: ROOT, encoding: 'utf8' });
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
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'test/bench/tsconfig.json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
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
