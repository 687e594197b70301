import { expect } from 'vitest';

/*
 * Readers for both formats, written from the specifications alone and sharing nothing with the writers. They check
 * whatever a file must hold to: lengths at both ends, alignment, zero padding, the end of each option list.
 */

export interface ReadInterface {
  readonly linkType: number;
  readonly snaplen: number;
  readonly options: ReadOptions;
}

export interface ReadFrame {
  readonly interfaceId: number;
  readonly time: bigint;
  readonly bytes: number[];
  readonly options: ReadOptions;
}

export type ReadOptions = ReadonlyMap<number, DataView>;

export interface ReadPcapng {
  readonly section: ReadOptions;
  readonly interfaces: ReadInterface[];
  readonly frames: ReadFrame[];
}

export function readPcapng(file: Uint8Array): ReadPcapng {
  const interfaces: ReadInterface[] = [];
  const frames: ReadFrame[] = [];
  let section: ReadOptions | undefined;
  for (const { type, body } of blocks(file)) {
    if (type === 0x0a0d0d0a) {
      expect(section, 'one section').toBeUndefined();
      expect([body.getUint32(0, true), body.getUint16(4, true), body.getUint16(6, true)]).toEqual([0x1a2b3c4d, 1, 0]);
      expect(body.getBigInt64(8, true)).toBe(-1n);
      section = readOptions(body, 16);
    } else if (type === 1) {
      const options = readOptions(body, 8);
      interfaces.push({ linkType: body.getUint16(0, true), snaplen: body.getUint32(4, true), options });
    } else {
      expect(type).toBe(6);
      frames.push(readEnhancedPacket(body));
    }
  }
  if (section === undefined) throw new Error('no section header');
  return { section, interfaces, frames };
}

function* blocks(file: Uint8Array): Generator<{ type: number; body: DataView }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  while (at < view.byteLength) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4, `block at ${at}`).toBe(0);
    expect(view.getUint32(at + length - 4, true), `both lengths of the block at ${at}`).toBe(length);
    yield { type: view.getUint32(at, true), body: part(view, at + 8, length - 12) };
    at += length;
  }
  expect(at).toBe(view.byteLength);
}

function readEnhancedPacket(body: DataView): ReadFrame {
  const captured = body.getUint32(12, true);
  expect(body.getUint32(16, true)).toBe(captured);
  return {
    interfaceId: body.getUint32(0, true),
    time: (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true)),
    bytes: octets(part(body, 20, captured)),
    options: readOptions(body, 20 + padded(body, 20, captured)),
  };
}

function readOptions(body: DataView, from: number): ReadOptions {
  const options = new Map<number, DataView>();
  let at = from;
  for (;;) {
    const code = body.getUint16(at, true);
    const length = body.getUint16(at + 2, true);
    if (code === 0) {
      expect([length, at + 4], 'the end of options is the end of the block').toEqual([0, body.byteLength]);
      return options;
    }
    expect(options.has(code), `option ${code} twice`).toBe(false);
    options.set(code, part(body, at + 4, length));
    at += 4 + padded(body, at + 4, length);
  }
}

/** `length` up to the next multiple of four, after a look at the bytes in between. */
function padded(view: DataView, at: number, length: number): number {
  const whole = Math.ceil(length / 4) * 4;
  expect(octets(part(view, at + length, whole - length)).every((byte) => byte === 0)).toBe(true);
  return whole;
}

export interface ReadPcap {
  readonly linkType: number;
  readonly snaplen: number;
  readonly frames: { readonly time: bigint; readonly bytes: number[] }[];
}

export function readPcap(file: Uint8Array): ReadPcap {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect(view.getUint32(0, true)).toBe(0xa1b23c4d);
  expect([view.getUint16(4, true), view.getUint16(6, true)]).toEqual([2, 4]);
  const frames = [];
  let at = 24;
  while (at < view.byteLength) {
    const nanoseconds = view.getUint32(at + 4, true);
    const length = view.getUint32(at + 8, true);
    expect(nanoseconds).toBeLessThan(1e9);
    expect(view.getUint32(at + 12, true)).toBe(length);
    const time = BigInt(view.getUint32(at, true)) * 1_000_000_000n + BigInt(nanoseconds);
    frames.push({ time, bytes: octets(part(view, at + 16, length)) });
    at += 16 + length;
  }
  expect(at).toBe(view.byteLength);
  return { linkType: view.getUint32(20, true), snaplen: view.getUint32(16, true), frames };
}

export function text(option: DataView | undefined): string | undefined {
  return option === undefined ? undefined : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(option);
}

export function octets(view: DataView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

function part(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length);
}
