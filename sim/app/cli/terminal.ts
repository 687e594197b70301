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

/** Colour only on a terminal, and never against NO_COLOR; FORCE_COLOR asks for it without one. */
export function paletteFor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Palette {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || FORCE_COLOR === '0') return PLAIN;
  if (!forced && (!stream.isTTY || TERM === 'dumb')) return PLAIN;
  const code = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
  return { good: code(32, 39), bad: code(31, 39), dim: code(2, 22), strong: code(1, 22) };
}

/** Columns of the terminal; undefined where the output goes elsewhere, and nothing is wrapped. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Data goes to standard output; an empty table is no line at all. */
export function print(text: string): void {
  if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Messages go to standard error. */
export function say(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Words of the command line that make no sense together. */
export function refuseUsage(message: string): undefined {
  say(`error: ${message}`);
  process.exitCode = EXIT.usage;
  return undefined;
}

/** A run that was stopped because it would never have ended. */
export function sayStorm(): void {
  say('STORM: stopped after too many events, because frames multiply: is there a loop of bridges?');
}

/** Reports problems of files: as text on standard error, or with --json as one document on standard output. */
export function refuse(problems: readonly Problem[], json: boolean): undefined {
  if (json) print(JSON.stringify({ schema: 'cutaway/problems/1', problems: problems.map(problemJson) }));
  else for (const problem of problems) say(problemText(problem));
  process.exitCode = EXIT.invalid;
  return undefined;
}

/** An expression of tcpdump that is none: wrong words on the command line, with a caret below them, and no fault of a file. */
export function refuseFilter(problem: Problem, json: boolean): undefined {
  refuse([problem], json);
  process.exitCode = EXIT.usage;
  return undefined;
}
