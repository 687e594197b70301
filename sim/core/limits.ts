import { END_OF_TIME, type SimTime } from './time.ts';

/** How far a run may go before it is taken for one that never ends. */
export interface Limits {
  /** Events from the beginning of the world. */
  readonly events: number;
  /** Simulated time: nothing that is due later happens. */
  readonly time: SimTime;
  /** Bytes of frames that are kept for captures. */
  readonly captureBytes: number;
  /** Transmissions of one frame and its copies, from which on it is looked whether they go round. */
  readonly transmissions: number;
  /** Asked now and then: what there is too little of to go on, in words; undefined while there is enough. */
  readonly memory?: () => string | undefined;
}

/** What has never been reached by a run that ends. Memory is for whoever can measure it. */
export const DEFAULT_LIMITS: Limits = {
  events: 100_000_000,
  time: END_OF_TIME,
  captureBytes: 1_000_000_000,
  transmissions: 1_000,
};
