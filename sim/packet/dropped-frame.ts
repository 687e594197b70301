/** A packet's bytes as they were when it died. */
export interface DroppedFrame {
  /** From the link header, where it has one, else from the network header. A copy that nobody writes to. */
  readonly bytes: Uint8Array;
  /** Bytes of link header in front of the network header: 14, or 0 on raw IP and for what never met a device. */
  readonly linkLength: number;
}
