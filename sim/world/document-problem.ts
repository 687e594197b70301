import type { Problem } from '../core/problem.ts';
import type { CheckedDocument, SourcePath } from './checked-document.ts';
import { byPlace } from './document-order.ts';
import type { Finding } from './finding.ts';

/**
 * Findings as problems of `document`: ordered as the file reads, the same thing said only once. `prefix` is where in
 * the document the paths of the findings begin.
 */
export function problemsOf(
  document: CheckedDocument,
  findings: readonly Finding[],
  prefix: SourcePath = [],
): Problem[] {
  const seen = new Set<string>();
  const problems = findings.map((finding) => problemOf(document, finding, prefix)).toSorted(byPlace);
  return problems.filter(({ code, message, place, path = '' }) => {
    const key = `${place?.line}:${place?.column}:${path}:${code}:${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function problemOf(document: CheckedDocument, finding: Finding, prefix: SourcePath): Problem {
  const { code, message, hint } = finding;
  return { code, message, ...(hint === undefined ? {} : { hint }), ...document.locate(finding, prefix) };
}
