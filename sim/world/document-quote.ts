const LONGEST = 60;

/** A user's word as a message shows it: in double quotes, cut short where it is very long. */
export function quoted(word: string): string {
  return `"${word.length > LONGEST ? `${word.slice(0, LONGEST)}…` : word}"`;
}
