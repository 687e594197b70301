/** A frame of a capture file. */
export interface ReadFrame {
  /** Nanoseconds since 1970; of a frame without a time that of the frame before it. */
  readonly time: bigint;
  /** LINKTYPE_ of tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** What was captured: a view into the file. */
  readonly bytes: Uint8Array;
  /** Bytes that it had on the wire. */
  readonly wireLength: number;
}

/** Why a file cannot be read further. */
export interface CaptureFault {
  readonly message: string;
  /** Byte of the file, from 0. */
  readonly offset: number;
}

/** The frames of a file, one after the other; at the end the fault that ended it, undefined for none. */
export type Frames = Generator<ReadFrame, CaptureFault | undefined>;

/** No frame is longer: four times tcpdump's MAXIMUM_SNAPLEN. More is a damaged length. */
export const LONGEST_FRAME = 1_048_576;
