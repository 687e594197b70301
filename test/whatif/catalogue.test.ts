import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../sim/whatif/outcome.ts';
import { findRemedies, type RemedyReport } from '../../sim/whatif/remedies.ts';
import type { Subject } from '../../sim/whatif/subject.ts';
import { catalogue, readBack } from './catalogue.ts';

/*
 * Networks that are broken as real ones are. What the search finds first must be what was broken, and what it prints must
 * heal the network when it is typed.
 */

function searched(subject: Subject): RemedyReport {
  const report = findRemedies(subject);
  if (!('remedies' in report)) throw new Error('the flow passed, or was never sent');
  return report;
}

/** Whether the flow passes in a network that is changed as a line of options says. */
function passesWith(subject: Subject, text: string): boolean {
  const attempt = subject.run(readBack(text));
  return 'world' in attempt && outcomeOf(attempt).answered;
}

for (const { file, networks } of catalogue()) {
  describe(file, () => {
    for (const { name, subject, cause, remedy } of networks) {
      it(`${name}: names what it died of, and what heals it`, () => {
        const { before, remedies, pair, further } = searched(subject);
        expect({ reason: before.reason, at: before.at }).toEqual({ reason: cause.reason, at: cause.at });
        if (cause.decided_by !== undefined) expect(before.decidedBy).toBe(cause.decided_by);
        const best = remedies[0] ?? pair;
        expect(best?.text).toBe(remedy);
        for (const one of [...remedies, ...(pair === undefined ? [] : [pair])]) {
          expect(one.after.answered).toBe(true);
          expect({ text: one.text, passes: passesWith(subject, one.text) }).toEqual({ text: one.text, passes: true });
        }
        // Where one change is enough there is no talk of two.
        expect(pair === undefined && further === undefined).toBe(remedies.length > 0);
      });
    }
  });
}
