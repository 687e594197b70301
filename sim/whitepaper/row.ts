import type { IncId } from './data/contradictions.ts';

/** `not said in the paper`: the run holds something that matters here, and the paper is silent about it. */
export type RowVerdict = 'agreed' | 'contradicted' | 'not said in the paper';

/** One statement of a figure beside what a run holds or did. */
export interface FigureRow {
  readonly kind: string;
  /** The sentence of the paper, '' where it says nothing. */
  readonly quote: string;
  readonly text: string;
  readonly run: string;
  readonly verdict: RowVerdict;
  /** The known contradiction that the run shows here. */
  readonly inc?: IncId;
}
