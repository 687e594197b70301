import type { Problem } from '../core/problem.ts';

/** Orders problems of one file as the file reads: by line, then by column; those without a place come first. */
export function byPlace(a: Problem, b: Problem): number {
  const lines = (a.place?.line ?? 0) - (b.place?.line ?? 0);
  return lines !== 0 ? lines : (a.place?.column ?? 0) - (b.place?.column ?? 0);
}
