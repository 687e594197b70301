import { describe, expect, it } from 'vitest';
import { JUDGES } from '../../sim/figures/judges.ts';
import { STATEMENT_CHECKS } from '../../sim/figures/statements.ts';
import { CLAIMS } from '../../sim/whitepaper/claims.ts';
import { CONTRADICTIONS } from '../../sim/whitepaper/data/contradictions.ts';
import { FIGURE_FLOWS, FIGURES } from '../../sim/whitepaper/figures.ts';

const CHINESE = /[\u4e00-\u9fff]/;

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, '0')}`);
}

describe('the paper as data', () => {
  it('has the claims 1 to 80, each with its sentence and an English line, of a figure that is there or of none', () => {
    expect(CLAIMS.map((one) => one.id)).toEqual(numbered('CLM', 80));
    const figures = [...FIGURES.map((one) => one.number), null];
    expect(CLAIMS.filter((one) => !figures.includes(one.figure))).toEqual([]);
    expect(CLAIMS.filter((one) => one.text === '' || !CHINESE.test(one.quote))).toEqual([]);
  });

  it('has the contradictions 1 to 32, one sentence each', () => {
    expect(Object.keys(CONTRADICTIONS)).toEqual(numbered('INC', 32));
    expect(Object.values(CONTRADICTIONS).filter((one) => one.length < 40 || one.endsWith('.'))).toEqual([]);
  });

  it('has figures 6 to 14 and 16 to 18, each sentence in both languages', () => {
    expect(FIGURES.map((one) => one.number)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18]);
    const said = FIGURES.flatMap(({ interfaces, routes, statements, flows }) => [
      ...[...interfaces, ...routes, ...statements],
      ...flows.flatMap((flow) => [...flow.request, ...flow.reply]),
    ]);
    const incomplete = said.filter((one) => one.text === '' || one.quote === '');
    expect(incomplete).toEqual([]);
    expect(new Set(FIGURE_FLOWS.map((one) => one.id)).size).toBe(FIGURE_FLOWS.length);
  });

  it('is judged claim by claim and sentence by sentence, and nothing else is', () => {
    expect(Object.keys(JUDGES).sort()).toEqual(numbered('CLM', 80));
    const statements = FIGURES.flatMap(({ number, statements: all }) => all.map((one) => `${number}/${one.id}`));
    expect(Object.keys(STATEMENT_CHECKS).sort()).toEqual(statements.sort());
  });
});
