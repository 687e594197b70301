import { nearest } from '../core/nearest.ts';
import { parseMac } from '../wire/mac.ts';
import { addressTest, nameTest, networkTest } from './address-test.ts';
import type { Arithmetic, Direction, Expression, Relation } from './expression.ts';
import type { FilterNames } from './names.ts';
import { portTest } from './port-test.ts';
import type { Qualifiers } from './qualifiers.ts';
import type { Token } from './token.ts';
import type { TokenReader } from './token-reader.ts';
import { ETHERTYPE_NAMES, FOREIGN_WORDS, IP_PROTOCOL_NAMES, LINK_WORDS, PROTOCOL_WORDS } from './words.ts';

/** Reads a test that needs no value, or the qualifiers before one. Models the rules rterm, head and other of grammar.y. */
export function parsePrimitive(reader: TokenReader): Expression | Qualifiers | undefined {
  const first = reader.peek();
  if (first.kind !== 'word') return strayValue(reader, first);
  if (FOREIGN_WORDS.has(first.text)) return reader.wrong(first, `"${first.text}" is not supported`);
  const isLink = LINK_WORDS.includes(first.text);
  const word = isLink || PROTOCOL_WORDS.has(first.text) ? reader.take() : undefined;
  const protocol = isLink ? 'ether' : (word?.text ?? '');
  const group = reader.takeIf('broadcast', 'multicast');
  if (group !== undefined) return groupTest(reader, protocol, group);
  const qualifiers = parseQualifiers(reader, protocol);
  if (qualifiers !== undefined || reader.fault !== undefined) return qualifiers;
  if (word === undefined) return parseOther(reader);
  if (isLink) return reader.unexpected('"host", "src", "dst", "proto" or "["');
  return { kind: 'protocol', word: protocol };
}

function strayValue(reader: TokenReader, token: Token): undefined {
  if (token.kind === 'end') return reader.unexpected('a test');
  const close = nearest(token.text, ['host', 'port', 'src', 'dst', ...PROTOCOL_WORDS.keys()]);
  const hint = close === undefined ? 'write host, net, port or proto before it' : `did you mean "${close}"?`;
  return reader.wrong(token, `"${token.text}" alone says nothing`, hint);
}

/** `src or dst port`; undefined where the next token is none of these words. */
function parseQualifiers(reader: TokenReader, protocol: string): Qualifiers | undefined {
  const direction = parseDirection(reader);
  const type = reader.takeIf('host', 'net', 'port', 'portrange');
  if (type !== undefined) {
    return { protocol, direction: direction ?? 'or', type: type.text as 'host' | 'net' | 'port' | 'portrange' };
  }
  if (direction !== undefined) return { protocol, direction, type: 'host' };
  const unsupported = reader.takeIf('gateway', 'protochain');
  if (unsupported !== undefined) return reader.wrong(unsupported, `"${unsupported.text}" is not supported`);
  return reader.takeIf('proto') === undefined ? undefined : { protocol, direction: 'or', type: 'proto' };
}

function parseDirection(reader: TokenReader): Direction | undefined {
  const one = reader.takeIf('src', 'dst')?.text;
  if (one === undefined) return undefined;
  const [join, other] = [reader.peek(), reader.peek(1)];
  const isJoined = join.kind === 'word' && other.kind === 'word' && ['src', 'dst'].includes(other.text);
  if (!isJoined || other.text === one || reader.takeIf('and', 'or') === undefined) return one as Direction;
  reader.take();
  return join.text as Direction;
}

/** `ether broadcast`, `ip multicast`. */
function groupTest(reader: TokenReader, protocol: string, { text, ...token }: Token): Expression | undefined {
  const isBroadcast = text === 'broadcast';
  switch (protocol) {
    case '':
    case 'ether':
      return { kind: 'group', of: isBroadcast ? 'ether-broadcast' : 'ether-multicast' };
    case 'ip':
      return { kind: 'group', of: isBroadcast ? 'ip-broadcast' : 'ip-multicast' };
    case 'ip6':
      if (!isBroadcast) return { kind: 'group', of: 'ip6-multicast' };
  }
  return reader.wrong({ text, ...token }, `there is no ${text} of ${protocol}`);
}

/** Tests with words of their own. */
function parseOther(reader: TokenReader): Expression | undefined {
  const token = reader.take();
  switch (token.text) {
    // grammar.y: "less" is less than or equal, "greater" is greater than or equal.
    case 'less':
      return lengthTest(reader, '<=');
    case 'greater':
      return lengthTest(reader, '>=');
    case 'byte':
      return byteTest(reader);
    case 'vlan':
      return { kind: 'vlan', id: optionalNumber(reader, 0xfff, 'VLAN') };
    case 'vxlan':
      return { kind: 'vxlan', id: optionalNumber(reader, 0xffffff, 'VXLAN network') };
    case 'inbound':
    case 'outbound':
      return reader.wrong(token, `"${token.text}" is not known of a captured frame`);
    default:
      return reader.wrong(token, `no test begins with "${token.text}"`);
  }
}

function lengthTest(reader: TokenReader, relation: Relation): Expression | undefined {
  const value = parseNumber(reader, 'a number of bytes');
  return value && compare({ kind: 'length' }, relation, { kind: 'number', value: value.value });
}

/** `byte 12 = 8`, with `<`, `>`, `&` and `|` as well: about a byte of the frame from the link header on. */
function byteTest(reader: TokenReader): Expression | undefined {
  const index = parseNumber(reader, 'the number of a byte');
  const operator = index && reader.takeIf('=', '<', '>', '&', '|');
  if (index === undefined) return undefined;
  if (operator === undefined) return reader.unexpected('one of = < > & |');
  const value = parseNumber(reader, 'a number');
  if (value === undefined) return undefined;
  if (value.value > 255) return reader.wrong(value, 'a byte is 255 at most');
  const byte: Arithmetic = { kind: 'load', word: 'ether', index: { kind: 'number', value: index.value }, size: 1 };
  const right: Arithmetic = { kind: 'number', value: value.value };
  const { text } = operator;
  if (text === '&' || text === '|') {
    const left: Arithmetic = { kind: 'operation', operator: text, left: byte, right };
    return compare(left, '!=', { kind: 'number', value: 0 });
  }
  return compare(byte, text as Relation, right);
}

function compare(left: Arithmetic, relation: Relation, right: Arithmetic): Expression {
  return { kind: 'compare', relation, left, right };
}

/** A number that is there, or a fault. */
function parseNumber(reader: TokenReader, wanted: string): Token | undefined {
  return reader.peek().kind === 'number' ? reader.take() : reader.unexpected(wanted);
}

function optionalNumber(reader: TokenReader, most: number, what: string): number | undefined {
  if (reader.peek().kind !== 'number') return undefined;
  const token = reader.take();
  if (token.value > most) reader.wrong(token, `a ${what} has a number of ${most} at most`);
  return token.value;
}

/** The test of one value. Models gencode.c gen_scode(), gen_ncode(), gen_mcode() and gen_ecode(). */
export function valueTest(
  reader: TokenReader,
  names: FilterNames,
  qualifiers: Qualifiers | undefined,
): Expression | undefined {
  if (qualifiers === undefined) return strayValue(reader, reader.peek());
  const token = reader.take();
  switch (qualifiers.type) {
    case 'port':
    case 'portrange':
      return portTest(reader, qualifiers, token);
    case 'proto':
      return protocolTest(reader, qualifiers, token);
    default:
      return hostTest(reader, names, qualifiers, token);
  }
}

/** `host 10.0.0.1`, `net 10.0.0.0/8`, `ether src 02:00:00:00:00:01`, `host gw`. */
function hostTest(
  reader: TokenReader,
  names: FilterNames,
  qualifiers: Qualifiers,
  token: Token,
): Expression | undefined {
  const { protocol, direction, type } = qualifiers;
  if (token.kind === 'mac') {
    const isLink = protocol === 'ether' && type === 'host';
    const mac = parseMac(colons(token.text));
    if (mac !== undefined && isLink) return { kind: 'mac', direction, macs: [mac] };
    return reader.wrong(token, 'a MAC address has "ether" before it', 'write ether host, ether src or ether dst');
  }
  if (!['', 'ip', 'arp', 'rarp', 'ip6', 'ether'].includes(protocol)) {
    const hint = `write ${protocol} and ${type} ${token.text}`;
    return reader.wrong(token, `there is no ${type} of ${protocol}`, hint);
  }
  if (token.kind === 'id') return nameTest(reader, names, qualifiers, token);
  return networkTest(reader, qualifiers, token) ?? addressTest(reader, qualifiers, token);
}

/** Any of the ways to write a MAC, with colons and two digits each. */
function colons(text: string): string {
  const parts = text.split(/[:.-]/);
  const pairs = parts.length === 6 ? parts.map((part) => part.padStart(2, '0')) : parts.join('').match(/../g);
  return (pairs ?? []).join(':');
}

/** `proto 6`, `ip proto \tcp`, `ether proto 0x800`. */
function protocolTest(reader: TokenReader, qualifiers: Qualifiers, token: Token): Expression | undefined {
  const { protocol } = qualifiers;
  if (!['', 'ip', 'ip6', 'ether'].includes(protocol)) return reader.wrong(token, `there is no proto of ${protocol}`);
  const isLink = protocol === 'ether';
  const table = isLink ? ETHERTYPE_NAMES : IP_PROTOCOL_NAMES;
  const number = token.kind === 'number' ? token.value : token.kind === 'id' ? table.get(token.text) : undefined;
  if (number === undefined) {
    const close = nearest(token.text, table.keys());
    return reader.wrong(
      token,
      `unknown ${isLink ? 'EtherType' : 'protocol'} "${token.text}"`,
      close === undefined ? 'write its number' : `did you mean "\\${close}"?`,
    );
  }
  // A number that has no place in a header is taken, as tcpdump takes it, and never found there.
  if (!isLink)
    return { kind: 'ip-protocol', family: protocol === 'ip' || protocol === 'ip6' ? protocol : 'both', number };
  return { kind: 'ether-type', value: number };
}
