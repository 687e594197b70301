import type { EntryKey, EntryKind } from './entries.ts';

/** One line of a table, in the format of the tool that prints it. */
export interface TableLine {
  readonly text: string;
  /** Of headings and legends there is none. An entry of several lines stands in each of them. */
  readonly entry?: TableEntry;
}

export interface TableEntry {
  readonly key: EntryKey;
  /** What it says, without clocks that tick by themselves: asked for where two moments are compared, and not before. */
  readonly state: () => string;
}

/** A table of a stack, as of one moment. */
export interface NamedTable {
  /** The key that opens it, from 1. */
  readonly number: number;
  readonly name: { readonly en: string; readonly zh: string };
  /** What an engineer would type there. */
  readonly command: string;
  /** Kinds of its entries. */
  readonly holds: readonly EntryKind[];
  /** Printed when they are first asked for. */
  readonly lines: readonly TableLine[];
}

/** A table before it is printed. */
export interface Table extends Omit<NamedTable, 'number' | 'lines'> {
  readonly print: () => readonly TableLine[];
}

/** A table that may have thousands of lines, and of which often only the name is shown. */
export class PrintedTable implements NamedTable {
  readonly number: number;
  readonly name: NamedTable['name'];
  readonly command: string;
  readonly holds: readonly EntryKind[];
  readonly #print: Table['print'];
  #lines: readonly TableLine[] | undefined;

  constructor(number: number, { name, command, holds, print }: Table) {
    this.number = number;
    this.name = name;
    this.command = command;
    this.holds = holds;
    this.#print = print;
  }

  get lines(): readonly TableLine[] {
    this.#lines ??= this.#print();
    return this.#lines;
  }
}

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
  return { key, state: () => JSON.stringify(row) };
}
