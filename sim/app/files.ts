import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../core/problem.ts';

/** Largest file that is read as YAML. */
const SIZE_LIMIT = 4 * 1024 * 1024;

/** Reads a text file as UTF-8; the problem when it is missing, a folder, not readable, or larger than 4 MiB. */
export function readText(path: string): { readonly text: string } | { readonly problem: Problem } {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > SIZE_LIMIT) {
      return {
        problem: { code: 'FILE_UNREADABLE', message: `${path}: larger than 4 MiB, this is no topology or scenario` },
      };
    }
    return { text: bytes.toString('utf8') };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return { problem: { code: 'FILE_MISSING', message: `${path}: no such file` } };
    const why = code === 'EISDIR' ? 'is a folder' : code === 'EACCES' ? 'permission denied' : code;
    return { problem: { code: 'FILE_UNREADABLE', message: `${path}: ${why}` } };
  }
}

/** Writes a file beside its place and renames it there, so that nobody sees half of it. Makes folders as needed. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = join(dirname(path), `.${basename(path)}.partial`);
  try {
    writeFileSync(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
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
