import type { Difference } from './compare/difference.ts';

/**
 * By what a disagreement is known again in a smaller scenario, where steps, times and numbers are others: its kind with
 * the field or the sentence, and of counters each name.
 */
export function signsOf(differences: readonly Difference[]): Set<string> {
  return new Set(differences.flatMap(signs));
}

function signs({ kind, field, sentence }: Difference): string[] {
  if (kind === 'counter') return [...sentence.matchAll(/[A-Z]\w+(?= \d)/g)].map(([name]) => `${kind} ${name}`);
  return [`${kind} ${field === '' || kind === 'step' ? sentence.replaceAll(/\d[\d.]*/g, '#') : field}`];
}

/** Whether two disagreements have a sign in common. */
export function isAlike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((sign) => other.has(sign));
}
