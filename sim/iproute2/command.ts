import { must } from '../core/assert.ts';
import type { RouteRequest } from '../kernel/forwarding/fib-semantics.ts';
import { type AddrChange, type AddrFlush, readAddrChange, readAddrFlush } from './addr-command.ts';
import type { CommandFault } from './fault.ts';
import { type FdbChange, readFdbChange } from './fdb-command.ts';
import { type LinkSet, readLinkSet } from './link-command.ts';
import {
  type NeighChange,
  type NeighFlush,
  type ProxyChange,
  readNeighChange,
  readNeighFlush,
} from './neigh-command.ts';
import { type PortSet, readPortSet } from './port-command.ts';
import {
  type RouteAdd,
  type RouteDelete,
  type RouteFlush,
  readRouteFlush,
  readRouteRequest,
  readRouteSelector,
} from './route-command.ts';
import { type RuleAdd, type RuleDelete, type RuleRequest, readRuleRequest, readRuleSelector } from './rule-command.ts';
import { readSysctlWrite, type SysctlWrite } from './sysctl-command.ts';
import { beginning, WordReader } from './word-reader.ts';

/** A command that changes a namespace, as plain data. Names of devices are not looked up yet. */
export type Command =
  | RouteAdd
  | RouteDelete
  | RouteFlush
  | RuleAdd
  | RuleDelete
  | AddrChange
  | AddrFlush
  | LinkSet
  | NeighChange
  | ProxyChange
  | NeighFlush
  | SysctlWrite
  | FdbChange
  | PortSet;

/** Reads a line as a network engineer types it: `ip route|rule|addr|link|neigh ...`, `sysctl ...`, `bridge fdb|link ...`. */
export function parseCommand(line: string): Command | CommandFault {
  return parsed(line, readCommand);
}

/** What follows `ip route add`. */
export function parseRoute(text: string): RouteRequest | CommandFault {
  return parsed(text, readRouteRequest);
}

/** What follows `ip rule add`. */
export function parseRule(text: string): RuleRequest | CommandFault {
  return parsed(text, readRuleRequest);
}

function parsed<T>(line: string, read: (words: WordReader) => T | undefined): T | CommandFault {
  const words = new WordReader(line);
  const result = read(words);
  return words.fault ?? must(result, `"${line}" is neither a command nor at fault`);
}

const PROGRAMS = ['ip', 'sysctl', 'bridge'];

function readCommand(words: WordReader): Command | undefined {
  const program = words.take();
  switch (program) {
    case 'ip':
      return readIp(words);
    case 'sysctl':
      return readSysctlWrite(words);
    case 'bridge':
      return readBridge(words);
    default:
      words.unknown(`${program}: command not found`, PROGRAMS);
      return undefined;
  }
}

/** In the order ip.c asks for them, so that a prefix means what it means there. */
const OBJECTS = [
  'address',
  'addrlabel',
  'maddress',
  'route',
  'rule',
  'neighbor',
  'neighbour',
  'ntable',
  'link',
  'l2tp',
];

function readIp(words: WordReader): Command | undefined {
  while (words.takeIf('-4', '-family', '-f')) words.takeIf('inet');
  const object = words.take();
  switch (beginning(object, OBJECTS)) {
    case 'route':
      return readRoute(words);
    case 'rule':
      return readRule(words);
    case 'address':
      return readAddr(words);
    case 'link':
      return readLink(words);
    case 'neighbor':
    case 'neighbour':
      return readNeigh(words);
    default:
      words.unknown(`Object "${object}" is unknown or not modelled.`, ['route', 'rule', 'addr', 'link', 'neigh']);
      return undefined;
  }
}

function readRoute(words: WordReader): Command | undefined {
  const verb = readVerb(words, 'ip route', ['add', 'change', 'chg', 'replace', 'prepend', 'append', 'delete', 'flush']);
  switch (verb) {
    case 'delete':
      return { object: 'route', verb: 'del', selector: readRouteSelector(words) };
    case 'flush':
      return readRouteFlush(words);
    case 'add':
    case 'append':
    case 'prepend':
    case 'replace':
      return { object: 'route', verb, request: readRouteRequest(words) };
    case undefined:
      return undefined;
    default:
      return { object: 'route', verb: 'change', request: readRouteRequest(words) };
  }
}

function readRule(words: WordReader): Command | undefined {
  const verb = readVerb(words, 'ip rule', ['add', 'delete']);
  if (verb === 'add') return { object: 'rule', verb, request: readRuleRequest(words) };
  return verb === undefined ? undefined : { object: 'rule', verb: 'del', selector: readRuleSelector(words) };
}

function readAddr(words: WordReader): Command | undefined {
  const verb = readVerb(words, 'ip addr', ['add', 'delete', 'flush']);
  if (verb === undefined) return undefined;
  return verb === 'flush' ? readAddrFlush(words) : readAddrChange(words, verb === 'add' ? 'add' : 'del');
}

function readLink(words: WordReader): Command | undefined {
  return readVerb(words, 'ip link', ['set']) === undefined ? undefined : readLinkSet(words);
}

function readNeigh(words: WordReader): Command | undefined {
  const verb = readVerb(words, 'ip neigh', ['add', 'replace', 'delete', 'flush']);
  if (verb === undefined) return undefined;
  return verb === 'flush' ? readNeighFlush(words) : readNeighChange(words, verb === 'delete' ? 'del' : verb);
}

function readBridge(words: WordReader): Command | undefined {
  const object = words.take();
  if (beginning(object, BRIDGE_OBJECTS) === 'link') {
    return readVerb(words, 'bridge link', ['set']) === undefined ? undefined : readPortSet(words);
  }
  if (beginning(object, BRIDGE_OBJECTS) !== 'fdb') {
    words.unknown(`Object "${object}" is unknown or not modelled.`, ['fdb', 'link']);
    return undefined;
  }
  const verb = readVerb(words, 'bridge fdb', ['add', 'append', 'replace', 'delete']);
  return verb === undefined ? undefined : readFdbChange(words, verb === 'delete' ? 'del' : verb);
}

/** In the order bridge.c asks for them. */
const BRIDGE_OBJECTS = ['link', 'fdb', 'mdb', 'vlan', 'vni', 'monitor'];

/** Words that show, and change nothing. */
const SHOWING = ['show', 'list', 'lst', 'get', 'help'];

/** The verb a word stands for: the first of `verbs`, in the order the tool asks for them, that begins with it. */
function readVerb<const T extends string>(words: WordReader, command: string, verbs: readonly T[]): T | undefined {
  if (words.done) words.incomplete(`"${command}" alone shows; here only commands that change something are run`);
  const word = words.take();
  const verb = beginning(word, verbs);
  if (verb === undefined && SHOWING.includes(word)) {
    words.wrong(`"${command} ${word}" shows; here only commands that change something are run`);
  } else if (verb === undefined) {
    words.unknown(`Command "${word}" is unknown or not modelled, after "${command}".`, [...verbs, 'del']);
  }
  return verb;
}
