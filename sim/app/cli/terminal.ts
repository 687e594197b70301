import { randomUUID } from 'node:crypto';
import { escapeHidden } from '../../core/hidden.ts';
import type { Problem } from '../../core/problem.ts';
import { problemJson, problemText } from '../../show/problem-text.ts';
import { EXIT } from './exit.ts';

/** Colours of the terminal, or none. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
}

export const PLAIN: Palette = { good: same, bad: same, dim: same, strong: same };

function same(text: string): string {
  return text;
}

/**
 * How the palette writes a change of colour, until it is printed: what came from files cannot know it, so that an escape sequence is
 * ours, or none.
 */
const CHANGE = `\ufdd0${randomUUID()}:`;
const CHANGES = new RegExp(`${CHANGE}(\\d+);`, 'g');

function colour(number: number): string {
  return `${CHANGE}${number};`;
}

/** Colour only on a terminal, and never against NO_COLOR; FORCE_COLOR asks for it without one. */
export function paletteFor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Palette {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || FORCE_COLOR === '0') return PLAIN;
  if (!forced && (!stream.isTTY || TERM === 'dumb')) return PLAIN;
  const code = (open: number, close: number) => (text: string) => `${colour(open)}${text}${colour(close)}`;
  return { good: code(32, 39), bad: code(31, 39), dim: code(2, 22), strong: code(1, 22) };
}

/** Columns of the terminal; undefined where the output goes elsewhere, and nothing is wrapped. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Data goes to standard output; an empty table is no line at all. */
export function print(text: string): void {
  if (text !== '') process.stdout.write(wholeLine(text));
}

/** Messages go to standard error. */
export function say(text: string): void {
  process.stderr.write(wholeLine(text));
}

/** Names, titles and messages come from files and from the command line: nothing in them may steer the terminal. */
function wholeLine(text: string): string {
  return escapeHidden(text.endsWith('\n') ? text : `${text}\n`).replace(CHANGES, '\u001b[$1m');
}

/** Words of the command line that make no sense together. */
export function refuseUsage(message: string): undefined {
  say(`error: ${message}`);
  process.exitCode = EXIT.usage;
  return undefined;
}

/** So many are told: who has more begins with the first. */
const MOST_TOLD = 100;

/** Longer lines are not repeated in a document. */
const LONGEST_LINE = 2000;

/** Reports problems of files: as text on standard error, or with --json as one document on standard output. */
export function refuse(problems: readonly Problem[], json: boolean): undefined {
  const told = problems.slice(0, MOST_TOLD);
  const more = problems.length - told.length;
  if (json) print(JSON.stringify(problemsJson(told, more)));
  else for (const problem of told) say(problemText(problem));
  if (!json && more > 0) say(`error: and ${more} more`);
  process.exitCode = EXIT.invalid;
  return undefined;
}

function problemsJson(told: readonly Problem[], more: number): object {
  const problems = told.map((problem) => {
    const { text, ...others } = problemJson(problem);
    return text === undefined || text.length > LONGEST_LINE ? others : { ...others, text };
  });
  return { schema: 'cutaway/problems/1', problems, ...(more > 0 ? { more } : {}) };
}

/** An expression of tcpdump that is none: wrong words on the command line, with a caret below them, and no fault of a file. */
export function refuseFilter(problem: Problem, json: boolean): undefined {
  refuse([problem], json);
  process.exitCode = EXIT.usage;
  return undefined;
}
