/** Characters that mean themselves to a shell wherever they stand. */
const PLAIN = /^[A-Za-z0-9_./:=,@%+-]+$/;

/** A word as bash and sh read it back, whatever it holds; NUL cannot be in one. */
export function shellQuote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command as a line of shell. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}
