import type { SimTime } from '../core/time.ts';
import type { Mac } from '../wire/mac.ts';

/** What a frame begins with: an Ethernet header, or the IP header itself. */
export type CaptureLinkType = 'ether' | 'raw';

/** Values of the link type field (tcpdump.org/linktypes.html): LINKTYPE_ETHERNET and LINKTYPE_RAW. */
export const LINKTYPES: { readonly [type in CaptureLinkType]: number } = { ether: 1, raw: 101 };

/** tcpdump's MAXIMUM_SNAPLEN, in bytes. Frames are captured whole; 0 for "no limit" is refused by older libpcap. */
export const SNAPLEN = 262144;

/** A device that is listened on. */
export interface CapturePoint {
  /** Unique in a run; what Wireshark calls the interface name: `device-a/comware:eth1`. */
  readonly name: string;
  /** One line for people: `GE1/0/1, 10.1.1.1/24`; '' for none. */
  readonly description: string;
  /** Undefined where the device has no link address. */
  readonly mac: Mac | undefined;
  readonly linkType: CaptureLinkType;
}

/** A frame as it passed a capture point. */
export interface CapturedFrame {
  /** Orders frames of the same moment; counts all frames of the run, over all points. */
  readonly serial: number;
  readonly time: SimTime;
  /** As the device sees it: `in` is received. */
  readonly direction: 'in' | 'out';
  /** The packet's number: the same at every point that the packet passes. */
  readonly packet: number;
  /** From the link header (or the IP header) on; nobody writes to it again. */
  readonly bytes: Uint8Array;
  /** What was decided about the packet here; undefined or '' for nothing to say. */
  readonly comment?: string | undefined;
}

/** A list of frames, or what makes their records as often as they are read: millions of them are not there at once then. */
export interface CapturedFrames extends Iterable<CapturedFrame> {
  readonly length: number;
}

/** What was heard at one point, in any order. */
export interface Capture {
  readonly point: CapturePoint;
  readonly frames: CapturedFrames;
}

/** Sorts by time, and by serial where times are equal. */
export function byCaptureOrder(a: CapturedFrame, b: CapturedFrame): number {
  return a.time - b.time || a.serial - b.serial;
}

/** The same frames sorted so: as they are where that is their order already, as a run has them. */
export function inCaptureOrder(frames: CapturedFrames): CapturedFrames {
  let last: CapturedFrame | undefined;
  for (const frame of frames) {
    if (last !== undefined && byCaptureOrder(last, frame) > 0) return [...frames].sort(byCaptureOrder);
    last = frame;
  }
  return frames;
}
