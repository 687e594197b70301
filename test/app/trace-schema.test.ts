import { describe, expect, it } from 'vitest';
import { traceRecordSchema } from '../../sim/explain/record-schema.ts';
import { cutaway, WHITEPAPER_TOPOLOGY as LAB, ndjson, whitepaperScenario } from './cli.ts';

/** Every line of a command's output, held against the schema. */
function faults(...args: string[]): string[] {
  const lines = ndjson(cutaway(...args).stdout);
  expect(lines.length).toBeGreaterThan(0);
  return lines.flatMap((line) => {
    const { success, error } = traceRecordSchema.safeParse(line);
    return success ? [] : [`${JSON.stringify(line)}: ${error.message}`];
  });
}

describe('trace --json', () => {
  it.each([
    ['203.0.113.10'],
    ['1.1.1.200:9999'],
    ['1.1.1.2:8', '--arp'],
    ['203.0.113.10:7', '--size', '3000'],
    ['1.1.1.2:7', '--proto', 'tcp'],
    ['203.0.113.10', '--ttl', '1'],
  ])('keeps to the published schema: to %s', (to, ...more) => {
    expect(faults('trace', LAB, '--from', 'container3', '--to', to, '--json', ...more)).toEqual([]);
  });

  it('keeps to it for a scenario, and counts the flows', () => {
    const file = whitepaperScenario('fig11');
    expect(faults('trace', file, '--json')).toEqual([]);
    const flows = ndjson(cutaway('trace', file, '--json').stdout).flatMap(({ flow }) => [flow]);
    expect(flows).toContain(2);
  });

  it('is described by a JSON Schema that cutaway prints', () => {
    const schema = JSON.parse(cutaway('schema', 'trace').stdout) as { $schema: string; oneOf: unknown[] };
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.oneOf).toHaveLength(3);
    const { status, stderr } = cutaway('schema', 'nothing');
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('trace') });
  });
});
