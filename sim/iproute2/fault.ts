/** Why a line is no command. Nothing of it was done. */
export interface CommandFault {
  readonly message: string;
  /** Where the offending word begins in the line, from 0; the end of the line where a word is missing. */
  readonly column: number;
  /** Its length, at least 1. */
  readonly length: number;
  /** What may have been meant. */
  readonly hint?: string;
}

/** Tells a fault from anything else a parser gives. */
export function isFault(value: object): value is CommandFault {
  return 'message' in value && 'column' in value;
}
