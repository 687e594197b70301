import type { ProblemCode } from '../core/problem.ts';

/** A problem in a topology or scenario, by the path of the value at fault; the document knows its line. */
export interface Finding {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string;
  readonly path: readonly (string | number)[];
  readonly part?: 'key' | 'value';
  /** Line within a block of text, counted from 0. */
  readonly blockLine?: number;
}
