import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

describe('the published schemas', () => {
  it.each([
    ['topology', 'topologies/topology.schema.json'],
    ['scenario', 'scenarios/scenario.schema.json'],
  ])('%s is what the checker itself goes by (rewrite it with: npm start -s -- schema NAME > FILE)', (name, file) => {
    const { stdout } = spawnSync('node', [join(ROOT, 'dist/bin/main.js'), 'schema', name], { encoding: 'utf8' });
    expect(readFileSync(join(ROOT, file), 'utf8')).toBe(stdout);
  });
});
