import type { Place } from './place.ts';

/** What a packet shares with all its copies, and with the pieces it is cut into: how often devices have sent any of them. */
export class Copies {
  /** Number of the packet that they were made from. */
  readonly root: number;
  transmissions: number;

  constructor(root: number, transmissions: number) {
    this.root = root;
    this.transmissions = transmissions;
  }
}

/** A packet at the moment at which a device sends it; `head` is at the link header. */
export interface SentPacket {
  readonly number: number;
  readonly parent: number;
  readonly transmissions: number;
  readonly copies: Copies | undefined;
  /** What one transmission counts, at most 1. */
  readonly share: number;
  readonly bytes: Uint8Array;
  readonly head: number;
  readonly tail: number;
}

/** The device that sends it. */
export interface Sender {
  readonly name: string;
  readonly kind: string;
  readonly where: Place;
  readonly headerLength: number;
}

/** Whoever looks out for packets that are sent over and over. */
export interface TransmissionWatch {
  sent(packet: SentPacket, device: Sender): void;
}
