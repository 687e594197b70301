import type { Expression, Relation } from './expression.ts';
import type { FilterFault } from './fault.ts';
import type { FilterNames } from './names.ts';
import { parseArithmetic, startsNumber } from './parse-arithmetic.ts';
import { parsePrimitive, valueTest } from './primitive.ts';
import type { Qualifiers } from './qualifiers.ts';
import { tokenize } from './token.ts';
import { TokenReader } from './token-reader.ts';

/** An expression, and the qualifiers that a value after it goes by; undefined where none are left to go by. */
interface Parsed {
  readonly expression: Expression;
  readonly qualifiers: Qualifiers | undefined;
}

/**
 * Reads a filter expression. Models libpcap's grammar.y: `and` and `or` bind equally and from left to right, and a value
 * without qualifiers takes those of the test before it. Undefined for an empty text, which asks for nothing.
 */
export function parseFilter(text: string, names: FilterNames): Expression | FilterFault | undefined {
  const tokens = tokenize(text, names);
  if ('message' in tokens) return tokens;
  if (tokens.length === 1) return undefined;
  const reader = new TokenReader(tokens);
  const parsed = parseExpression(reader, names, undefined);
  if (parsed !== undefined && reader.peek().kind !== 'end') reader.unexpected('"and", "or" or the end');
  return reader.fault ?? parsed?.expression;
}

function parseExpression(reader: TokenReader, names: FilterNames, before: Qualifiers | undefined): Parsed | undefined {
  let left = parseTerm(reader, names, before);
  while (left !== undefined) {
    const word = reader.takeIf('and', 'or');
    if (word === undefined) break;
    const isValue = reader.startsValue;
    const right: Parsed | undefined = isValue
      ? parseValue(reader, names, left.qualifiers)
      : parseTerm(reader, names, left.qualifiers);
    left = right && { ...right, expression: joined(word.text, left.expression, right.expression) };
  }
  return left;
}

function joined(word: string, left: Expression, right: Expression): Expression {
  return { kind: word === 'and' ? 'and' : 'or', left, right };
}

function parseTerm(reader: TokenReader, names: FilterNames, before: Qualifiers | undefined): Parsed | undefined {
  if (reader.takeIf('!') !== undefined) return negated(reader.deeper(() => parseTerm(reader, names, before)));
  if (reader.startsGroupedNumber || startsNumber(reader)) return parseRelation(reader);
  if (reader.takeIf('(') !== undefined) {
    const inner = reader.deeper(() => parseExpression(reader, names, before));
    reader.expect(')');
    return inner && { expression: inner.expression, qualifiers: before };
  }
  const primitive = parsePrimitive(reader);
  if (primitive === undefined || 'kind' in primitive) {
    return primitive && { expression: primitive, qualifiers: undefined };
  }
  if (reader.startsValue) return parseValue(reader, names, primitive);
  return reader.unexpected('a value');
}

function negated(parsed: Parsed | undefined): Parsed | undefined {
  return parsed && { ...parsed, expression: { kind: 'not', of: parsed.expression } };
}

/** A value, or values in parentheses: `10.0.0.1`, `(80 or 443)`, `not gw`. */
function parseValue(reader: TokenReader, names: FilterNames, qualifiers: Qualifiers | undefined): Parsed | undefined {
  if (reader.takeIf('!') !== undefined) return negated(reader.deeper(() => parseValue(reader, names, qualifiers)));
  if (reader.takeIf('(') === undefined) {
    const expression = valueTest(reader, names, qualifiers);
    return expression && { expression, qualifiers };
  }
  let left = reader.deeper(() => parseValue(reader, names, qualifiers));
  while (left !== undefined) {
    const word = reader.takeIf('and', 'or');
    if (word === undefined) break;
    const right = reader.deeper(() => parseValue(reader, names, qualifiers));
    left = right && { ...right, expression: joined(word.text, left.expression, right.expression) };
  }
  reader.expect(')');
  return left;
}

function parseRelation(reader: TokenReader): Parsed | undefined {
  const left = parseArithmetic(reader);
  const relation = left && reader.takeIf('=', '!=', '<', '<=', '>', '>=');
  if (left === undefined) return undefined;
  if (relation === undefined) return reader.unexpected('a comparison');
  const right = parseArithmetic(reader);
  return (
    right && {
      expression: { kind: 'compare', relation: relation.text as Relation, left, right },
      qualifiers: undefined,
    }
  );
}
