import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openTopology } from '../../sim/app/sources.ts';
import { readQuestion } from '../../sim/show/ask/ask.ts';
import { isMisunderstood } from '../../sim/show/ask/question.ts';
import { masked } from './real-tables.ts';

/*
 * What the real tools printed on the office (fixtures/record.sh says how), beside what show prints. What may differ
 * stands in real-tables.ts.
 */

const RECORD = readFileSync(new URL('fixtures/office.txt', import.meta.url), 'utf8');

describe('tables of the real tools, recorded on Linux 6.18', () => {
  const opened = openTopology('topologies/linux/office.yaml', { seed: 1, trace: false, capture: false });
  if ('problems' in opened) throw new Error('the office does not build');
  const parts = RECORD.split(/^### /m).slice(1);

  it('are of both nodes', () => expect(parts.length).toBe(52));

  it.each(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)] as const))(
    '%s',
    (head, real) => {
      const [node = '', command = ''] = head.split(' $ ');
      const stack = opened.world.find(node);
      const question = readQuestion(command);
      if (stack === undefined || isMisunderstood(question)) throw new Error(`no answer to ${head}`);
      expect(masked(command, question.text(opened.world.snapshot(stack)))).toBe(masked(command, real));
    },
  );
});
