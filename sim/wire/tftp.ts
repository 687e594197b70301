import { put16, u16 } from './bytes.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Trivial File Transfer Protocol, revision 2 (RFC 1350). */
export const TFTP_PORT = 69;
/** Bytes of data in a block; a shorter one is the last. */
export const TFTP_BLOCK = 512;

export const TFTP_RRQ = 1;
export const TFTP_WRQ = 2;
const DATA = 3;
const ACK = 4;
const ERROR = 5;

/** Error codes of RFC 1350, appendix. */
export const TFTP_NOT_FOUND = 1;
export const TFTP_DISK_FULL = 3;
export const TFTP_ILLEGAL = 4;
export const TFTP_UNKNOWN_TID = 5;
export const TFTP_EXISTS = 6;

export interface TftpRequest {
  readonly kind: 'request';
  readonly opcode: typeof TFTP_RRQ | typeof TFTP_WRQ;
  readonly name: string;
  /** In lower case. */
  readonly mode: string;
}

export type TftpMessage =
  | TftpRequest
  | { readonly kind: 'data'; readonly block: number; readonly data: Uint8Array }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly text: string };

/** Reads a datagram; undefined when it is no TFTP message. Options after the mode (RFC 2347) are left unread. */
export function parseTftp(bytes: Uint8Array): TftpMessage | undefined {
  if (bytes.length < 4) return undefined;
  const opcode = u16(bytes, 0);
  if (opcode === TFTP_RRQ || opcode === TFTP_WRQ) return parseRequest(bytes, opcode);
  if (opcode === DATA) {
    if (bytes.length > 4 + TFTP_BLOCK) return undefined;
    return { kind: 'data', block: u16(bytes, 2), data: bytes.slice(4) };
  }
  if (opcode === ACK) return { kind: 'ack', block: u16(bytes, 2) };
  if (opcode !== ERROR) return undefined;
  // Some senders leave out the NUL at the end.
  const end = bytes.indexOf(0, 4);
  return { kind: 'error', code: u16(bytes, 2), text: decodeUtf8(bytes.slice(4, end < 0 ? bytes.length : end)) };
}

function parseRequest(bytes: Uint8Array, opcode: TftpRequest['opcode']): TftpRequest | undefined {
  const nameEnd = bytes.indexOf(0, 2);
  const modeEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1);
  if (nameEnd <= 2 || modeEnd < 0) return undefined;
  const name = decodeUtf8(bytes.slice(2, nameEnd));
  return { kind: 'request', opcode, name, mode: decodeUtf8(bytes.slice(nameEnd + 1, modeEnd)).toLowerCase() };
}

export function tftpRequest(opcode: TftpRequest['opcode'], name: string, mode: string): Uint8Array {
  return Uint8Array.from([0, opcode, ...encodeUtf8(name), 0, ...encodeUtf8(mode), 0]);
}

export function tftpData(block: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  put16(bytes, 0, DATA);
  put16(bytes, 2, block);
  bytes.set(data, 4);
  return bytes;
}

export function tftpAck(block: number): Uint8Array {
  const bytes = new Uint8Array(4);
  put16(bytes, 0, ACK);
  put16(bytes, 2, block);
  return bytes;
}

export function tftpError(code: number, text: string): Uint8Array {
  return Uint8Array.from([0, ERROR, code >> 8, code & 0xff, ...encodeUtf8(text), 0]);
}
