import type { StackSnapshot } from '../../world/stack-snapshot.ts';

/** A table that can be asked for: the command that prints it, understood. */
export interface Question {
  /** The command, without abbreviations. */
  readonly command: string;
  /** Whose command it is: of a kernel, of Comware's command line, of Docker on a device; `any` has an answer anywhere. */
  readonly of: 'linux' | 'comware' | 'docker' | 'any';
  /** The name of its rows in `--json`. */
  readonly key: string;
  /** What the command says in place of a table, where it is about something that is not there. */
  refusal?(snapshot: StackSnapshot): string | undefined;
  text(snapshot: StackSnapshot): string;
  /** With the keys of `ip -j` where such a command exists. */
  rows(snapshot: StackSnapshot): unknown;
}

/** Why a command is none that shows a table, and what could be written instead. */
export interface Misunderstanding {
  readonly problem: string;
  readonly hint: string | undefined;
}

export function isMisunderstood(read: Question | Misunderstanding): read is Misunderstanding {
  return 'problem' in read;
}

export function misunderstood(problem: string, hint?: string): Misunderstanding {
  return { problem, hint };
}

/** The first of `full` that `word` may stand for, as iproute2 and Comware abbreviate: its first letters. */
export function abbreviated<T extends string>(word: string, full: readonly T[]): T | undefined {
  return word === '' ? undefined : full.find((one) => one.startsWith(word));
}

/** Options of one letter that stand together: `-tuln`; undefined when the word is none, or has another letter. */
export function letters(word: string, known: string): string[] | undefined {
  if (!/^-[A-Za-z0-9]+$/.test(word)) return undefined;
  const own = [...word.slice(1)];
  return own.every((letter) => known.includes(letter)) ? own : undefined;
}
