import { type CaptureFault, type Frames, LONGEST_FRAME, type ReadFrame } from './read-frame.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;
/** Interfaces of a section: no machine has more, a damaged or hostile file may. */
const MOST_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snaplen: number;
  /** Counts in a second. */
  readonly resolution: bigint;
  /** Seconds that are added. */
  readonly offset: bigint;
}

/** What is known while a file is read; a section header begins it anew. */
interface Section {
  littleEndian: boolean;
  readonly interfaces: Interface[];
  /** Of the last frame. */
  time: bigint;
}

/** A block without its type and lengths; `start` is where its body begins. */
interface Block {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/**
 * A pcapng file (draft-ietf-opsawg-pcapng) in either byte order, with any number of sections and interfaces. Blocks and
 * options that are not about frames are skipped.
 */
export function* readPcapng(file: Uint8Array): Frames {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const section: Section = { littleEndian: true, interfaces: [], time: 0n };
  for (let at = 0; at < file.length; ) {
    const block = blockAt(view, at, section);
    if ('message' in block) return block;
    const read = readBlock(view, block, section);
    if (read !== undefined && 'message' in read) return read;
    if (read !== undefined) {
      section.time = read.time;
      yield read;
    }
    at = block.end + 4;
  }
  return undefined;
}

/** Sections 3.1 and 4.1: both lengths of a block agree, and a section header says how its numbers are written. */
function blockAt(view: DataView, at: number, section: Section): Block | CaptureFault {
  const left = view.byteLength - at;
  if (left < 12) return { message: `the file is cut off inside a block: ${left} bytes are left`, offset: at };
  const isHeader = view.getUint32(at, true) === SECTION_HEADER;
  if (isHeader) {
    const magic = view.getUint32(at + 8, true);
    section.littleEndian = magic === BYTE_ORDER_MAGIC;
    if (!section.littleEndian && view.getUint32(at + 8, false) !== BYTE_ORDER_MAGIC) {
      return { message: 'the byte order of a section is neither big nor little endian', offset: at + 8 };
    }
    section.interfaces.length = 0;
  }
  const { littleEndian } = section;
  const length = view.getUint32(at + 4, littleEndian);
  if (length < (isHeader ? 28 : 12) || length % 4 !== 0) {
    return { message: `a block of ${length} bytes: the file is damaged`, offset: at + 4 };
  }
  if (length > left) {
    return { message: `the file is cut off inside a block: ${left} of its ${length} bytes are there`, offset: at };
  }
  const end = at + length - 4;
  const again = view.getUint32(end, littleEndian);
  if (again !== length)
    return { message: `a block of ${length} bytes says at its end that it has ${again}`, offset: end };
  return { type: view.getUint32(at, littleEndian), start: at + 8, end };
}

function readBlock(view: DataView, block: Block, section: Section): ReadFrame | CaptureFault | undefined {
  switch (block.type) {
    case INTERFACE_DESCRIPTION:
      return describe(view, block, section);
    case ENHANCED_PACKET:
    case PACKET:
      return framed(view, block, section);
    case SIMPLE_PACKET:
      return simple(view, block, section);
    default:
      return undefined;
  }
}

/** Section 4.2. */
function describe(view: DataView, { start, end }: Block, section: Section): CaptureFault | undefined {
  const { littleEndian } = section;
  if (end - start < 8) return { message: 'the description of an interface is too short', offset: start };
  if (section.interfaces.length === MOST_INTERFACES) {
    return { message: `more than ${MOST_INTERFACES} interfaces: the file is damaged`, offset: start };
  }
  let resolution = 1_000_000n;
  let offset = 0n;
  for (let at = start + 8; at + 4 <= end; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0) break;
    if (at + 4 + length > end) return { message: 'an option of an interface reaches beyond its block', offset: at };
    if (code === OPTION_RESOLUTION && length >= 1) resolution = resolutionOf(view.getUint8(at + 4));
    if (code === OPTION_OFFSET && length >= 8) offset = view.getBigInt64(at + 4, littleEndian);
    at += 4 + length + (-length & 3);
  }
  const linkType = view.getUint16(start, littleEndian);
  section.interfaces.push({ linkType, snaplen: view.getUint32(start + 4, littleEndian), resolution, offset });
  return undefined;
}

/** if_tsresol: a negative power of ten, with the highest bit of two. */
function resolutionOf(value: number): bigint {
  return (value & 0x80) === 0 ? 10n ** BigInt(value) : 2n ** BigInt(value & 0x7f);
}

/** Sections 4.3 and A.1: the enhanced packet block, and the packet block that it replaced. */
function framed(view: DataView, { type, start, end }: Block, section: Section): ReadFrame | CaptureFault {
  const { littleEndian, interfaces } = section;
  const data = start + 20;
  if (end < data) return { message: 'a block with a frame is too short for one', offset: start };
  const id = type === PACKET ? view.getUint16(start, littleEndian) : view.getUint32(start, littleEndian);
  const from = interfaces[id];
  if (from === undefined) return { message: `a frame of interface ${id}, which was not described`, offset: start };
  const high = BigInt(view.getUint32(start + 4, littleEndian));
  const count = (high << 32n) | BigInt(view.getUint32(start + 8, littleEndian));
  const length = view.getUint32(start + 12, littleEndian);
  const wireLength = view.getUint32(start + 16, littleEndian);
  const bytes = piece(view, data, length, end);
  if ('message' in bytes) return bytes;
  const time = (count * 1_000_000_000n) / from.resolution + from.offset * 1_000_000_000n;
  return { time, linkType: from.linkType, bytes, wireLength };
}

/** Section 4.4: of the first interface, without a time, as long as its snaplen allows. */
function simple(view: DataView, { start, end }: Block, section: Section): ReadFrame | CaptureFault {
  const [from] = section.interfaces;
  if (from === undefined) return { message: 'a frame before any interface was described', offset: start };
  if (end - start < 4) return { message: 'a block with a frame is too short for one', offset: start };
  const wireLength = view.getUint32(start, section.littleEndian);
  const length = Math.min(wireLength, from.snaplen === 0 ? wireLength : from.snaplen);
  const bytes = piece(view, start + 4, length, end);
  return 'message' in bytes ? bytes : { time: section.time, linkType: from.linkType, bytes, wireLength };
}

function piece(view: DataView, start: number, length: number, end: number): Uint8Array | CaptureFault {
  if (length > LONGEST_FRAME || start + length > end) {
    return { message: `a frame of ${length} bytes in a block with ${Math.max(0, end - start)}`, offset: start };
  }
  return new Uint8Array(view.buffer, view.byteOffset + start, length);
}
