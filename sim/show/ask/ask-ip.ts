import { nearest } from '../../core/nearest.ts';
import { ownValue } from '../../core/own-value.ts';
import type { StackSnapshot } from '../../world/stack-snapshot.ts';
import { ipAddrRows, ipLinkRows, showIpAddr, showIpBriefAddr, showIpBriefLink } from '../linux-addr.ts';
import { jsonLine } from '../linux-json.ts';
import { type LinkFilter, showIpLink } from '../linux-link.ts';
import { ipNeighRows, type NeighFilter, proxyRows, showIpNeigh, showIpNeighProxy } from '../linux-neigh.ts';
import { ipRouteRows, type RouteFilter, showIpRoute } from '../linux-route.ts';
import { showIpRule } from '../linux-rule.ts';
import { abbreviated, type Misunderstanding, misunderstood, type Question } from './question.ts';

/** Options in front of the object, by the names of iproute2 that they may be cut short from. */
interface IpOptions {
  readonly json: boolean;
  readonly brief: boolean;
  readonly stats: boolean;
  readonly inet: boolean;
}

const OBJECTS = ['address', 'route', 'rule', 'neighbor', 'neighbour', 'link'] as const;
const SHOWN_AS: Readonly<Record<(typeof OBJECTS)[number], IpObject>> = {
  address: 'addr',
  route: 'route',
  rule: 'rule',
  neighbor: 'neigh',
  neighbour: 'neigh',
  link: 'link',
};
type IpObject = 'addr' | 'route' | 'rule' | 'neigh' | 'link';

const LISTS: readonly string[] = ['show', 'list', 'lst', 'ls'];

/** Reads what follows `ip`. Models iproute2's ip/ip.c main() and the list commands of its objects. */
export function askIp(words: readonly string[]): Question | Misunderstanding {
  const options = { json: false, brief: false, stats: false, inet: false };
  let at = 0;
  for (; words[at]?.startsWith('-') === true; at++) {
    const option = optionOf(words[at] ?? '');
    if (option === undefined) return misunderstood(`ip: "${words[at]}" is not among -j, -br, -s and -4`);
    options[option] = true;
  }
  const word = words[at] ?? '';
  const object = abbreviated(word, OBJECTS);
  if (object === undefined) {
    const close = nearest(word, ['addr', 'route', 'rule', 'neigh', 'link']);
    const hint = close === undefined ? 'there are ip addr, link, route, rule and neigh' : `did you mean "ip ${close}"?`;
    return misunderstood(word === '' ? 'ip: what of it?' : `ip: there is no object "${word}"`, hint);
  }
  const rest = words.slice(at + 1);
  const verb = rest[0];
  if (verb === undefined) return readList(SHOWN_AS[object], [], options);
  const isList = abbreviated(verb, LISTS) !== undefined;
  if (isList) return readList(SHOWN_AS[object], rest.slice(1), options);
  return misunderstood(`ip ${SHOWN_AS[object]} ${verb} is not a table`, `write ip ${SHOWN_AS[object]} show`);
}

function optionOf(word: string): keyof IpOptions | undefined {
  const bare = word.replace(/^-+/, '');
  if (bare === '4' || bare === 'f' || bare === 'inet') return 'inet';
  const full = abbreviated(bare, ['json', 'brief', 'stats', 'statistics']);
  if (full === undefined) return undefined;
  return full === 'json' || full === 'brief' ? full : 'stats';
}

/** Selectors of the lists, each with the words that begin it; those without a value stand alone. */
const SELECTORS: Readonly<Record<IpObject, Readonly<Record<string, string>>>> = {
  addr: { dev: 'dev', up: '', type: 'type', master: 'master' },
  link: { dev: 'dev', up: '', type: 'type', master: 'master' },
  route: { table: 'table', dev: 'dev', proto: 'proto', protocol: 'proto', scope: 'scope', type: 'type' },
  neigh: { dev: 'dev', nud: 'nud', proxy: '' },
  rule: {},
};

function readList(object: IpObject, words: readonly string[], options: IpOptions): Question | Misunderstanding {
  const selectors = SELECTORS[object];
  const asked = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const name = ownValue(selectors, word);
    // `ip addr show eth0` is `ip addr show dev eth0`.
    const isBareDevice =
      name === undefined && at === 0 && words.length === 1 && (object === 'addr' || object === 'link');
    if (isBareDevice) asked.set('dev', word);
    else if (name === '') asked.set(word, '');
    else if (name !== undefined && words[at + 1] !== undefined) asked.set(name, words[++at] ?? '');
    else return unknownSelector(object, word, name !== undefined);
  }
  return listOf(object, asked, options);
}

function unknownSelector(object: IpObject, word: string, lacksValue: boolean): Misunderstanding {
  const names = Object.keys(SELECTORS[object]);
  if (lacksValue) return misunderstood(`ip ${object} show: "${word}" takes a value`);
  const close = nearest(word, names);
  const others = names.length === 0 ? 'it takes no more words' : `it takes ${names.join(', ')}`;
  return misunderstood(
    `ip ${object} show: "${word}" is not understood`,
    close === undefined ? others : `did you mean "${close}"?`,
  );
}

function listOf(object: IpObject, asked: ReadonlyMap<string, string>, options: IpOptions): Question | Misunderstanding {
  const selected = [...asked].map(([name, value]) => (value === '' ? ` ${name}` : ` ${name} ${value}`)).join('');
  const flags = `${options.json ? ' -j' : ''}${options.brief ? ' -br' : ''}${options.stats ? ' -s' : ''}${options.inet ? ' -4' : ''}`;
  const command = `ip${flags} ${object}${selected === '' ? '' : ` show${selected}`}`;
  const filter = Object.fromEntries([...asked].map(([name, value]) => [name, value === '' ? true : value]));
  const dev = asked.get('dev') ?? asked.get('master');
  const refusal = ({ namespace }: StackSnapshot): string | undefined =>
    dev === undefined || namespace.addr.some((row) => row.ifname === dev)
      ? undefined
      : `Device "${dev}" does not exist.`;
  const base = { command, of: 'linux', key: object, refusal } as const;
  const parts = partsOf(object, filter, options);
  if (options.json && options.brief) return misunderstood('ip: -j with -br is not made', 'write one of them');
  return { ...base, text: options.json ? (snapshot) => jsonLine(parts.rows(snapshot)) : parts.text, rows: parts.rows };
}

interface Parts {
  text(snapshot: StackSnapshot): string;
  rows(snapshot: StackSnapshot): readonly object[];
}

function partsOf(object: IpObject, asked: object, { brief, stats, inet }: IpOptions): Parts {
  const filter = { ...asked, stats, inet };
  switch (object) {
    case 'addr':
      return {
        text: ({ namespace }) =>
          brief ? showIpBriefAddr(namespace, filter as LinkFilter) : showIpAddr(namespace, filter as LinkFilter),
        rows: ({ namespace }) => ipAddrRows(namespace, filter as LinkFilter),
      };
    case 'link':
      return {
        text: ({ namespace }) =>
          brief ? showIpBriefLink(namespace, filter as LinkFilter) : showIpLink(namespace, filter as LinkFilter),
        rows: ({ namespace }) => ipLinkRows(namespace, filter as LinkFilter),
      };
    case 'route':
      return {
        text: ({ namespace }) => showIpRoute(namespace, asked as RouteFilter),
        rows: ({ namespace }) => ipRouteRows(namespace, asked as RouteFilter),
      };
    case 'rule':
      return { text: ({ namespace }) => showIpRule(namespace), rows: ({ namespace }) => namespace.rule };
    case 'neigh':
      return 'proxy' in asked
        ? {
            text: ({ namespace }) => showIpNeighProxy(namespace, filter as NeighFilter),
            rows: ({ namespace }) => proxyRows(namespace, filter as NeighFilter),
          }
        : {
            text: ({ namespace }) => showIpNeigh(namespace, filter as NeighFilter),
            rows: ({ namespace }) => ipNeighRows(namespace, filter as NeighFilter),
          };
  }
}
