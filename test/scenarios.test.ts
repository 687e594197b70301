import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../sim/app/package-root.ts';
import { isScenarioFile, loadScenario, loadTopology } from '../sim/app/sources.ts';
import { reportScenario } from '../sim/scenario/report.ts';
import { runScenario } from '../sim/scenario/runner.ts';
import { buildSource, type Loaded } from '../sim/world/topology-source.ts';

/* Every file that comes with the program is sound, and every scenario of it passes. */

function yamlBelow(folder: string): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => relative(PACKAGE_ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function sound<T>(loaded: Loaded<T>): T {
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded.source;
}

const topologies = yamlBelow('topologies');
const scenarios = yamlBelow('scenarios');

describe('topologies', () => {
  it('there are some, and none is taken for a scenario', () => {
    expect(topologies).not.toEqual([]);
    expect(topologies.filter((file) => isScenarioFile(join(PACKAGE_ROOT, file)))).toEqual([]);
  });

  it.each(topologies)('%s is sound, and stands still when nobody sends', (file) => {
    const source = sound(loadTopology(join(PACKAGE_ROOT, file)));
    const { world, problems } = buildSource(source, { seed: 1, trace: true, capture: true });
    expect(problems).toEqual([]);
    for (const stack of world.stacks()) world.snapshot(stack);
    world.audit();
  });
});

describe('scenarios', () => {
  it('there are some, and each is known for one', () => {
    expect(scenarios).not.toEqual([]);
    expect(scenarios.filter((file) => !isScenarioFile(join(PACKAGE_ROOT, file)))).toEqual([]);
  });

  it('have names of their own', () => {
    const names = scenarios.map((file) => sound(loadScenario(join(PACKAGE_ROOT, file))).scenario.name);
    expect(new Set(names).size).toBe(names.length);
  });

  const runs = scenarios.flatMap((file) => [1, 2, 3].map((seed) => [file, seed] as const));

  it.each(runs)('%s passes with seed %d, and no packet is lost', (file, seed) => {
    const { topology, scenario } = sound(loadScenario(join(PACKAGE_ROOT, file)));
    const { world, problems } = buildSource(topology, { seed, trace: true, capture: true });
    expect(problems).toEqual([]);
    const run = runScenario(world, scenario);
    expect(world.halt).toBeUndefined();
    world.audit();
    const report = reportScenario(world, scenario, run);
    const checks = [...report.steps.flatMap((step) => step.checks), ...report.tables];
    expect(checks.filter((check) => !check.passed)).toEqual([]);
    expect(report.passed).toBe(true);
  });

  it.each(scenarios)('%s states what must be seen', (file) => {
    const { scenario } = sound(loadScenario(join(PACKAGE_ROOT, file)));
    const stated = [scenario.expect, ...scenario.steps.map((step) => ('expect' in step ? step.expect : undefined))];
    expect(stated.some((expectation) => expectation !== undefined)).toBe(true);
  });
});
