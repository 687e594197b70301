import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CUTAWAY, PLAIN_ENVIRONMENT } from './app/cli.ts';
import { TWO_HOSTS } from './app/small-labs.ts';
import { TemporaryFolder } from './tools.ts';

/*
 * What the README tells CI systems to do, done: its examples are read as those systems read them, and each of their commands
 * runs in a shell, for every machine of the matrix and every index of the job.
 */

const README = readFileSync(resolve(import.meta.dirname, '..', 'README.md'), 'utf8');

/** The only YAML example that has this key at its top. */
function example(key: string): unknown {
  const all = [...README.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text) as object);
  const found = all.filter((one) => key in one);
  expect(found).toHaveLength(1);
  return found[0];
}

const stepSchema = z.object({
  run: z.string().optional(),
  uses: z.string().optional(),
  if: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
type Step = z.infer<typeof stepSchema>;

const matrixJobSchema = z.object({
  strategy: z.object({ 'fail-fast': z.literal(false), matrix: z.object({ shard: z.array(z.int()) }) }),
  steps: z.array(stepSchema),
});
const mergingJobSchema = z.object({ needs: z.string(), if: z.literal('always()'), steps: z.array(stepSchema) });

const indexedJobSchema = z.object({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  spec: z.object({
    completionMode: z.literal('Indexed'),
    completions: z.int(),
    parallelism: z.int(),
    backoffLimitPerIndex: z.literal(0),
    template: z.object({
      spec: z.object({
        restartPolicy: z.literal('Never'),
        containers: z.tuple([
          z.object({
            command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
            volumeMounts: z.tuple([z.object({ name: z.string(), mountPath: z.string() })]),
          }),
        ]),
        volumes: z.tuple([z.looseObject({ name: z.string() })]),
      }),
    }),
  }),
});

/** Five scenarios, of which one fails: not as many as there are shards, nor twice as many. */
const NAMES = ['one', 'two', 'three', 'four', 'five'];

describe.skipIf(process.platform === 'win32')('the examples of the README for CI', () => {
  const folder = new TemporaryFolder();
  afterAll(() => folder.dispose());

  beforeAll(() => {
    for (const name of NAMES) {
      const expectation = name === 'four' ? 'expect: { replies: 3 }' : 'expect: { replies: 1 }';
      folder.write(
        `lab/${name}.yaml`,
        `name: ${name}\n${TWO_HOSTS}steps:\n  - ping: { from: a, to: 10.0.0.2, count: 1 }\n    ${expectation}\n`,
      );
    }
    mkdirSync(join(folder.path, 'bin'));
    tool('cutaway', `exec "${process.execPath}" "${CUTAWAY}" "$@"`);
    // Of what is installed, as npx finds it without asking anybody.
    tool('npx', 'exec "$@"');
    expect(shell('cutaway run -q --no-write lab/*.yaml --junit whole.xml').status).toBe(1);
  });

  function tool(name: string, script: string): void {
    const path = join(folder.path, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** A script as GitHub and a container run it. */
  function shell(script: string, environment: Readonly<Record<string, string>> = {}): SpawnSyncReturns<string> {
    const PATH = [join(folder.path, 'bin'), PLAIN_ENVIRONMENT.PATH].join(delimiter);
    return spawnSync('sh', ['-e', '-c', script], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { ...PLAIN_ENVIRONMENT, PATH, ...environment },
    });
  }

  const text = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

  function onlyRun(steps: readonly Step[]): string {
    const own = steps.flatMap(({ run }) => (run === undefined || run === 'npm ci' ? [] : [run]));
    expect(own).toHaveLength(1);
    return own[0] ?? '';
  }

  it('GitHub Actions: the machines of a matrix run all scenarios, and the last job has the JUnit file of one run', () => {
    const { jobs } = z.object({ jobs: z.record(z.string(), z.unknown()) }).parse(example('jobs'));
    const [[name, scenarios] = [], [, merged] = [], ...others] = Object.entries(jobs);
    expect(others).toEqual([]);
    const { strategy, steps } = matrixJobSchema.parse(scenarios);
    const { shard } = strategy.matrix;
    expect(shard).toEqual(shard.map((_, index) => index + 1));

    const script = onlyRun(steps);
    expect(script).toContain(`/${shard.length} `);
    const statuses = shard.map((one) => shell(script.replace(/\$\{\{ matrix\.shard \}\}/g, String(one))).status);
    expect([...statuses].sort()).toEqual([0, 0, 0, 1]);

    // What one step puts away, after a failure too, is what the other fetches, into the folder where the reports are looked for.
    const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@') === true);
    expect(upload?.if).toBe('always()');
    const merging = mergingJobSchema.parse(merged);
    expect(merging.needs).toBe(name);
    const download = merging.steps.find(({ uses }) => uses?.startsWith('actions/download-artifact@') === true);
    expect(download?.with).toMatchObject({ path: upload?.with?.path, 'merge-multiple': true });
    const prefix = String(download?.with?.pattern).replace(/\*$/, '');
    expect(String(upload?.with?.name)).toBe(`${prefix}\${{ matrix.shard }}`);

    const end = shell(onlyRun(merging.steps));
    expect({ status: end.status, stderr: end.stderr }).toEqual({
      status: 1,
      stderr: '4 of 5 scenarios passed; JUnit in junit.xml\n',
    });
    expect(text('junit.xml')).toBe(text('whole.xml'));
  }, 120_000);

  it('Kubernetes: the indexes of an Indexed Job, which begin at 0, are all shards, which begin at 1', () => {
    const { spec } = indexedJobSchema.parse(example('kind'));
    const { containers, volumes } = spec.template.spec;
    const [{ command, volumeMounts }] = containers;
    const [{ name, mountPath }] = volumeMounts;
    expect(volumes[0].name).toBe(name);
    expect(spec.parallelism).toBeLessThanOrEqual(spec.completions);

    const results = join(folder.path, 'results');
    mkdirSync(results);
    const [, , script] = command;
    const here = script.replaceAll(mountPath, results);
    const indexes = Array.from({ length: spec.completions }, (_, index) => String(index));
    const statuses = indexes.map((index) => shell(here, { JOB_COMPLETION_INDEX: index }).status);
    expect([...statuses].sort()).toEqual([0, 0, 0, 1]);
    const heads = indexes.map((index) => JSON.parse(text(`results/${index}.json`).split('\n')[0] ?? '') as object);
    expect(heads).toEqual(
      indexes.map((index) => expect.objectContaining({ shard: Number(index) + 1, of: spec.completions, suite: 5 })),
    );

    const told = /`(cutaway merge [^`]*)`/.exec(README)?.[1] ?? '';
    const end = shell(told.replaceAll(mountPath, results));
    expect({ status: end.status, stderr: end.stderr }).toEqual({ status: 1, stderr: '4 of 5 scenarios passed\n' });
    expect(end.stdout.split('\n').filter((line) => line !== '').length).toBe(NAMES.length);
  }, 120_000);
});
