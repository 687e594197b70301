import type { SourcePlace } from '../core/problem.ts';
import type { Finding } from './finding.ts';

/** Keys and list positions from the root of a document to a value. */
export type SourcePath = readonly (string | number)[];

/** Where a finding lies: a spot in a file, or a path in a value given in code. */
export type Whereabouts = { readonly place: SourcePlace } | { readonly path: string };

/** What a schema is held against: a file that was read, or a value given in code. */
export interface CheckedDocument {
  readonly value: unknown;
  has(path: SourcePath): boolean;
  /** The value at `path`; undefined where there is none. */
  valueAt(path: SourcePath): unknown;
  /** `prefix` is where in the document the path of the finding begins. */
  locate(finding: Finding, prefix: SourcePath): Whereabouts;
}
