import { put8, put16, put32, u8, u16, u32 } from './bytes.ts';
import { TCP_LENGTH, TcpHeader } from './tcp.ts';

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMP = 8;

/** Largest window scale (RFC 7323 2.3); a larger one counts as this. */
const MOST_WINDOW_SCALE = 14;

/** A run of bytes that arrived out of order: from `start` up to, not including, `end` (RFC 2018). */
export interface SackBlock {
  readonly start: number;
  readonly end: number;
}

/** The options of one segment; absent ones are undefined or empty. */
export interface TcpOptions {
  mss: number | undefined;
  windowScale: number | undefined;
  sackPermitted: boolean;
  timestamp: { readonly value: number; readonly echo: number } | undefined;
  sack: readonly SackBlock[];
}

/**
 * Reads the options behind the header at `offset`, whose length was checked. As net/ipv4/tcp_input.c
 * tcp_parse_options() does, an option of impossible length ends the reading and keeps what came before; options that
 * only a SYN may carry are not looked at in other segments.
 */
export function readTcpOptions(bytes: Uint8Array, offset: number): TcpOptions {
  const header = new TcpHeader(bytes, offset);
  const end = offset + header.headerLength;
  const { syn } = header;
  const options: TcpOptions = {
    mss: undefined,
    windowScale: undefined,
    sackPermitted: false,
    timestamp: undefined,
    sack: [],
  };
  let at = offset + TCP_LENGTH;
  while (at < end) {
    const kind = u8(bytes, at);
    if (kind === END) break;
    if (kind === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? u8(bytes, at + 1) : 0;
    if (length < 2 || at + length > end) break;
    readOption(options, bytes, at, kind, length, syn);
    at += length;
  }
  return options;
}

function readOption(
  options: TcpOptions,
  bytes: Uint8Array,
  at: number,
  kind: number,
  length: number,
  syn: boolean,
): void {
  if (kind === MSS && length === 4 && syn) {
    const mss = u16(bytes, at + 2);
    if (mss !== 0) options.mss = mss;
  } else if (kind === WINDOW_SCALE && length === 3 && syn) {
    options.windowScale = Math.min(u8(bytes, at + 2), MOST_WINDOW_SCALE);
  } else if (kind === SACK_PERMITTED && length === 2 && syn) {
    options.sackPermitted = true;
  } else if (kind === TIMESTAMP && length === 10) {
    options.timestamp = { value: u32(bytes, at + 2), echo: u32(bytes, at + 6) };
  } else if (kind === SACK && length >= 10 && (length - 2) % 8 === 0 && !syn) {
    const blocks: SackBlock[] = [];
    for (let block = at + 2; block < at + length; block += 8) {
      blocks.push({ start: u32(bytes, block), end: u32(bytes, block + 4) });
    }
    options.sack = blocks;
  }
}

/**
 * Writes options at `at` in the order and with the padding of net/ipv4/tcp_output.c tcp_options_write(): MSS; SACK
 * permitted with the timestamp, or either alone behind NOPs; window scale; SACK blocks. Gives their length, a multiple
 * of four. SACK blocks that do not fit are left out by the caller.
 */
export function writeTcpOptions(bytes: Uint8Array, at: number, options: TcpOptions): number {
  let next = at;
  if (options.mss !== undefined) {
    put8(bytes, next, MSS);
    put8(bytes, next + 1, 4);
    put16(bytes, next + 2, options.mss);
    next += 4;
  }
  if (options.timestamp !== undefined) {
    put8(bytes, next, options.sackPermitted ? SACK_PERMITTED : NOP);
    put8(bytes, next + 1, options.sackPermitted ? 2 : NOP);
    put8(bytes, next + 2, TIMESTAMP);
    put8(bytes, next + 3, 10);
    put32(bytes, next + 4, options.timestamp.value);
    put32(bytes, next + 8, options.timestamp.echo);
    next += 12;
  } else if (options.sackPermitted) {
    next = pad(bytes, next);
    put8(bytes, next, SACK_PERMITTED);
    put8(bytes, next + 1, 2);
    next += 2;
  }
  if (options.windowScale !== undefined) {
    put8(bytes, next, NOP);
    put8(bytes, next + 1, WINDOW_SCALE);
    put8(bytes, next + 2, 3);
    put8(bytes, next + 3, options.windowScale);
    next += 4;
  }
  if (options.sack.length > 0) next = writeSack(bytes, next, options.sack);
  return next - at;
}

function writeSack(bytes: Uint8Array, at: number, blocks: readonly SackBlock[]): number {
  let next = pad(bytes, at);
  put8(bytes, next, SACK);
  put8(bytes, next + 1, 2 + 8 * blocks.length);
  next += 2;
  for (const { start, end } of blocks) {
    put32(bytes, next, start);
    put32(bytes, next + 4, end);
    next += 8;
  }
  return next;
}

/** Two NOPs, so that what follows ends on a multiple of four. */
function pad(bytes: Uint8Array, at: number): number {
  put8(bytes, at, NOP);
  put8(bytes, at + 1, NOP);
  return at + 2;
}

/** Bytes that writeTcpOptions() will write. */
export function tcpOptionsLength(options: TcpOptions): number {
  let length = 0;
  if (options.mss !== undefined) length += 4;
  if (options.timestamp !== undefined) length += 12;
  else if (options.sackPermitted) length += 4;
  if (options.windowScale !== undefined) length += 4;
  if (options.sack.length > 0) length += 4 + 8 * options.sack.length;
  return length;
}
