import { parseIpv4 } from '../../wire/address.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ipv4.ts';
import type { Comware } from '../comware.ts';
import { type Acl, type AclAddress, type AclRule, aclRuleText, type PortRange } from '../forwarding/acl.ts';
import type { Command, Cursor } from './command-table.ts';
import type { Words } from './words.ts';

const STEP = 5;
const RULES_MAX = 65534;

/** `acl { basic | advanced | number } N` leads into the view of the ACL; `undo` removes it. */
export const ACL_COMMANDS: readonly Command<Cursor>[] = [
  { words: 'acl basic', run: (cw, cursor, words, undo) => openAcl(cw, cursor, words, undo, 2000, 2999) },
  { words: 'acl advanced', run: (cw, cursor, words, undo) => openAcl(cw, cursor, words, undo, 3000, 3999) },
  { words: 'acl number', run: (cw, cursor, words, undo) => openAcl(cw, cursor, words, undo, 2000, 3999) },
];

function openAcl(
  cw: Comware,
  cursor: Cursor,
  words: Words,
  undo: boolean,
  least: number,
  most: number,
): string | undefined {
  const { nat } = cw;
  const number = words.integer('ACL number', least, most);
  const fault = words.end();
  if (fault !== undefined) return fault;
  if (undo) {
    if (!nat.acls.delete(number)) return `ACL ${number} does not exist.`;
    nat.forgetUntranslated();
    return undefined;
  }
  const acl = nat.acls.get(number) ?? { number, rules: [], step: STEP, description: '' };
  nat.acls.set(number, acl);
  cursor.view = { kind: 'acl', acl };
  return undefined;
}

/** Commands of the ACL view. */
export const ACL_VIEW: readonly Command<Acl>[] = [
  { words: 'rule', run: (cw, acl, words, undo) => (undo ? undoRule(cw, acl, words) : addRule(cw, acl, words)) },
  { words: 'description', run: (_cw, acl, words, undo) => description(words, undo, acl) },
];

/** Text for people; what it describes keeps it. */
export function description(words: Words, undo: boolean, of: { description: string }): string | undefined {
  if (undo) {
    const fault = words.end();
    if (fault === undefined) of.description = '';
    return fault;
  }
  if (words.isEmpty) return 'Unrecognized command: description without a text';
  of.description = words.takeRest();
  return undefined;
}

function addRule(cw: Comware, acl: Acl, words: Words): string | undefined {
  const given = words.isNumberAhead ? words.integer('rule number', 0, RULES_MAX) : undefined;
  const id = given ?? nextId(acl);
  if (given !== undefined && words.accept('comment')) return description(words, false, { description: '' });
  const rule = readRule(acl, id, words);
  const fault = words.end();
  if (fault !== undefined) return fault;
  // Without a number, a rule that is there already is not made twice.
  const text = aclRuleText(rule, acl.number < 3000);
  if (given === undefined && acl.rules.some((other) => aclRuleText(other, acl.number < 3000) === text))
    return undefined;
  const others = acl.rules.filter((other) => other.id !== id);
  acl.rules = [...others, rule].sort((a, b) => a.id - b.id);
  cw.nat.forgetUntranslated();
  return undefined;
}

/** The next multiple of the step above the highest number. */
function nextId(acl: Acl): number {
  const highest = acl.rules.at(-1)?.id;
  return highest === undefined ? 0 : (Math.floor(highest / acl.step) + 1) * acl.step;
}

function undoRule(cw: Comware, acl: Acl, words: Words): string | undefined {
  const id = words.integer('rule number', 0, RULES_MAX);
  if (words.accept('comment')) return words.end();
  const fault = words.end();
  if (fault !== undefined) return fault;
  if (!acl.rules.some((rule) => rule.id === id)) return `ACL ${acl.number} has no rule ${id}.`;
  acl.rules = acl.rules.filter((rule) => rule.id !== id);
  cw.nat.forgetUntranslated();
  return undefined;
}

function readRule(acl: Acl, id: number, words: Words): AclRule {
  const permits = words.accept('permit');
  if (!permits) words.expect('deny');
  const isBasic = acl.number < 3000;
  const protocol = isBasic ? undefined : readProtocol(words);
  let source: AclAddress | undefined;
  let destination: AclAddress | undefined;
  let sourcePort: PortRange | undefined;
  let destinationPort: PortRange | undefined;
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  for (;;) {
    if (words.accept('source')) source = readAddress(words);
    else if (!isBasic && words.accept('destination')) destination = readAddress(words);
    else if (hasPorts && words.accept('source-port')) sourcePort = readPorts(words);
    else if (hasPorts && words.accept('destination-port')) destinationPort = readPorts(words);
    else if (!words.accept('counting') && !words.accept('logging')) break;
  }
  return { id, permits, protocol, source, destination, sourcePort, destinationPort };
}

/** Undefined for `ip`: every protocol. */
function readProtocol(words: Words): number | undefined {
  if (words.accept('ip')) return undefined;
  if (words.accept('tcp')) return PROTOCOL_TCP;
  if (words.accept('udp')) return PROTOCOL_UDP;
  if (words.accept('icmp')) return PROTOCOL_ICMP;
  return words.integer('protocol', 0, 255);
}

/** `any`, `A WILDCARD` or `A 0`; undefined for any. */
function readAddress(words: Words): AclAddress | undefined {
  if (words.accept('any')) return undefined;
  const address = words.address('address');
  const isDotted = parseIpv4(words.ahead) !== undefined;
  const wildcard = isDotted ? words.address('wildcard') : words.integer('wildcard', 0, 0);
  return { address: (address & ~wildcard) >>> 0, wildcard };
}

function readPorts(words: Words): PortRange {
  if (words.accept('eq')) {
    const port = words.port();
    return { first: port, last: port };
  }
  if (words.accept('gt')) return { first: words.port() + 1, last: 65535 };
  if (words.accept('lt')) return { first: 0, last: words.port() - 1 };
  words.expect('range');
  return words.ports() ?? { first: words.port(), last: 0 };
}
