import { type Frames, LONGEST_FRAME } from './read-frame.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/**
 * A classic pcap (draft-ietf-opsawg-pcap) in either byte order. `unit` is how many nanoseconds the second half of a time
 * counts.
 */
export function* readPcap(file: Uint8Array, littleEndian: boolean, unit: bigint): Frames {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < FILE_HEADER) {
    return { message: `the file ends inside its header: ${file.length} bytes of ${FILE_HEADER}`, offset: file.length };
  }
  const [major, minor] = [view.getUint16(4, littleEndian), view.getUint16(6, littleEndian)];
  if (major !== 2 || minor < 3) return { message: `pcap of version ${major}.${minor}, and 2.4 is known`, offset: 4 };
  // The upper half says whether frames end in a check sum.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  for (let at = FILE_HEADER; at < file.length; ) {
    if (at + RECORD_HEADER > file.length) {
      return { message: 'the file is cut off inside the header of a frame', offset: at };
    }
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const length = view.getUint32(at + 8, littleEndian);
    const wireLength = view.getUint32(at + 12, littleEndian);
    if (length > LONGEST_FRAME) return { message: `a frame of ${length} bytes: the file is damaged`, offset: at + 8 };
    const start = at + RECORD_HEADER;
    if (start + length > file.length) {
      const there = file.length - start;
      return {
        message: `the file is cut off inside a frame: ${there} of its ${length} bytes are there`,
        offset: start,
      };
    }
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * unit;
    yield { time, linkType, bytes: file.subarray(start, start + length), wireLength };
    at = start + length;
  }
  return undefined;
}
