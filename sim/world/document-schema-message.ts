import type { z } from 'zod';
import { quoted } from './document-quote.ts';

/** An issue while zod still asks for its sentence: `input` is the value at fault. */
type RawIssue = z.core.$ZodRawIssue;

/**
 * The sentence for an issue, in the words of someone who writes YAML. A schema's own message comes before it; undefined
 * leaves the choice to zod.
 */
export function issueMessage(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNoun(issue.expected)}, found ${foundNoun(issue.input)}`;
    case 'invalid_value':
      return `expected ${choices(issue.values)}, found ${foundValue(issue.input)}`;
    case 'too_small':
      return smallMessage(issue);
    case 'too_big':
      return bigMessage(issue);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}, found ${foundValue(issue.input)}`;
    case 'invalid_format':
      return formatMessage(issue);
    default:
      return undefined;
  }
}

const TYPES: { readonly [type in z.core.$ZodInvalidTypeExpected]?: string } = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'nothing',
  undefined: 'nothing',
  never: 'nothing',
};

/** What a schema's type is called in YAML. */
export function typeNoun(type: z.core.$ZodInvalidTypeExpected): string {
  return TYPES[type] ?? type;
}

/** What a value is called in YAML; a number is shown, since what is wrong with it may be that it is not whole. */
export function foundNoun(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'a string';
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

/** A short value itself, anything else by its kind. */
function foundValue(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : foundNoun(value);
}

/** `"a"`, `"a" or "b"`, `one of "a", "b", "c"`. */
export function choices(values: readonly unknown[]): string {
  const words = values.map((value) => (typeof value === 'string' ? quoted(value) : String(value)));
  return words.length > 2 ? `one of ${words.join(', ')}` : words.join(' or ');
}

interface Bound {
  readonly origin: string;
  readonly inclusive?: boolean;
  readonly exact?: boolean;
  readonly input?: unknown;
}

function smallMessage(issue: Bound & { readonly minimum: number | bigint }): string {
  if (issue.origin === 'string' && issue.input === '') return 'must not be empty';
  const relation = issue.exact ? '' : issue.inclusive ? 'at least ' : 'more than ';
  return `expected ${relation}${amount(issue.minimum, issue)}, found ${measured(issue)}`;
}

function bigMessage(issue: Bound & { readonly maximum: number | bigint }): string {
  const relation = issue.exact ? '' : issue.inclusive ? 'at most ' : 'less than ';
  return `expected ${relation}${amount(issue.maximum, issue)}, found ${measured(issue)}`;
}

function amount(bound: number | bigint, { origin }: Bound): string {
  const unit = origin === 'string' ? ' character' : origin === 'array' ? ' item' : '';
  return `${bound}${unit}${unit === '' || Number(bound) === 1 ? '' : 's'}`;
}

/** The value where a number is too big, else how many items or characters there are. */
function measured({ input }: Bound): string {
  return typeof input === 'string' || Array.isArray(input) ? String(input.length) : String(input);
}

const FORMATS: { readonly [format: string]: string } = {
  ipv4: 'an IPv4 address',
  cidrv4: 'an IPv4 prefix such as 192.0.2.0/24',
  mac: 'a MAC address',
};

function formatMessage({ format, input, pattern }: { format: string; input?: unknown; pattern?: string }) {
  const noun = FORMATS[format];
  if (noun !== undefined) return `expected ${noun}, found ${foundValue(input)}`;
  return format === 'regex' ? `${foundValue(input)} does not match ${pattern}` : undefined;
}
