import { bug } from '../core/assert.ts';
import {
  type CapturedFrame,
  type CapturedFrames,
  type CaptureLinkType,
  type CapturePoint,
  inCaptureOrder,
  LINKTYPES,
  SNAPLEN,
} from './captured-frame.ts';
import { LittleEndianWriter } from './little-endian-writer.ts';

/** The magic of files whose second time field counts nanoseconds (libpcap 1.5 and later, tcpdump, Wireshark). */
const NANOSECOND_MAGIC = 0xa1b23c4d;

/** Bytes before those of each frame. */
export const RECORD_HEADER = 16;

/**
 * The format before pcapng (draft-ietf-opsawg-pcap): one link type a file, and only times and bytes. Names, directions,
 * packet numbers and comments are lost. Times count from the beginning of the simulation.
 */
export function writePcap(point: CapturePoint, frames: CapturedFrames): Uint8Array {
  const header = pcapHeader(point.linkType);
  let length = header.length;
  for (const { bytes } of frames) length += RECORD_HEADER + bytes.length;
  const writer = new LittleEndianWriter(length);
  writer.octets(header);
  for (const frame of inCaptureOrder(frames)) packetRecord(writer, frame);
  return writer.finish();
}

/** What a file begins with. */
export function pcapHeader(linkType: CaptureLinkType): Uint8Array {
  const writer = new LittleEndianWriter();
  writer.u32(NANOSECOND_MAGIC);
  writer.u16(2);
  writer.u16(4);
  // Once the time zone and the accuracy of timestamps; readers ignore both.
  writer.u32(0);
  writer.u32(0);
  writer.u32(SNAPLEN);
  writer.u32(LINKTYPES[linkType]);
  return writer.finish();
}

function packetRecord(writer: LittleEndianWriter, frame: CapturedFrame): void {
  const { bytes, time } = frame;
  if (bytes.length > SNAPLEN) bug(`packet ${frame.packet}: a frame of ${bytes.length} bytes in a capture`);
  writer.u32(Math.floor(time / 1e9));
  writer.u32(time % 1e9);
  writer.u32(bytes.length);
  writer.u32(bytes.length);
  writer.octets(bytes);
}
