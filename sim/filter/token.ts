import { parseIpv6 } from '../wire/ipv6.ts';
import type { FilterFault } from './fault.ts';
import type { FilterNames } from './names.ts';
import { CONSTANTS, FOREIGN_WORDS, KEYWORDS, LINK_WORDS, PROTOCOL_WORDS } from './words.ts';

/**
 * `id` is a name, `number` a number in 32 bits, `address` two to four numbers with dots; `mac` and `address6` are what
 * they say. Other words and signs stand for themselves, `&&` for `and`, `||` for `or`, `not` for `!`, `==` for `=`.
 */
export interface Token {
  readonly kind: 'word' | 'id' | 'number' | 'address' | 'address6' | 'mac' | 'end';
  /** As it is understood: of a name behind a backslash without that. */
  readonly text: string;
  /** Of a number. */
  readonly value: number;
  /** Where it begins in the expression, from 0. */
  readonly at: number;
  /** Characters in the expression, at least 1. */
  readonly length: number;
}

const MOST_CHARACTERS = 20_000;

const SIGNS = ['&&', '||', '>=', '<=', '!=', '==', '<<', '>>'] as const;
const SINGLE_SIGNS = '+-*/%:[]!<>()&|^=';
const SYNONYMS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', not: '!', '==': '=', length: 'len' };

const ID = /[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?/y;
const NUMBER = /0[xX][0-9A-Fa-f]+|[0-9]+/y;
const ADDRESS = /(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){1,3}/y;
const MAC =
  /[0-9A-Fa-f]{1,2}([:.-])[0-9A-Fa-f]{1,2}(?:\1[0-9A-Fa-f]{1,2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}/y;
const ADDRESS6 = /[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*/y;
const ESCAPED = /\\([^ !()\n\t]+)/y;

/**
 * Cuts an expression into tokens, as scanner.l does: the longest that fits, of equals the first of word, MAC, number,
 * address, name. A name of the lab is one token even with a `/` in it.
 */
export function tokenize(text: string, names: FilterNames): Token[] | FilterFault {
  if (text.length > MOST_CHARACTERS) {
    return { message: `longer than ${MOST_CHARACTERS} characters`, at: MOST_CHARACTERS, length: 1 };
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/[ \r\n\t]/.test(text[at] ?? '')) at++;
    if (at >= text.length) break;
    const token = tokenAt(text, at, names);
    if ('message' in token) return token;
    tokens.push(token);
    at += token.length;
  }
  return [...tokens, { kind: 'end', text: '', value: 0, at: text.trimEnd().length, length: 1 }];
}

function tokenAt(text: string, at: number, names: FilterNames): Token | FilterFault {
  const escaped = matchAt(ESCAPED, text, at);
  if (escaped !== '') return { kind: 'id', text: escaped.slice(1), value: 0, at, length: escaped.length };
  const sign = SIGNS.find((one) => text.startsWith(one, at)) ?? '';
  const word = wordAt(text, at, names);
  if (word !== undefined && word.length >= sign.length) return word;
  if (sign !== '') return { kind: 'word', text: SYNONYMS[sign] ?? sign, value: 0, at, length: sign.length };
  const single = text.charAt(at);
  if (SINGLE_SIGNS.includes(single)) return { kind: 'word', text: single, value: 0, at, length: 1 };
  const shown = String.fromCodePoint(text.codePointAt(at) ?? 0);
  return { message: `"${shown}" has no place in a filter expression`, at, length: shown.length };
}

function wordAt(text: string, at: number, names: FilterNames): Token | FilterFault | undefined {
  const id = matchAt(ID, text, at);
  const six = matchAt(ADDRESS6, text, at);
  // In the order in which scanner.l lists them.
  const candidates: readonly (readonly [Token['kind'], string])[] = [
    ['word', isWord(id, names) ? id : ''],
    ['mac', matchAt(MAC, text, at)],
    ['number', matchAt(NUMBER, text, at)],
    ['address', matchAt(ADDRESS, text, at)],
    ['address6', parseIpv6(six) === undefined ? '' : six],
    ['id', id],
    ['id', nameAt(text, at, names)],
  ];
  let best = candidates[0];
  for (const one of candidates) if (one[1].length > (best?.[1].length ?? 0)) best = one;
  const [kind, found] = best ?? ['id', ''];
  if (found === '') return undefined;
  const constant = kind === 'word' ? CONSTANTS.get(found) : undefined;
  if (constant !== undefined) return { kind: 'number', text: found, value: constant, at, length: found.length };
  const understood = kind === 'word' ? (SYNONYMS[found] ?? found) : found;
  const token = { kind, text: understood, value: 0, at, length: found.length };
  return kind === 'number' ? withValue(token) : token;
}

function isWord(id: string, names: FilterNames): boolean {
  if (KEYWORDS.has(id) || PROTOCOL_WORDS.has(id) || LINK_WORDS.includes(id) || CONSTANTS.has(id)) return true;
  return FOREIGN_WORDS.has(id) && !isName(id, names);
}

/** The longest name of the lab that has a `/` or another sign no name of tcpdump's has, and ends where a word ends. */
function nameAt(text: string, at: number, names: FilterNames): string {
  let longest = '';
  for (const table of [names.addresses, names.macs]) {
    for (const name of table.keys()) {
      const isWhole = text.startsWith(name, at) && !/[-_.A-Za-z0-9/]/.test(text[at + name.length] ?? '');
      if (isWhole && name.length > longest.length) longest = name;
    }
  }
  return longest;
}

function isName(name: string, names: FilterNames): boolean {
  return names.addresses.has(name) || names.macs.has(name);
}

/** Decimal, hexadecimal behind 0x, octal behind 0. */
function withValue(token: Token): Token | FilterFault {
  const { text, at, length } = token;
  const isOctal = /^0[0-9]/.test(text);
  if (isOctal && /[89]/.test(text)) return { message: `${text} begins with 0 and is no octal number`, at, length };
  const value = isOctal ? Number.parseInt(text, 8) : Number(text);
  if (value > 0xffffffff) return { message: `${text} does not fit into 32 bits`, at, length };
  return { ...token, value };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
