/** Exit codes of the command line. */
export const EXIT = {
  passed: 0,
  /** An expectation failed. */
  failed: 1,
  usage: 2,
  /** A file is invalid. */
  invalid: 4,
  /** A bug in the simulator. */
  internal: 5,
  interrupted: 130,
} as const;
