import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TemporaryFolder } from '../tools.ts';

/*
 * What a user gets: `npm pack`, laid into a project of its own as npm would lay it, with nothing but what the package names
 * beside it. What the user writes there is compiled and run.
 */

const ROOT = resolve(import.meta.dirname, '..', '..');

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const project = new TemporaryFolder();
const installed = join(project.path, 'node_modules', 'cutaway');
let packed: Packed;

function run(program: string, args: readonly string[], cwd = project.path): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Puts a package of this repository beside the one that was packed. */
function give(name: string): void {
  const place = join(project.path, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), place);
}

function compile(options: Readonly<Record<string, unknown>>, file: string): { status: number | null; output: string } {
  const compilerOptions = {
    ...{ target: 'es2023', module: 'nodenext', strict: true, noUncheckedIndexedAccess: true },
    ...{ exactOptionalPropertyTypes: true, verbatimModuleSyntax: true, outDir: 'out', types: [] },
    ...options,
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }));
  return run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.']);
}

beforeAll(() => {
  const { stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--ignore-scripts', '--offline', '--json', '--pack-destination', project.path],
    { cwd: ROOT, encoding: 'utf8' },
  );
  const [first] = JSON.parse(stdout || '[]') as Packed[];
  if (first === undefined) throw new Error(stderr);
  packed = first;
  mkdirSync(installed, { recursive: true });
  run('tar', ['-xzf', join(project.path, packed.filename), '--strip-components=1', '-C', installed]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) give(name);
  project.write('package.json', '{ "type": "module", "private": true }\n');
}, 120_000);

afterAll(() => project.dispose());

describe('the package', { timeout: 180_000 }, () => {
  it('ships the program, its types, topologies and scenarios, and nothing of its workshop', () => {
    const paths = packed.files.map((file) => file.path);
    for (const path of ['README.md', 'LICENSE', 'dist/bin/main.js', 'topologies/linux/office.yaml']) {
      expect(paths).toContain(path);
    }
    const strange = paths.filter(
      (path) => !/^(README\.md|LICENSE|package\.json|(dist|topologies|scenarios)\/.*)$/.test(path),
    );
    expect(strange).toEqual([]);
    expect(
      paths.filter((path) =>
        /\.tsbuildinfo$|^dist\/(test|judge|app\/cli|app\/tui)\/|\/\.|(?<!^dist\/bin\/.*)\.map$|(?<!\.d)\.ts$/.test(
          path,
        ),
      ),
    ).toEqual([]);
  });

  it('holds every file that its files import, types included', () => {
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const missing = files.flatMap((name) => {
      const path = join(installed, 'dist', name);
      if (!/\.(js|d\.ts)$/.test(name)) return [];
      const imports = readFileSync(path, 'utf8').matchAll(/(?:from|import\() ?['"](\.\.?\/[^'"]+)['"]/g);
      return [...imports].flatMap(([, target = '']) => {
        const whole = resolve(dirname(path), target);
        const found = name.endsWith('.js') ? existsSync(whole) : existsSync(whole.replace(/\.[jt]sx?$/, '.d.ts'));
        return found ? [] : [`${name}: ${target}`];
      });
    });
    expect(missing).toEqual([]);
  });

  it('has types that are whole and name nothing `any`', () => {
    project.write(
      'types.ts',
      `import { type FlowAccount, Lab, type LabTopology, openLab, type ScenarioReport, TopologyError } from 'cutaway';
type IsAny<T> = 0 extends 1 & T ? true : false;
const notAny = <T>(_value: T, isAny: IsAny<T>): boolean => isAny;
const nodes: LabTopology['nodes'] = { a: { kind: 'linux', interfaces: { eth0: { address: ['10.0.0.1/24'] } } } };
const lab = Lab.of({ nodes }, { seed: 7 });
const flow: FlowAccount = lab.ping('a', '10.0.0.1', { ttl: 3 });
const report: ScenarioReport = lab.runScenario({ steps: [{ ping: { from: 'a', to: '10.0.0.1' }, expect: { replies: 1 } }] });
export const checked = [
  notAny(flow, false), notAny(flow.there, false), notAny(flow.drops[0]?.decidedBy.facts, false), notAny(report.steps[0], false),
  notAny(lab.snapshot('a').namespace.route[0]?.dst, false), notAny(lab.captures()[0]?.frames[0]?.headers[0]?.fields, false),
  notAny(lab.rows('a', 'route'), false), notAny(openLab, false), notAny(new TopologyError([]).problems[0]?.place, false),
];
// @ts-expect-error
Lab.of({ nodes: { a: { kind: 'linus' } } });
// @ts-expect-error
Lab.of({ nodes: { a: { kind: 'linux', interfaces: { eth0: { adress: '10.0.0.1/24' } } } } });
// @ts-expect-error
Lab.of({ nodes: {}, links: [{ endpoints: ['a:eth0'] }] });
// @ts-expect-error
lab.step({ ping: { from: 'a' } });
// @ts-expect-error
lab.link('a:eth0', 'sideways');
// @ts-expect-error
lab.ping('a', '10.0.0.1', { sourcePort: 1 });
`,
    );
    expect(compile({ noEmit: true, skipLibCheck: false, lib: ['es2023', 'dom'] }, 'types.ts')).toEqual({
      status: 0,
      output: '',
    });
  });

  it('runs what was compiled against it, without Vitest', () => {
    project.write(
      'office.ts',
      `import { openLab } from 'cutaway';
const lab = openLab(new URL('../node_modules/cutaway/topologies/linux/office.yaml', import.meta.url));
console.log(lab.ping('pc1', '203.0.113.1').verdict, lab.table('pc1', 'ip route'));
`,
    );
    expect(compile({ lib: ['es2023', 'dom'] }, 'office.ts')).toEqual({ status: 0, output: '' });
    expect(run(process.execPath, ['out/office.js'])).toEqual({
      status: 0,
      output:
        'DELIVERED default via 192.168.7.1 dev eth0 \n192.168.7.0/24 dev eth0 proto kernel scope link src 192.168.7.11 \n\n',
    });
  });

  it('has a program that finds its topologies and scenarios', () => {
    const main = join(installed, 'dist', 'bin', 'main.js');
    const { status, output } = run(process.execPath, [
      main,
      'run',
      '--no-write',
      '--quiet',
      join(installed, 'scenarios/linux/office.yaml'),
    ]);
    expect({ status, first: output.split('\n')[0] }).toEqual({ status: 0, first: 'PASSED  office' });
  });

  it('exports its entries and nothing of its inside', () => {
    const tell = (name: string): string =>
      run(process.execPath, [
        '--input-type=module',
        '-e',
        `await import('${name}').then((m) => console.log(Object.keys(m).join()), (e) => console.log(e.code))`,
      ]).output.trim();
    expect(tell('cutaway')).toBe(
      'CommandError,HaltError,Lab,LabError,StormError,TopologyError,dropReasons,openLab,openScenario,sentenceOf',
    );
    expect(tell('cutaway/dist/world/world.js')).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
    expect(tell('cutaway/vitest')).toBe('ERR_MODULE_NOT_FOUND');
  });
});

describe('the test in the README', { timeout: 180_000 }, () => {
  it('compiles, and passes under Vitest as it stands', () => {
    for (const name of ['vitest', '@types/node']) give(name);
    symlinkSync(join(installed, 'topologies'), join(project.path, 'topologies'));
    project.write('office.test.ts', example());
    const compiled = compile({ noEmit: true, skipLibCheck: true, types: ['node'], lib: ['es2023'] }, 'office.test.ts');
    expect(compiled).toEqual({ status: 0, output: '' });
    const { status, output } = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'office.test.ts']);
    expect(output).toContain('3 passed (3)');
    expect(status).toBe(0);
  });
});

/** The block of TypeScript in the README that imports the matchers. */
function example(): string {
  for (const [, block = ''] of readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)) {
    if (block.includes("import 'cutaway/vitest'")) return block;
  }
  throw new Error('no example of a test');
}
