import type { SourcePlace } from '../core/problem.ts';

/** One thing that was expected, and what was found. */
export interface Check {
  readonly what: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
  /** Where in the scenario file it is expected. */
  readonly path: readonly (string | number)[];
  readonly place?: SourcePlace;
}

/** Compares two values as they print. */
export function checkEqual(
  what: string,
  expected: string | number | boolean,
  found: string | number | boolean | undefined,
  path: readonly (string | number)[],
): Check {
  return { what, passed: expected === found, expected: String(expected), found: String(found ?? 'nothing'), path };
}
