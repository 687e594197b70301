import type { SimTime } from '../core/time.ts';

/** Which limit a run has come to. */
export type HaltReason = 'storm' | 'events' | 'time' | 'captures' | 'memory';

/** Why a run was ended before its time, as plain data. */
export interface Halt {
  readonly reason: HaltReason;
  readonly at: SimTime;
  /** Events that had run by then. */
  readonly events: number;
  /** What was reached: a number of events, bytes or transmissions, or a time; of memory a sentence. */
  readonly limit: number | string;
  /** The frame that went round, or the last that was sent. */
  readonly frame: HaltedFrame | undefined;
  /** Of a storm: the devices that send the frame, one after the other; the first follows the last. */
  readonly loop: readonly string[];
  /** The devices that sent most of it, or most of all that was sent at last; with their share of it, in percent. */
  readonly busiest: readonly { readonly device: string; readonly percent: number }[];
}

export interface HaltedFrame {
  /** The packet that all its copies were made from. */
  readonly packet: number;
  /** How often it and its copies were sent. */
  readonly transmissions: number;
  /** The device that sent it last. */
  readonly device: string;
  readonly bytes: Uint8Array;
  readonly linkType: 'ether' | 'raw';
}
