/** A running service; close() frees its port and ends what it has open, as the end of a process does. */
export interface Service {
  readonly name: string;
  /** Requests or connections so far. */
  readonly received: number;
  close(): void;
}
