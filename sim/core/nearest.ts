/**
 * The candidate that `word` was most likely meant to be, undefined when none is close: a third of the letters may be
 * wrong, three at most. Case and the choice between `-`, `_` and a space do not count. Of equals the first wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = folded(word);
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates) {
    const other = folded(candidate);
    // Where every letter may differ, anything would be close.
    if (Math.min(wanted.length, other.length) < 2 && wanted !== other) continue;
    if (Math.abs(wanted.length - other.length) >= bestDistance) continue;
    const distance = editDistance(wanted, other);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

function folded(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/** Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions, swapped neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}
