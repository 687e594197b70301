/** Where in a user's file a problem lies; lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret line marks, at least 1. */
  readonly length: number;
  /** The source line itself. */
  readonly text: string;
}

/**
 * What a user can cause and must be told: an error value, never thrown inside the simulator. `code` is stable and is
 * what tests match.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint?: string;
  readonly place?: SourcePlace;
  /** Of a value that is given in code and stands in no file: what leads to it, such as `nodes.gw.routes[0]`. */
  readonly path?: string;
}

export type ProblemCode =
  | 'FILE_MISSING'
  | 'FILE_UNREADABLE'
  | 'YAML_SYNTAX'
  | 'YAML_ALIASES'
  | 'KEY_TWICE'
  | 'UNKNOWN_KEY'
  | 'BAD_VALUE'
  | 'MISSING_KEY'
  | 'UNKNOWN_NODE'
  | 'UNKNOWN_INTERFACE'
  | 'INTERFACE_TWICE'
  | 'ADDRESS_TWICE'
  | 'GATEWAY_OUTSIDE'
  | 'SUBNET_OVERLAP'
  | 'NAME_TWICE'
  | 'COMMAND'
  | 'FILTER'
  | 'CAPTURE'
  | 'REPORT';
