import type { RouteSelector, RouteVerb } from '../kernel/control.ts';
import type { RouteRequest } from '../kernel/forwarding/fib-semantics.ts';
import {
  type RouteType,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  type Scope,
  TABLE_LOCAL,
  TABLE_MAIN,
} from '../kernel/forwarding/fib-table.ts';
import type { Ipv4, Prefix } from '../wire/address.ts';
import {
  networkOf,
  parseAnyPrefix,
  readAddress,
  readDevice,
  readNumber,
  readPrefix,
  readRouteProtocol,
  readScope,
  readTable,
} from './values.ts';
import { beginning, type WordReader } from './word-reader.ts';

export interface RouteAdd {
  readonly object: 'route';
  readonly verb: RouteVerb;
  readonly request: RouteRequest;
}

export interface RouteDelete {
  readonly object: 'route';
  readonly verb: 'del';
  readonly selector: RouteSelector;
}

export interface RouteFlush {
  readonly object: 'route';
  readonly verb: 'flush';
  /** What ICMP taught, instead of routes. */
  readonly cache?: true;
  /** Undefined for all. */
  readonly table: number | undefined;
  /** '' for any. */
  readonly device: string;
}

const TYPES: readonly RouteType[] = [
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'throw',
  'unreachable',
  'prohibit',
  'blackhole',
];
const KEYWORDS = ['to', 'via', 'dev', 'src', 'metric', 'preference', 'table', 'scope', 'protocol', 'onlink'] as const;
/** Words that may be cut short, in the order iproute_modify() asks for them; the types stand last (rtnl_rtntype_a2n). */
const SHORT = [
  ...['tos', 'dsfield', 'metric', 'priority', 'hoplimit', 'advmss', 'window', 'initcwnd', 'initrwnd'],
  ...['protocol', 'table', ...TYPES.filter((type) => type !== 'local' && type !== 'throw')],
] as const;
/** What iproute2 takes as well, and the model has nothing to do with. */
const NOT_MODELLED = [
  ...['tos', 'dsfield', 'mtu', 'advmss', 'nexthop', 'nhid', 'encap', 'weight', 'vrf', 'realms', 'congctl', 'window'],
  ...['cwnd', 'initcwnd', 'initrwnd', 'rtt', 'rttvar', 'rto_min', 'quickack', 'features', 'ssthresh', 'hoplimit'],
];

/** What the words of a route said; what is undefined they left open. */
class RouteWords {
  type: RouteType | undefined;
  prefix: Prefix | undefined;
  gateway: Ipv4 | undefined;
  device: string | undefined;
  prefsrc: Ipv4 | undefined;
  metric: number | undefined;
  table: number | undefined;
  scope: Scope | undefined;
  protocol: string | undefined;
  onlink = false;
}

/** What follows `ip route add`. Models iproute2's iproute_modify() with the defaults it fills in. */
export function readRouteRequest(words: WordReader): RouteRequest {
  const said = readRouteWords(words);
  const type = said.type ?? 'unicast';
  return {
    type,
    prefix: said.prefix ?? { network: 0, length: 0 },
    gateway: said.gateway ?? 0,
    device: said.device ?? '',
    table: said.table ?? tableOf(type),
    scope: said.scope,
    prefsrc: said.prefsrc ?? 0,
    metric: said.metric ?? 0,
    protocol: said.protocol ?? 'boot',
    onlink: said.onlink,
  };
}

/** What follows `ip route del`. */
export function readRouteSelector(words: WordReader): RouteSelector {
  const { prefix, type, table, gateway, device, prefsrc, metric, scope, protocol } = readRouteWords(words);
  return {
    prefix: prefix ?? { network: 0, length: 0 },
    table: table ?? tableOf(type),
    ...(type === undefined ? {} : { type }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { device }),
    ...(prefsrc === undefined ? {} : { prefsrc }),
    ...(protocol === undefined ? {} : { protocol }),
    ...selectedScope(type, scope),
    // To the kernel a metric of 0 is none asked for.
    ...(metric === undefined || metric === 0 ? {} : { metric }),
  };
}

/** iproute2 fills a scope in for these types even where it deletes; `nowhere` matches any. */
function selectedScope(type: RouteType | undefined, scope: Scope | undefined): { readonly scope?: Scope } {
  if (scope !== undefined) return scope === SCOPE_NOWHERE ? {} : { scope };
  if (type === 'local') return { scope: SCOPE_HOST };
  return type === 'broadcast' || type === 'multicast' ? { scope: SCOPE_LINK } : {};
}

function tableOf(type: RouteType | undefined): number {
  return type === 'local' || type === 'broadcast' ? TABLE_LOCAL : TABLE_MAIN;
}

/** What follows `ip route flush`. */
export function readRouteFlush(words: WordReader): RouteFlush {
  if (words.done) words.incomplete('"ip route flush" requires arguments.', 'say `table T` or `dev D`');
  let table: number | undefined = TABLE_MAIN;
  let device = '';
  if (words.takeIf('cache')) {
    if (!words.done) words.unknown(`"ip route flush cache ${words.take()}" is not modelled`, []);
    return { object: 'route', verb: 'flush', cache: true, table, device };
  }
  while (!words.done) {
    if (words.takeIf('table')) table = words.takeIf('all') ? undefined : readTable(words);
    else if (words.takeIf('dev')) device = readDevice(words);
    else {
      const word = words.take();
      words.unknown(`"ip route flush ${word}" is not modelled`, ['table', 'dev']);
    }
  }
  return { object: 'route', verb: 'flush', table, device };
}

function readRouteWords(words: WordReader): RouteWords {
  const said = new RouteWords();
  if (words.done) words.incomplete('Command line is not complete. Try option "help"', 'a prefix or "default"');
  while (!words.done) readOption(words, said);
  if (said.prefix === undefined) words.incomplete('a route needs a prefix or "default"');
  return said;
}

function readOption(words: WordReader, said: RouteWords): void {
  const word = words.take();
  const full = fullWord(word);
  switch (full) {
    case 'via':
      if (said.gateway !== undefined) words.wrong('argument "via" is wrong: multiple next hops are not modelled');
      words.takeIf('inet');
      said.gateway = readAddress(words);
      return;
    case 'dev':
    case 'oif':
      said.device = readDevice(words);
      return;
    case 'src':
      said.prefsrc = readAddress(words);
      return;
    case 'metric':
    case 'priority':
    case 'preference':
      once(words, word, said.metric);
      said.metric = readNumber(words, 0, 0xffffffff, '"metric" value is invalid');
      return;
    case 'table':
      once(words, word, said.table);
      said.table = readTable(words);
      return;
    case 'scope':
      once(words, word, said.scope);
      said.scope = readScope(words, 'invalid "scope" value');
      return;
    case 'protocol':
      once(words, word, said.protocol);
      said.protocol = readRouteProtocol(words);
      return;
    case 'onlink':
      said.onlink = true;
      return;
    default:
      readTypeOrPrefix(words, said, full);
  }
}

/** The word taken last asks for what has to be `said` only once. */
function once(words: WordReader, word: string, said: number | string | undefined): void {
  if (said !== undefined) words.wrong(`duplicate "${word}": "${word}" is the second value.`);
}

const WHOLE: ReadonlySet<string> = new Set(['default', ...KEYWORDS, ...NOT_MODELLED]);

/** What a word stands for: `default` and prefixes for themselves. */
function fullWord(word: string): string {
  // No keyword begins with a digit, and nearly every prefix does.
  const isWhole = (word >= '0' && word < ':') || WHOLE.has(word);
  return isWhole ? word : (beginning(word, SHORT) ?? word);
}

/** The first word that is no keyword: a type with the prefix behind it, or the prefix. */
function readTypeOrPrefix(words: WordReader, said: RouteWords, word: string): void {
  const prefix = parseAnyPrefix(word);
  if (prefix === undefined && NOT_MODELLED.includes(word)) {
    words.wrong(`"${word}" is not modelled`);
  } else if (said.prefix !== undefined) {
    words.unknown(`either "to" is duplicate, or "${word}" is a garbage.`, KEYWORDS);
  } else if (prefix !== undefined) {
    said.prefix = networkOf(words, prefix);
  } else if (word === 'to' || isType(word)) {
    if (isType(word)) said.type = word;
    said.prefix = readPrefix(words);
  } else {
    words.unknown(`any valid prefix is expected rather than "${word}".`, [...TYPES, ...KEYWORDS, 'default']);
  }
}

function isType(word: string): word is RouteType {
  return (TYPES as readonly string[]).includes(word);
}
