/** Why a text is no filter expression. */
export interface FilterFault {
  readonly message: string;
  /** Where the offending word begins, from 0; the end of the text where something is missing. */
  readonly at: number;
  /** Its length, at least 1. */
  readonly length: number;
  readonly hint?: string;
}
