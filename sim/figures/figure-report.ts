import { must } from '../core/assert.ts';
import { tablesOf } from '../scenario/figure-tables.ts';
import type { Claim } from '../whitepaper/claim.ts';
import { CLAIMS } from '../whitepaper/claims.ts';
import { compareTables } from '../whitepaper/compare-tables.ts';
import type { Figure, FigureFlow } from '../whitepaper/figure.ts';
import { FIGURES } from '../whitepaper/figures.ts';
import type { FigureRow } from '../whitepaper/row.ts';
import type { EvidenceRun } from './evidence-run.ts';
import type { Judgement, Runs } from './finding.ts';
import { flowRows, tripsOf } from './flow-rows.ts';
import { JUDGES } from './judges.ts';
import { statementRows } from './statements.ts';
import { unsaidRows } from './unsaid-rows.ts';

/** A claim and what the runs say of it. */
export interface JudgedClaim extends Judgement {
  readonly claim: Claim;
}

/** One figure beside its run; `figure` is null for the claims that speak of none. */
export interface FigureReport {
  readonly figure: Figure | null;
  readonly rows: readonly FigureRow[];
  readonly claims: readonly JudgedClaim[];
}

/** A figure by its number beside the run of its scenario; null stands for the claims that no figure shows. */
export function reportFigure(number: number | null, runs: Runs): FigureReport {
  const figure = FIGURES.find((one) => one.number === number) ?? null;
  const claims = CLAIMS.filter((one) => one.figure === number).map((claim) => judgeClaim(claim, runs));
  return { figure, rows: figure === null ? [] : rowsOf(figure, runs), claims };
}

/** What the runs say of one claim. */
export function judgeClaim(claim: Claim, runs: Runs): JudgedClaim {
  const judge = must(JUDGES[claim.id], `${claim.id} is judged`);
  return { claim, ...judge(runs) };
}

function rowsOf(figure: Figure, runs: Runs): FigureRow[] {
  const name = scenarioOf(figure.number);
  const run = runs(name);
  if (run === undefined) {
    const { caption, title } = figure;
    return [{ kind: 'run', quote: caption, text: title, run: `there is no run of ${name}`, verdict: 'contradicted' }];
  }
  return [
    ...compareTables(figure, tablesOf(run.world)),
    ...statementRows(figure, run, runs),
    ...figure.flows.flatMap((flow) => flowRows(runOfFlow(flow, run, runs), flow)),
    ...unsaidRows(run, figure),
  ];
}

/** Figure 6 shows the principle; its packets are those of figure 8 where its own scenario sends none. */
function runOfFlow(flow: FigureFlow, own: EvidenceRun, runs: Runs): EvidenceRun {
  if (flow.figure !== 6 || tripsOf(own, flow).length > 0) return own;
  return runs(scenarioOf(8)) ?? own;
}

/** `fig09`: the scenario that replays a figure. */
function scenarioOf(figure: number): string {
  return `fig${String(figure).padStart(2, '0')}`;
}
