import { type FibRule, LEGACY_TOS, type RuleAction } from '../kernel/forwarding/fib-rules.ts';
import { TABLE_MAIN } from '../kernel/forwarding/fib-table.ts';
import { parseNumber, readDevice, readIpProtocol, readNumber, readPorts, readSelector, readTable } from './values.ts';
import { beginning, type WordReader } from './word-reader.ts';

/** A rule to add; without a priority the kernel gives it one. */
export interface RuleRequest extends Omit<FibRule, 'priority'> {
  readonly priority: number | undefined;
}

export interface RuleAdd {
  readonly object: 'rule';
  readonly verb: 'add';
  readonly request: RuleRequest;
}

export interface RuleDelete {
  readonly object: 'rule';
  readonly verb: 'del';
  /** What was not said matches any; the kernel does not compare `not`. */
  readonly selector: Partial<FibRule>;
}

const ACTIONS: readonly RuleAction[] = ['blackhole', 'unreachable', 'prohibit'];
const KEYWORDS = [
  ...[
    'not',
    'from',
    'to',
    'iif',
    'oif',
    'tos',
    'fwmark',
    'ipproto',
    'sport',
    'dport',
    'lookup',
    'table',
    'preference',
    'priority',
  ],
  ...['order', ...ACTIONS],
] as const;
const NOT_MODELLED = [
  ...['dscp', 'uidrange', 'l3mdev', 'tun_id', 'realms', 'goto', 'nop', 'protocol', 'nat'],
  ...['suppress_prefixlength', 'suppress_ifgroup', 'suppressor'],
];

/** Words that may be cut short, in the order iprule_modify() asks for them; the last are types (rtnl_rtntype_a2n). */
const SHORT = [
  ...['preference', 'order', 'priority', 'table', 'tos', 'dsfield', 'realms', 'protocol', 'goto', 'nop'],
  ...['unicast', ...ACTIONS],
] as const;

/** What the words of a rule said, but for what matches everything. */
type RuleWords = { -readonly [key in keyof FibRule]?: FibRule[key] };

/** What follows `ip rule add`. Models iproute2's iprule_modify() and the kernel's defaults. */
export function readRuleRequest(words: WordReader): RuleRequest {
  const said = readRuleWords(words, 'add');
  return {
    priority: said.priority,
    action: said.action ?? 'lookup',
    table: said.table ?? TABLE_MAIN,
    not: said.not ?? false,
    from: said.from,
    to: said.to,
    iif: said.iif,
    oif: said.oif,
    tos: said.tos,
    fwmark: said.fwmark,
    fwmask: said.fwmask ?? 0xffffffff,
    protocol: said.protocol,
    sourcePorts: said.sourcePorts,
    destinationPorts: said.destinationPorts,
  };
}

/** What follows `ip rule del`. */
export function readRuleSelector(words: WordReader): Partial<FibRule> {
  const { not: _, ...selector } = readRuleWords(words, 'del');
  return selector;
}

function readRuleWords(words: WordReader, verb: 'add' | 'del'): RuleWords {
  if (words.done) words.incomplete(`"ip rule ${verb}" requires arguments.`);
  const said: RuleWords = {};
  while (!words.done) readOption(words, said);
  return said;
}

function readOption(words: WordReader, said: RuleWords): void {
  const word = words.take();
  switch (fullWord(word)) {
    case 'not':
      said.not = true;
      return;
    case 'from':
    case 'to': {
      const prefix = readSelector(words);
      if (prefix !== undefined) said[word === 'from' ? 'from' : 'to'] = prefix;
      return;
    }
    case 'iif':
    case 'dev':
      said.iif = readDevice(words);
      return;
    case 'oif':
      said.oif = readDevice(words);
      return;
    case 'fwmark':
      readMark(words, said);
      return;
    case 'tos':
    case 'dsfield':
      readTos(words, said);
      return;
    case 'ipproto':
      said.protocol = readIpProtocol(words);
      return;
    case 'sport':
      said.sourcePorts = readPorts(words, 'sport');
      return;
    case 'dport':
      said.destinationPorts = readPorts(words, 'dport');
      return;
    case 'preference':
    case 'priority':
    case 'order':
      said.priority = readNumber(words, 0, 0xffffffff, 'preference value is invalid');
      return;
    case 'lookup':
    case 'table':
      said.action = 'lookup';
      said.table = readTable(words, 'invalid table ID');
      return;
    default:
      readAction(words, said, fullWord(word));
  }
}

/** What a word stands for. */
function fullWord(word: string): string {
  return KEYWORDS.find((one) => one === word) ?? beginning(word, SHORT) ?? word;
}

function readAction(words: WordReader, said: RuleWords, word: string): void {
  const name = word === 'type' ? fullWord(words.take()) : word;
  const action = ACTIONS.find((one) => one === name);
  if (NOT_MODELLED.includes(name)) words.wrong(`"${name}" is not modelled`);
  else if (action !== undefined) said.action = action;
  else if (name !== 'unicast') words.unknown(`argument "${name}" is wrong: Failed to parse rule type`, KEYWORDS);
}

/** Hexadecimal, with or without 0x; the kernel wants no ECN bits and nothing above bit 4 (fib4_rule_configure). */
function readTos(words: WordReader, said: RuleWords): void {
  const tos = words.value(
    (text) => (/^(0x)?[0-9a-f]{1,2}$/i.test(text) ? Number.parseInt(text, 16) : undefined),
    0,
    () => 'argument "tos" is wrong: TOS value is invalid',
  );
  if ((tos & 3) !== 0) words.wrong('Error: Invalid dsfield (tos): ECN bits must be 0.');
  else if ((tos & ~LEGACY_TOS) !== 0) words.wrong('Error: Invalid tos.');
  if (tos !== 0) said.tos = tos;
}

/** `MARK[/MASK]`; a mark of 0 without a mask is no mark asked for (fib_nl2rule). */
function readMark(words: WordReader, said: RuleWords): void {
  const [mark, mask] = words.value<readonly [number, number | undefined]>(
    (text) => {
      const [left = '', right, ...rest] = text.split('/');
      const value = parseNumber(left, 0, 0xffffffff);
      const bits = right === undefined ? undefined : parseNumber(right, 0, 0xffffffff);
      const isWhole = rest.length === 0 && (right === undefined || bits !== undefined);
      return value === undefined || !isWhole ? undefined : [value, bits];
    },
    [0, undefined],
    (text) => `argument "${text}" is wrong: fwmark value is invalid`,
  );
  if (mark === 0 && (mask ?? 0) === 0) return;
  said.fwmark = mark;
  said.fwmask = mask ?? 0xffffffff;
}
