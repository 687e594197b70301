import { nearest } from '../core/nearest.ts';
import { type CommandFault, isFault } from './fault.ts';
import { splitWords, type Word } from './words.ts';

/**
 * Reads the words of a line from left to right. The first fault ends the line: from then on nothing is left to read and
 * every value is its fallback, so a parser runs to its end and its result is dropped.
 */
export class WordReader {
  readonly #words: readonly Word[];
  /** Where a missing word would stand. */
  readonly #end: number;
  #next = 0;
  #fault: CommandFault | undefined;

  constructor(line: string) {
    const words = splitWords(line);
    this.#end = line.trimEnd().length;
    if (isFault(words)) this.#fault = words;
    this.#words = isFault(words) ? [] : words;
  }

  get fault(): CommandFault | undefined {
    return this.#fault;
  }

  /** No word is left, or one was wrong. */
  get done(): boolean {
    return this.#fault !== undefined || this.#next >= this.#words.length;
  }

  /** The next word without taking it, '' at the end. */
  get peek(): string {
    return this.done ? '' : (this.#words[this.#next]?.text ?? '');
  }

  /** Takes the next word; '' where there is none, which is a fault in iproute2's words. */
  take(): string {
    const word = this.done ? undefined : this.#words[this.#next++];
    if (word === undefined) this.incomplete('Command line is not complete. Try option "help"');
    return word?.text ?? '';
  }

  /** Takes the next word if it is one of `keywords`. */
  takeIf(...keywords: readonly string[]): boolean {
    if (this.done || !keywords.includes(this.peek)) return false;
    this.#next++;
    return true;
  }

  /** Takes the next word if one of `keywords` begins with it, as iproute2's matches() lets words be cut short. */
  takeShort(...keywords: readonly string[]): boolean {
    if (this.done || beginning(this.peek, keywords) === undefined) return false;
    this.#next++;
    return true;
  }

  /**
   * Takes the next word as a value. Where `read` gives undefined the word is at fault, with what `message` says of it,
   * and the value is `fallback`.
   */
  value<T>(read: (text: string) => T | undefined, fallback: T, message: (text: string) => string, hint?: string): T {
    const text = this.take();
    if (this.#fault !== undefined) return fallback;
    const value = read(text);
    if (value === undefined) this.wrong(message(text), hint);
    return value ?? fallback;
  }

  /** The word taken last is at fault. */
  wrong(message: string, hint?: string): void {
    const word = this.#words[this.#next - 1];
    this.#fail(message, word?.column ?? 0, word?.length ?? 1, hint);
  }

  /** The word taken last is no keyword here; the nearest of `keywords` is the hint. */
  unknown(message: string, keywords: readonly string[]): void {
    const word = this.#words[this.#next - 1]?.text ?? '';
    const close = nearest(word, keywords);
    this.wrong(message, close === undefined || close === word ? undefined : `did you mean "${close}"?`);
  }

  /** Something is missing at the end of the line. */
  incomplete(message: string, hint?: string): void {
    this.#fail(message, this.#end, 1, hint);
  }

  #fail(message: string, column: number, length: number, hint: string | undefined): void {
    this.#fault ??= { message, column, length: Math.max(1, length), ...(hint === undefined ? {} : { hint }) };
  }
}

/** The first of `names` that begins with `word`; undefined for none, and for an empty word. */
export function beginning<const T extends string>(word: string, names: readonly T[]): T | undefined {
  return word === '' ? undefined : names.find((name) => name.startsWith(word));
}
