/** What a matcher says, as Vitest and Jest take it; `message` is for a failure, with `.not` when it passed. */
export interface MatchResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** `what` begins the sentence, `said` is the matcher's claim: "expected WHAT to CLAIM", and then what did happen. */
export function verdictOn(what: string, claim: string, pass: boolean, happened: () => string): MatchResult {
  return { pass, message: () => `expected ${what} ${pass ? 'not ' : ''}${claim}\n\n${happened()}` };
}
