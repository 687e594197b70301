import type { Arithmetic, Operator } from './expression.ts';
import type { Token } from './token.ts';
import type { TokenReader } from './token-reader.ts';
import { LINK_WORDS, PROTOCOL_WORDS } from './words.ts';

type StackOperator = Operator | 'negative';

/**
 * How strongly operators bind. grammar.y gives `%` and `^` no place in the order, so that whatever stands after them is
 * taken first: `1 % 3 + 1` is `1 % (3 + 1)`.
 */
const STRENGTH: { readonly [operator in StackOperator]: number | undefined } = {
  '|': 1,
  '&': 2,
  '<<': 3,
  '>>': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': undefined,
  '^': undefined,
  negative: 6,
};

const BINARY = Object.keys(STRENGTH).filter((one) => one !== 'negative');

/** More operations than this in a row are no expression of a person. */
const MOST_OPERATIONS = 500;

/** Protocols whose bytes can be asked for, those of transports in unfragmented IPv4 only. */
const INDEXED = [
  ...['ip', 'ip6', 'arp', 'rarp', 'decnet', 'lat', 'sca', 'moprc', 'mopdl'],
  ...['tcp', 'udp', 'sctp', 'icmp', 'igmp', 'igrp', 'pim', 'vrrp', 'carp', 'icmp6'],
];

/** The next token begins a number of a comparison: a number, a length, or a protocol with an index. */
export function startsNumber(reader: TokenReader): boolean {
  const { kind, text } = reader.peek();
  if (kind === 'number') return true;
  if (kind !== 'word') return false;
  return text === '-' || text === 'len' || (isProtocol(text) && isOpening(reader.peek(1)));
}

export function parseArithmetic(reader: TokenReader): Arithmetic | undefined {
  const operands: Arithmetic[] = [];
  const operators: { readonly operator: StackOperator; readonly token: Token }[] = [];
  const reduce = (): void => {
    const top = operators.pop();
    const right = operands.pop();
    if (top === undefined || right === undefined) return;
    if (top.operator === 'negative') {
      operands.push({ kind: 'negative', of: right });
      return;
    }
    const left = operands.pop();
    checkOperation(reader, top.operator, right, top.token);
    if (left !== undefined) operands.push({ kind: 'operation', operator: top.operator, left, right });
  };
  for (let count = 0; ; count++) {
    for (let sign = reader.takeIf('-'); sign !== undefined; sign = reader.takeIf('-')) {
      operators.push({ operator: 'negative', token: sign });
    }
    const operand = parseOperand(reader);
    if (operand === undefined) return undefined;
    operands.push(operand);
    const token = reader.takeIf(...BINARY);
    if (token === undefined) break;
    const operator = token.text as Operator;
    if (count + operators.length >= MOST_OPERATIONS) {
      return reader.wrong(token, `more than ${MOST_OPERATIONS} operations in a row`);
    }
    while (goesFirst(operators.at(-1)?.operator, operator)) reduce();
    operators.push({ operator, token });
  }
  while (operators.length > 0) reduce();
  return reader.fault === undefined ? operands[0] : undefined;
}

/** Whether an operator is applied before the one that follows it. */
function goesFirst(operator: StackOperator | undefined, next: Operator): boolean {
  const one = operator === undefined ? undefined : STRENGTH[operator];
  const other = STRENGTH[next];
  return one !== undefined && other !== undefined && one >= other;
}

function checkOperation(reader: TokenReader, operator: Operator, right: Arithmetic, token: Token): void {
  if (right.kind !== 'number') return;
  if ((operator === '/' || operator === '%') && right.value === 0) reader.wrong(token, 'division by zero');
  if ((operator === '<<' || operator === '>>') && right.value > 31) {
    reader.wrong(token, 'a number of 32 bits cannot be shifted by more than 31');
  }
}

function parseOperand(reader: TokenReader): Arithmetic | undefined {
  if (reader.takeIf('(') !== undefined) {
    const inner = reader.deeper(() => parseArithmetic(reader));
    reader.expect(')');
    return inner;
  }
  if (reader.takeIf('len') !== undefined) return { kind: 'length' };
  const token = reader.peek();
  if (token.kind === 'number') return { kind: 'number', value: reader.take().value };
  if (token.kind === 'word' && isProtocol(token.text)) return parseLoad(reader);
  return reader.unexpected('a number');
}

/** `tcp[13]`, `ether[0:4]`. */
function parseLoad(reader: TokenReader): Arithmetic | undefined {
  const { text, ...token } = reader.take();
  const word = LINK_WORDS.includes(text) ? 'ether' : text;
  if (word !== 'ether' && !INDEXED.includes(word)) {
    return reader.wrong({ text, ...token }, `the bytes of ${text} cannot be asked for`);
  }
  reader.expect('[');
  const index = reader.deeper(() => parseArithmetic(reader));
  let size = 1;
  if (reader.takeIf(':') !== undefined) {
    const given = reader.take();
    size = given.kind === 'number' ? given.value : 0;
    if (![1, 2, 4].includes(size)) return reader.wrong(given, 'a piece of a packet has 1, 2 or 4 bytes');
  }
  reader.expect(']');
  return index && { kind: 'load', word, index, size };
}

function isProtocol(text: string): boolean {
  return PROTOCOL_WORDS.has(text) || LINK_WORDS.includes(text);
}

function isOpening(token: Token): boolean {
  return token.kind === 'word' && token.text === '[';
}
