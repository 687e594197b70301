import type { Problem, SourcePlace } from '../core/problem.ts';
import type { SourceDocument, SourcePath } from './document.ts';
import { byPlace } from './document-order.ts';
import type { Finding } from './finding.ts';

/**
 * Findings as problems of `document`: ordered as the file reads, the same thing said only once. `prefix` is where in
 * the document the paths of the findings begin.
 */
export function problemsOf(document: SourceDocument, findings: readonly Finding[], prefix: SourcePath = []): Problem[] {
  const seen = new Set<string>();
  const problems = findings.map((finding) => problemOf(document, finding, prefix)).toSorted(byPlace);
  return problems.filter(({ code, message, place }) => {
    const key = `${place?.line}:${place?.column}:${code}:${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function problemOf(document: SourceDocument, finding: Finding, prefix: SourcePath): Problem {
  const { code, message, hint } = finding;
  return { code, message, ...(hint === undefined ? {} : { hint }), place: placeOf(document, finding, prefix) };
}

function placeOf(document: SourceDocument, { path, part, blockLine }: Finding, prefix: SourcePath): SourcePlace {
  const whole = [...prefix, ...path];
  if (blockLine === undefined) return document.place(whole, part ?? 'value');
  return document.placeInBlock(whole, blockLine, 0, Number.POSITIVE_INFINITY);
}
