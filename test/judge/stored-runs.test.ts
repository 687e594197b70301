import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { loadScenario } from '../../sim/app/sources.ts';
import { reportText } from './compare/report.ts';
import { LABS, storedRun } from './files.ts';
import { judgeScenario } from './judge.ts';

/* What the kernel did in each lab when it was last asked is stored; here, without root, the simulator is held against it. */

const labs = readdirSync(join(PACKAGE_ROOT, LABS)).filter((file) => file.endsWith('.yaml'));

describe('beside the stored runs of the kernel', () => {
  it('there are labs', () => {
    expect(labs).not.toEqual([]);
  });

  it.each(labs.sort())('%s: every frame and every table agrees', async (lab) => {
    const file = join(PACKAGE_ROOT, LABS, lab);
    const loaded = loadScenario(file);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const golden = storedRun(file);
    if (typeof golden === 'string') throw new Error(golden);
    const verdict = await judgeScenario(loaded.source, { prefix: '', drops: false, golden });
    if (verdict.kind === 'not judged') throw new Error(verdict.reasons.join('; '));
    const { comparison, stepsOf } = verdict;
    expect(comparison.differences.length === 0 ? '' : reportText(comparison, { stepsOf })).toBe('');
  });
});
