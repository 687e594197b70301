import { bug } from '../core/assert.ts';
import { putMac } from '../wire/mac.ts';
import { cutToUtf8Length } from '../wire/utf8.ts';
import { type Capture, type CapturedFrame, type CapturePoint, LINKTYPES, SNAPLEN } from './captured-frame.ts';
import { LittleEndianWriter } from './little-endian-writer.ts';
import { merged } from './merged.ts';

/*
 * pcapng (draft-ietf-opsawg-pcapng). Times count from the beginning of the simulation, so readers show them as
 * seconds after 1970-01-01 00:00 UTC: nothing of the machine, its clock included, is in a file.
 */

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const OPT_ENDOFOPT = 0;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_MACADDR = 6;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const EPB_PACKETID = 5;

/** if_tsresol: units of 10^-9 s. */
const NANOSECONDS = 9;
/** epb_flags bits 0-1; reception type, FCS length and link errors stay 0, "not available". */
const INBOUND = 1;
const OUTBOUND = 2;
const LONGEST_OPTION = 0xffff;
const OPTION_HEADER = 4;
/** An enhanced packet block without its data and comment: header, flags, packet number, end of options, length again. */
const ENHANCED_PACKET = 28 + 8 + 12 + 4 + 4;

/** One file with all `captures`, each an interface of it, frames merged in the order they were captured. */
export function writePcapng(captures: readonly Capture[]): Uint8Array {
  const head = new LittleEndianWriter();
  sectionHeader(head);
  for (const capture of captures) interfaceDescription(head, capture.point);
  const writer = new LittleEndianWriter(head.length + lengthOf(captures));
  writer.octets(head.finish());
  for (const { frame, source } of merged(captures.map(({ frames }) => frames))) enhancedPacket(writer, frame, source);
  return writer.finish();
}

/** Of the frames as they are written, if their comments are ASCII, which they mostly are. */
function lengthOf(captures: readonly Capture[]): number {
  let length = 0;
  for (const { frames } of captures) {
    for (const { bytes, comment = '' } of frames) {
      const option = comment === '' ? 0 : OPTION_HEADER + aligned(Math.min(comment.length, LONGEST_OPTION));
      length += ENHANCED_PACKET + aligned(bytes.length) + option;
    }
  }
  return length;
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Section 4.1. */
function sectionHeader(writer: LittleEndianWriter): void {
  block(writer, SECTION_HEADER_BLOCK, () => {
    writer.u32(BYTE_ORDER_MAGIC);
    writer.u16(1);
    writer.u16(0);
    // Section length -1, not specified: blocks may be appended, and it is the value every reader is used to.
    writer.u32(0xffffffff);
    writer.u32(0xffffffff);
    textOption(writer, SHB_USERAPPL, 'cutaway');
    endOfOptions(writer);
  });
}

/** Section 4.2. */
function interfaceDescription(writer: LittleEndianWriter, point: CapturePoint): void {
  block(writer, INTERFACE_DESCRIPTION_BLOCK, () => {
    writer.u16(LINKTYPES[point.linkType]);
    writer.u16(0);
    writer.u32(SNAPLEN);
    textOption(writer, IF_NAME, point.name);
    textOption(writer, IF_DESCRIPTION, point.description);
    if (point.mac !== undefined) {
      const mac = new Uint8Array(6);
      putMac(mac, 0, point.mac);
      option(writer, IF_MACADDR, mac);
    }
    option(writer, IF_TSRESOL, Uint8Array.of(NANOSECONDS));
    endOfOptions(writer);
  });
}

/** Section 4.3. */
function enhancedPacket(writer: LittleEndianWriter, frame: CapturedFrame, interfaceId: number): void {
  const { bytes, time } = frame;
  if (bytes.length > SNAPLEN) bug(`packet ${frame.packet}: a frame of ${bytes.length} bytes in a capture`);
  const start = beginBlock(writer, ENHANCED_PACKET_BLOCK);
  writer.u32(interfaceId);
  // The one 64-bit value of the format that has its high half first in either byte order.
  writer.u32(Math.floor(time / 2 ** 32));
  writer.u32(time % 2 ** 32);
  writer.u32(bytes.length);
  writer.u32(bytes.length);
  writer.octets(bytes);
  writer.align32();
  textOption(writer, OPT_COMMENT, frame.comment ?? '');
  optionHeader(writer, EPB_FLAGS, 4);
  writer.u32(frame.direction === 'in' ? INBOUND : OUTBOUND);
  optionHeader(writer, EPB_PACKETID, 8);
  writer.u64(frame.packet);
  endOfOptions(writer);
  endBlock(writer, start);
}

/** A block has its total length at both ends, so that a file can be read backwards (section 3.1). */
function block(writer: LittleEndianWriter, type: number, body: () => void): void {
  const start = beginBlock(writer, type);
  body();
  endBlock(writer, start);
}

function beginBlock(writer: LittleEndianWriter, type: number): number {
  const start = writer.length;
  writer.u32(type);
  writer.u32(0);
  return start;
}

function endBlock(writer: LittleEndianWriter, start: number): void {
  const length = writer.length + 4 - start;
  writer.u32(length);
  writer.patch32(start + 4, length);
}

/** Nothing for '': Wireshark takes an empty option for a damaged one. Longer than 65535 bytes is cut. */
function textOption(writer: LittleEndianWriter, code: number, text: string): void {
  if (text === '') return;
  optionHeader(writer, code, 0);
  const start = writer.length;
  writer.text(cutToUtf8Length(text, LONGEST_OPTION));
  writer.patch16(start - 2, writer.length - start);
  writer.align32();
}

/** Section 3.5. */
function option(writer: LittleEndianWriter, code: number, value: Uint8Array): void {
  optionHeader(writer, code, value.length);
  writer.octets(value);
  writer.align32();
}

function optionHeader(writer: LittleEndianWriter, code: number, length: number): void {
  writer.u16(code);
  writer.u16(length);
}

function endOfOptions(writer: LittleEndianWriter): void {
  optionHeader(writer, OPT_ENDOFOPT, 0);
}
