import type { EntryKey } from './entries.ts';

export type Language = 'en' | 'zh';

/** One line of a table, in the format of the tool that prints it. */
export interface TableLine {
  readonly text: string;
  /** Of headings and legends there is none. An entry of several lines stands in each of them. */
  readonly entry?: TableEntry;
}

export interface TableEntry {
  readonly key: EntryKey;
  /** What it says, without clocks that tick by themselves. */
  readonly state: string;
}

/** A table of a stack, as of one moment. */
export interface NamedTable {
  /** The key that opens it, from 1. */
  readonly number: number;
  readonly name: { readonly en: string; readonly zh: string };
  /** What an engineer would type there. */
  readonly command: string;
  readonly lines: readonly TableLine[];
}

/** A table before it has its number. */
export type Table = Omit<NamedTable, 'number'>;

/** The lines that a command prints, without the blanks at their ends. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Lines of which the last ones are the entries, one a line. */
export function rowsBelow(text: string, entries: readonly TableEntry[]): TableLine[] {
  const lines = linesOf(text);
  const first = lines.length - entries.length;
  return lines.map((line, index) => withEntry(line, entries[index - first]));
}

/** All lines of a text, as one entry. */
export function block(text: string, entry: TableEntry): TableLine[] {
  return linesOf(text).map((line) => ({ text: line, entry }));
}

export function withEntry(text: string, entry: TableEntry | undefined): TableLine {
  return entry === undefined ? { text } : { text, entry };
}

/** An entry whose row says all that it is. */
export function entryOf(key: EntryKey, row: object): TableEntry {
  return { key, state: JSON.stringify(row) };
}
