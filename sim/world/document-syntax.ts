import { Composer, type Document, type ErrorCode, Lexer, type ParsedNode, Parser } from 'yaml';
import type { Problem } from '../core/problem.ts';
import { byPlace } from './document-order.ts';
import type { SourceText } from './document-text.ts';

/**
 * Levels of values within values that a file may have. The composer recurses once a level, so the limit must hold before
 * it sees a token: an overflowing stack cannot always be caught (V8 gives up inside a regular expression).
 */
export const DEPTH_LIMIT = 100;

/** Types are those of the core schema in every document, whatever a directive or a tag asks for. */
const OPTIONS = {
  strict: true,
  stringKeys: true,
  // Compared with every key before it, each key would cost more than the last; the tree notices them too.
  uniqueKeys: false,
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
} as const;

/** Words and marks that a file may have: a file of nothing but commas would else take a gigabyte. */
const LEXEME_LIMIT = 1_000_000;

/** Mistakes that are told of one file: whoever has more begins with the first. */
export const MISTAKE_LIMIT = 1000;

export type Syntax = { readonly root: ParsedNode | null } | { readonly problems: readonly Problem[] };

/** Reads one YAML 1.2 document; all syntax errors at once, ordered by place. */
export function parseSyntax(source: SourceText): Syntax {
  const unprintable = findUnprintable(source);
  if (unprintable.length > 0) return { problems: unprintable };
  const composed = compose(source);
  if ('problems' in composed) return composed;
  const [document, second] = composed.documents;
  const problems = [...(document?.errors ?? []), ...(document?.warnings ?? [])]
    .slice(0, MISTAKE_LIMIT)
    .map((error) =>
      syntaxProblem(source, error.pos[0], error.pos[1], sentence(error.code, error.message), HINTS[error.code]),
    );
  if (second !== undefined) {
    const message = 'a file holds one document, a second one begins here';
    problems.push(syntaxProblem(source, second.range[0], second.range[0] + 3, message));
  }
  if (document?.directives.yaml.version === '1.1') {
    const start = Math.max(0, source.text.search(/^%YAML/m));
    problems.push(syntaxProblem(source, start, source.text.length, 'files are YAML 1.2, not 1.1'));
  }
  if (problems.length > 0) return { problems: firstOfEachPlace(problems) };
  return { root: document?.contents ?? null };
}

type Composed = { readonly documents: readonly Document.Parsed[] } | { readonly problems: readonly Problem[] };

/** parseDocument() of the yaml package, stopped where nesting grows too deep and where a second document has begun. */
function compose(source: SourceText): Composed {
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  const documents: Document.Parsed[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    if (++lexemes > LEXEME_LIMIT) {
      const message = `more than ${LEXEME_LIMIT} words and marks: this is no topology or scenario`;
      return { problems: [syntaxProblem(source, parser.offset, parser.offset + 1, message)] };
    }
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    // The first of the stack is the document itself.
    if (parser.stack.length - 1 > DEPTH_LIMIT) {
      const message = `nested deeper than ${DEPTH_LIMIT} levels`;
      return { problems: [syntaxProblem(source, parser.offset - lexeme.length, parser.offset, message)] };
    }
    if (documents.length > 1) return { documents };
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, source.text.length));
  return { documents };
}

/**
 * Characters that YAML 1.2 does not allow in a file (production 1, c-printable); the first of each line. A carriage return
 * alone it takes for the end of a line, but its parser here and the lines of messages do not.
 */
function findUnprintable(source: SourceText): Problem[] {
  const problems: Problem[] = [];
  const unprintable = /\r(?!\n)|[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
  let lastLine = 0;
  for (const { 0: character, index } of source.text.matchAll(unprintable)) {
    const line = source.lineAt(index);
    if (line === lastLine) continue;
    if (problems.length === MISTAKE_LIMIT) break;
    lastLine = line;
    if (character === '\r') {
      const hint = 'save the file with lines that end in a line feed';
      problems.push(syntaxProblem(source, index, index + 1, 'a carriage return alone ends no line', hint));
      continue;
    }
    const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    problems.push(syntaxProblem(source, index, index + 1, `the character U+${point} is not allowed in YAML`));
  }
  return problems;
}

/** One mistake often breaks several rules at the same character: the first says most. */
function firstOfEachPlace(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.toSorted(byPlace).filter(({ place }) => {
    const key = `${place?.line}:${place?.column}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function syntaxProblem(source: SourceText, start: number, end: number, message: string, hint?: string): Problem {
  const place = source.place(start, end);
  return { code: 'YAML_SYNTAX', message, place, ...(hint === undefined ? {} : { hint }) };
}

const LONGEST_MESSAGE = 160;

/** The parser's sentence in the form of all others: it begins small, and does not quote half of the file. */
function sentence(code: ErrorCode, message: string): string {
  if (code === 'NON_STRING_KEY') return 'a key must be a plain word or a string';
  if (message.startsWith('Missing closing')) return 'this string has no closing quote';
  const begun = /^[A-Z][a-z]/.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
  return begun.length > LONGEST_MESSAGE ? `${begun.slice(0, LONGEST_MESSAGE)}…` : begun;
}

const HINTS: { readonly [code in ErrorCode]?: string } = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a value that contains ": " must be in quotes',
  BAD_SCALAR_START: 'put the value in quotes',
  TAG_RESOLVE_FAILED: 'leave the tag out',
};
