import type { Problem } from '../core/problem.ts';
import { excerpt, visible } from './problem-excerpt.ts';

/**
 * A problem as the terminal shows it, without a newline at its end and without colours:
 *
 *     topologies/x.yaml:12:9: error: unknown key "adress" [UNKNOWN_KEY]
 *        12 |         adress: 10.0.0.1/24
 *           |         ^^^^^^
 *        hint: did you mean "address"?
 *
 * Nothing that a user's file contains reaches the terminal as a control character.
 */
export function problemText({ code, message, hint, place, path }: Problem): string {
  const lines: string[] = [];
  const inCode = path === undefined ? '' : `${visible(path)}: `;
  const where = place === undefined ? inCode : `${visible(place.file)}:${place.line}:${place.column}: `;
  lines.push(`${where}error: ${visible(message)} [${code}]`);
  if (place !== undefined) {
    const { source, caret } = excerpt(place);
    const number = String(place.line).padStart(5);
    lines.push(`${number} | ${source}`.trimEnd(), `${' '.repeat(number.length)} | ${caret}`);
  }
  if (hint !== undefined) lines.push(`   hint: ${visible(hint)}`);
  return lines.join('\n');
}

/** A problem as `--json` prints it: `file`, `line`, `column`, `length` and `text` only where the place is known. */
export interface ProblemJson {
  readonly severity: 'error';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly length?: number;
  readonly text?: string;
  /** Of a value that stands in no file. */
  readonly path?: string;
}

export function problemJson({ code, message, hint, place, path }: Problem): ProblemJson {
  return {
    severity: 'error',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...place,
    ...(path === undefined ? {} : { path }),
  };
}
