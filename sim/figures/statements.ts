import type { Figure, FigureStatement } from '../whitepaper/figure.ts';
import type { FigureRow } from '../whitepaper/row.ts';
import type { EvidenceRun } from './evidence-run.ts';
import type { Runs } from './finding.ts';
import type { StatementCheck } from './statement-check.ts';
import { DEPLOYMENT_STATEMENTS } from './statements-deployments.ts';
import { HOST_STATEMENTS } from './statements-host.ts';
import { SEPARATE_STATEMENTS } from './statements-separate.ts';

export const STATEMENT_CHECKS: Readonly<Record<string, StatementCheck>> = {
  ...SEPARATE_STATEMENTS,
  ...HOST_STATEMENTS,
  ...DEPLOYMENT_STATEMENTS,
};

/** The sentences of a figure that are not about interfaces, routes and steps. */
export function statementRows(figure: Figure, run: EvidenceRun, runs: Runs): FigureRow[] {
  return figure.statements.map((said) => rowOf(said, STATEMENT_CHECKS[`${figure.number}/${said.id}`], run, runs));
}

function rowOf(said: FigureStatement, check: StatementCheck | undefined, run: EvidenceRun, runs: Runs): FigureRow {
  const { kind, quote, text } = said;
  const shown = check?.(run, runs) ?? { run: 'nothing in the run shows it', verdict: 'contradicted' };
  return { kind, quote, text, ...shown };
}
