import { isUtf8 } from 'node:buffer';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../core/problem.ts';

/** Largest file that is read as YAML. */
const SIZE_LIMIT = 4 * 1024 * 1024;

/** Reads a text file as UTF-8; the problem when it is missing, a folder, not readable, not text, or too large. */
export function readText(path: string): { readonly text: string } | { readonly problem: Problem } {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > SIZE_LIMIT) {
      return {
        problem: { code: 'FILE_UNREADABLE', message: `${path}: larger than 4 MiB, this is no topology or scenario` },
      };
    }
    const text = bytes.toString('utf8');
    return isUtf8(bytes) && !text.includes('\0') ? { text } : { problem: notText(path, text) };
  } catch (error) {
    return { problem: unreadable(path, error) };
  }
}

/** Largest capture that is read. */
const CAPTURE_LIMIT = 512 * 1024 * 1024;

/** Reads a whole file of bytes; the problem when it is missing, a folder, not readable, or too large. */
export function readBytes(path: string): { readonly bytes: Uint8Array } | { readonly problem: Problem } {
  try {
    if (statSync(path).size > CAPTURE_LIMIT) {
      const hint = 'editcap -c cuts it into pieces';
      return { problem: { code: 'FILE_UNREADABLE', message: `${path}: larger than 512 MiB`, hint } };
    }
    return { bytes: readFileSync(path) };
  } catch (error) {
    return { problem: unreadable(path, error) };
  }
}

function unreadable(path: string, error: unknown): Problem {
  const code = errorCode(error);
  if (code === 'ENOENT') return { code: 'FILE_MISSING', message: `${path}: no such file` };
  const why = code === 'EISDIR' ? 'is a folder' : code === 'EACCES' ? 'permission denied' : code;
  return { code: 'FILE_UNREADABLE', message: `${path}: ${why}` };
}

/** Points at the first character that is no UTF-8: a binary file, or a letter as an old code page has it. */
function notText(file: string, lossy: string): Problem {
  const before = lossy.slice(0, lossy.search(/[\0\ufffd]/)).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const text = lossy.split(/\r?\n/)[line - 1] ?? '';
  const place = { file, line, column, length: 1, text };
  return { code: 'FILE_UNREADABLE', message: 'this is not text in UTF-8', hint: 'save the file as UTF-8', place };
}

/** A file that cannot be written where somebody wants it: no fault of the program. */
export class CannotWrite extends Error {}

/** Writes a file beside its place and renames it there, so that nobody sees half of it. Makes folders as needed. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  try {
    makeFolder(dirname(path));
    replace(path, content);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CannotWrite(error.message, { cause: error });
  }
}

function replace(path: string, content: Uint8Array | string): void {
  const beside = join(dirname(path), `.${basename(path)}.partial`);
  try {
    writeFileSync(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

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

/** Removes files with one of these endings from a folder, if it is there: what an earlier run wrote. */
export function removeOld(folder: string, endings: readonly string[]): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) if (endings.some((ending) => name.endsWith(ending))) rmSync(join(folder, name));
}

/** The `code` of a Node error, such as ENOENT. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
