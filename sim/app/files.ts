import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Problem } from '../core/problem.ts';

/** Largest file that is read as YAML. */
const TEXT_LIMIT = 4 * 1024 * 1024;
const TOO_LONG_A_TEXT = 'larger than 4 MiB, this is no topology or scenario';

type ReadText = { readonly text: string } | { readonly problem: Problem };

/** What came out of pipes, by their names: it comes once, and is asked for by whoever wants to know what it is. */
const piped = new Map<string, ReadText>();

/** Reads a text file as UTF-8; the problem when it is missing, a folder, not readable, not text, or too large. */
export function readText(path: string): ReadText {
  const before = piped.get(path);
  if (before !== undefined) return before;
  try {
    const { bytes, isPipe } = readUpTo(path, TEXT_LIMIT);
    const read = bytes === undefined ? tooLarge(path, TOO_LONG_A_TEXT) : textOf(path, bytes);
    if (isPipe) piped.set(path, read);
    return read;
  } catch (error) {
    return { problem: unreadable(path, error) };
  }
}

function textOf(path: string, bytes: Buffer): ReadText {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) && !text.includes('\0') ? { text } : { problem: notText(path, text, bytes) };
}

function tooLarge(path: string, why: string, hint?: string): { readonly problem: Problem } {
  const message = `${path}: ${why}`;
  return { problem: { code: 'FILE_UNREADABLE', message, ...(hint === undefined ? {} : { hint }) } };
}

/** Largest capture that is read. */
const CAPTURE_LIMIT = 512 * 1024 * 1024;

/** Reads a whole file of bytes; the problem when it is missing, a folder, not readable, or too large. */
export function readBytes(path: string): { readonly bytes: Uint8Array } | { readonly problem: Problem } {
  try {
    const { bytes } = readUpTo(path, CAPTURE_LIMIT);
    return bytes === undefined ? tooLarge(path, 'larger than 512 MiB', 'editcap -c cuts it into pieces') : { bytes };
  } catch (error) {
    return { problem: unreadable(path, error) };
  }
}

/** All of a file, or no bytes where it has more than `limit`: of one that tells its size nothing is read then. */
function readUpTo(path: string, limit: number): { readonly bytes: Buffer | undefined; readonly isPipe: boolean } {
  const file = openSync(path, 'r');
  try {
    const status = fstatSync(file);
    if (status.size > limit) return { bytes: undefined, isPipe: false };
    const pieces: Buffer[] = [];
    for (let left = limit + 1; ; ) {
      // What tells no size, such as a pipe or a device, is read until it ends.
      const piece = Buffer.allocUnsafe(Math.min(left, Math.max(status.size + 1, 65_536)));
      const count = readSync(file, piece);
      pieces.push(piece.subarray(0, count));
      left -= count;
      const bytes = left === 0 ? undefined : Buffer.concat(pieces);
      if (left === 0 || count === 0) return { bytes, isPipe: !status.isFile() };
    }
  } finally {
    closeSync(file);
  }
}

/** What the system says, in words. */
const SENTENCES: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of this path is no folder',
  ENAMETOOLONG: 'no file can have a name that long',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  EIO: 'the disk does not give it',
};

function unreadable(path: string, error: unknown): Problem {
  const code = errorCode(error);
  if (code === 'ENOENT') return { code: 'FILE_MISSING', message: `${path}: no such file` };
  return { code: 'FILE_UNREADABLE', message: `${path}: ${SENTENCES[code] ?? code}` };
}

/** Points at the first character that is no UTF-8: a binary file, or a letter as an old code page has it. */
function notText(file: string, lossy: string, bytes: Buffer): Problem {
  const before = lossy.slice(0, lossy.search(/[\0\ufffd]/)).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const text = lossy.split(/\r?\n/)[line - 1] ?? '';
  const place = { file, line, column, length: 1, text };
  const message = `this is not text in UTF-8${isUtf16(bytes) ? ', but in UTF-16' : ''}`;
  return { code: 'FILE_UNREADABLE', message, hint: 'save the file as UTF-8', place };
}

/** By its byte order mark, as Windows writes it. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** A file that cannot be written where somebody wants it: no fault of the program. */
export class CannotWrite extends Error {}

/**
 * Writes a file beside its place and renames it there, so that nobody sees half of it, and what a symbolic link there leads
 * to stays what it is; what is no file, such as a pipe, is written to. Makes folders as needed. A file that is `executable`
 * may be run.
 */
export function writeWhole(path: string, content: Uint8Array | string, executable = false): void {
  try {
    // What is open may be a socket, which cannot be opened again.
    if (isStream(path)) writeFileSync(OPEN.get(path) ?? path, content);
    else {
      makeFolder(dirname(path));
      replace(path, content, executable);
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CannotWrite(`${path}: ${sentenceOf(error)}`, { cause: error });
  }
}

const OPEN: ReadonlyMap<string, number> = new Map([
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
]);

/** Pipes, devices, and whatever the program has open already: /dev/stdout, /dev/fd/3. A file put there in their stead would be lost. */
function isStream(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  if (status.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR', syscall: 'open' });
  const link = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : '';
  return (
    !status.isFile() || /^\/(proc|dev\/fd)\//.test(link) || /^\/(proc|dev\/fd)\b/.test(realpathSync(dirname(path)))
  );
}

let written = 0;

function replace(path: string, content: Uint8Array | string, executable: boolean): void {
  // Of this process alone: another one may be writing the same file. Not to be followed where somebody has put a link there.
  const beside = join(dirname(path), `.cutaway-${process.pid}-${threadId}-${written++}${PARTIAL}`);
  try {
    writeFileSync(beside, content, { flag: 'wx', mode: executable ? 0o777 : 0o666 });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** How files end that are being written. */
const PARTIAL = '.partial';

/**
 * Makes a folder, and those it lies in. Node's own recursive way tries for ever where the system says ENOENT below a
 * folder that is there, as it does in /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it since.
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/**
 * Removes files with one of these endings from a folder, if it is there: what an earlier run wrote, or was writing when it was
 * ended.
 */
export function removeOld(folder: string, endings: readonly string[]): void {
  try {
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    for (const entry of entries) {
      const isOld = [...endings, PARTIAL].some((ending) => entry.name.endsWith(ending));
      if (isOld && !entry.isDirectory()) rmSync(join(folder, entry.name), { force: true });
    }
  } catch (error) {
    throw new CannotWrite(`${folder}: ${sentenceOf(error)}`, { cause: error });
  }
}

function sentenceOf(error: unknown): string {
  const code = errorCode(error);
  return WRITING[code] ?? SENTENCES[code] ?? (error instanceof Error ? error.message : code);
}

const WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'a part of this path is missing and cannot be made',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'no file may be that large there',
  EROFS: 'the disk can only be read',
  EPERM: 'not permitted',
  EIO: 'the disk does not take it',
  EBUSY: 'something else holds it',
  EXDEV: 'is mounted from elsewhere',
};

/** The `code` of a Node error, such as ENOENT. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
