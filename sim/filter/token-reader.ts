import { nearest } from '../core/nearest.ts';
import type { FilterFault } from './fault.ts';
import type { Token } from './token.ts';
import { FOREIGN_WORDS, KEYWORDS, LINK_WORDS, PROTOCOL_WORDS } from './words.ts';

/** Parentheses, brackets and signs one within the other: more than this is no expression of a person. */
const DEEPEST = 200;

const OPERATORS: ReadonlySet<string> = new Set([
  ...['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '=', '!=', '<', '<=', '>', '>='],
]);

/** Reads tokens from left to right. The first fault is kept; from then on every token is the end. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  /** Of each `(` the index of its `)`. */
  readonly #closing = new Map<number, number>();
  #next = 0;
  #depth = 0;
  #fault: FilterFault | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#end = tokens.at(-1) ?? { kind: 'end', text: '', value: 0, at: 0, length: 1 };
    const open: number[] = [];
    for (const [index, token] of tokens.entries()) {
      if (isSign(token, '(')) open.push(index);
      else if (isSign(token, ')')) this.#closing.set(open.pop() ?? -1, index);
    }
  }

  get fault(): FilterFault | undefined {
    return this.#fault;
  }

  /** The token `ahead` of the next one. */
  peek(ahead = 0): Token {
    return this.#fault === undefined ? (this.#tokens[this.#next + ahead] ?? this.#end) : this.#end;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  /** Takes the next token if it is one of these words or signs. */
  takeIf(...words: readonly string[]): Token | undefined {
    return words.some((word) => isSign(this.peek(), word)) ? this.take() : undefined;
  }

  /** The next token has to be this sign. */
  expect(sign: string): void {
    if (this.takeIf(sign) === undefined) this.unexpected(`"${sign}"`);
  }

  /** Runs `read` one level down, unless there are too many levels. */
  deeper<T>(read: () => T): T | undefined {
    if (this.#depth >= DEEPEST) return this.wrong(this.peek(), `more than ${DEEPEST} levels, one within the other`);
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  /** What follows, behind parentheses and `!`, is a value that goes by the qualifiers before it: `or 443`. */
  get startsValue(): boolean {
    let ahead = 0;
    while (isSign(this.peek(ahead), '(') || isSign(this.peek(ahead), '!')) ahead++;
    const token = this.peek(ahead);
    if (token.kind !== 'number') return token.kind !== 'word' && token.kind !== 'end';
    do ahead++;
    while (isSign(this.peek(ahead), ')'));
    return !isOperator(this.peek(ahead));
  }

  /** The next token is a `(`, and what it encloses is a number of a comparison. */
  get startsGroupedNumber(): boolean {
    const closing = this.#closing.get(this.#next);
    if (closing === undefined || !isSign(this.peek(), '(')) return false;
    return isOperator(this.#tokens[closing + 1] ?? this.#end);
  }

  /** A token is at fault. Gives undefined, for whoever has no value now. */
  wrong(token: Token, message: string, hint?: string): undefined {
    const { at, length } = token;
    this.#fault ??= { message, at, length, ...(hint === undefined ? {} : { hint }) };
    return undefined;
  }

  /** The next token is not what has to stand here. */
  unexpected(wanted: string): undefined {
    const token = this.peek();
    if (token.kind === 'end') return this.wrong(token, `the expression ends where ${wanted} is missing`);
    return this.wrong(token, `"${token.text}" where ${wanted} is wanted`, hintFor(token));
  }
}

function isSign(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}

function isOperator(token: Token): boolean {
  return token.kind === 'word' && OPERATORS.has(token.text);
}

/** What may have been meant by a word that stands in the wrong place. */
function hintFor({ kind, text }: Token): string | undefined {
  if (kind === 'word' && PROTOCOL_WORDS.has(text)) return `as a name it has a backslash before it: \\${text}`;
  if (kind !== 'id') return undefined;
  if (/^\w+-\w/.test(text)) return 'a minus between two numbers has blanks around it';
  const close = nearest(text, [...KEYWORDS, ...PROTOCOL_WORDS.keys(), ...LINK_WORDS, ...FOREIGN_WORDS]);
  return close === undefined ? undefined : `did you mean "${close}"?`;
}
