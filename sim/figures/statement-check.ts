import type { IncId } from '../whitepaper/data/contradictions.ts';
import type { RowVerdict } from '../whitepaper/row.ts';
import type { EvidenceRun } from './evidence-run.ts';
import type { Runs } from './finding.ts';

/** What a run shows of one sentence. */
export interface Shown {
  readonly run: string;
  readonly verdict: RowVerdict;
  readonly inc?: IncId;
}

export type StatementCheck = (run: EvidenceRun, runs: Runs) => Shown;
