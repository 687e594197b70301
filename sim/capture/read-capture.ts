import type { CaptureFault, Frames } from './read-frame.ts';
import { readPcap } from './read-pcap.ts';
import { readPcapng } from './read-pcapng.ts';

/** Beginnings of files that are sometimes taken for captures. */
const FOREIGN: readonly (readonly [start: readonly number[], what: string])[] = [
  [[0x1f, 0x8b], 'compressed by gzip: unpack it first (gunzip)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed by zstd: unpack it first (unzstd)'],
  [[0x04, 0x22, 0x4d, 0x18], 'compressed by lz4: unpack it first (unlz4)'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed by xz: unpack it first (unxz)'],
  [[0x42, 0x5a, 0x68], 'compressed by bzip2: unpack it first (bunzip2)'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive: unpack it first'],
  [[0x73, 0x6e, 0x6f, 0x6f, 0x70], 'a snoop capture of Solaris: editcap -F pcapng converts it'],
  [[0x58, 0x43, 0x50], 'a capture of the NetXRay family: editcap -F pcapng converts it'],
  [[0xa1, 0xb2, 0xcd, 0x34], 'a pcap with modified records: editcap -F pcapng converts it'],
  [[0x34, 0xcd, 0xb2, 0xa1], 'a pcap with modified records: editcap -F pcapng converts it'],
];

/** The frames of a pcap or pcapng file, whichever it is, one at a time. */
export function readCapture(file: Uint8Array): Frames {
  const magic = [...file.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  switch (magic) {
    case 'a1b2c3d4':
      return readPcap(file, false, 1000n);
    case 'd4c3b2a1':
      return readPcap(file, true, 1000n);
    case 'a1b23c4d':
      return readPcap(file, false, 1n);
    case '4d3cb2a1':
      return readPcap(file, true, 1n);
    case '0a0d0d0a':
      return readPcapng(file);
    default:
      return foreign(file);
  }
}

// biome-ignore lint/correctness/useYield: a file of another kind has no frames
function* foreign(file: Uint8Array): Frames {
  return faultOf(file);
}

function faultOf(file: Uint8Array): CaptureFault {
  if (file.length === 0) return { message: 'the file is empty', offset: 0 };
  const known = FOREIGN.find(([start]) => start.every((byte, index) => file[index] === byte));
  if (known !== undefined) return { message: `this is ${known[1]}`, offset: 0 };
  const what = isText(file) ? 'text' : 'no capture: its first four bytes are those of neither pcap nor pcapng';
  return { message: `this is ${what}`, offset: 0 };
}

/** Of the beginning: printable, or blank. */
function isText(file: Uint8Array): boolean {
  return file.subarray(0, 512).every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
}
