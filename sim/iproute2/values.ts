import { ownValue } from '../core/own-value.ts';
import {
  SCOPE_GLOBAL,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  SCOPE_SITE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
} from '../kernel/forwarding/fib-table.ts';
import {
  formatPrefix,
  type InterfaceAddress,
  type Ipv4,
  type Prefix,
  parseInterfaceAddress,
  parseIpv4,
  prefixOf,
} from '../wire/address.ts';
import { type Mac, parseMac } from '../wire/mac.ts';
import type { WordReader } from './word-reader.ts';

/*
 * The values behind iproute2's keywords, read from the next word, with iproute2's messages for what is none.
 */

const NOWHERE = { address: 0, length: 0 } as const;

/** An address without a length. */
export function readAddress(words: WordReader): Ipv4 {
  return words.value(parseIpv4, 0, (text) => `inet address is expected rather than "${text}".`);
}

/** `10.1.2.3/24`; without a length it is /32. */
export function readInterfaceAddress(words: WordReader): InterfaceAddress {
  return words.value(parseAnyAddress, NOWHERE, (text) => `any valid prefix is expected rather than "${text}".`);
}

/** A prefix whose host bits are clear, `default`, or an address. */
export function readPrefix(words: WordReader): Prefix {
  return networkOf(words, readAnyPrefix(words));
}

/** The prefix that the word taken last has been read as; one with host bits is a fault. */
export function networkOf(words: WordReader, { address, length }: InterfaceAddress): Prefix {
  const prefix = prefixOf(address, length);
  if (prefix.network !== address) {
    words.wrong('Invalid prefix for given prefix length.', `the network is ${formatPrefix(prefix)}`);
  }
  return prefix;
}

/** The prefix of a rule: host bits do not matter, and everything is undefined. */
export function readSelector(words: WordReader): Prefix | undefined {
  const { address, length } = readAnyPrefix(words);
  return length === 0 ? undefined : prefixOf(address, length);
}

function readAnyPrefix(words: WordReader): InterfaceAddress {
  return words.value(parseAnyPrefix, NOWHERE, (text) => `any valid prefix is expected rather than "${text}".`);
}

function parseAnyAddress(text: string): InterfaceAddress | undefined {
  return parseInterfaceAddress(text.includes('/') ? text : `${text}/32`);
}

/** `10/8` is 10.0.0.0/8, as in iproute2; undefined for what cannot be meant as a prefix. */
export function parseAnyPrefix(text: string): InterfaceAddress | undefined {
  if (text === 'default' || text === 'all' || text === 'any') return { address: 0, length: 0 };
  const whole = parseAnyAddress(text);
  if (whole !== undefined) return whole;
  const [, quad, length] = /^(\d+(?:\.\d+){0,2})(\/\d+)$/.exec(text) ?? [];
  if (quad === undefined || length === undefined) return undefined;
  const missing = 4 - quad.split('.').length;
  return parseInterfaceAddress(`${quad}${'.0'.repeat(missing)}${length}`);
}

export function readMac(words: WordReader): Mac {
  return words.value(parseMac, 0, (text) => `"${text}" is invalid lladdr.`);
}

/** A whole number from `least` to `most`, decimal or 0x hexadecimal. */
export function readNumber(words: WordReader, least: number, most: number, message: string): number {
  return words.value(
    (text) => parseNumber(text, least, most),
    least,
    (text) => `argument "${text}" is wrong: ${message}`,
  );
}

export function parseNumber(text: string, least: number, most: number): number | undefined {
  if (!/^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

const TABLES: Readonly<Record<string, number>> = { default: TABLE_DEFAULT, main: TABLE_MAIN, local: TABLE_LOCAL };

/** `main`, `local`, `default` or a number. */
export function readTable(words: WordReader, message = '"table" value is invalid'): number {
  return words.value(
    (text) => ownValue(TABLES, text) ?? parseNumber(text, 1, 0xffffffff),
    TABLE_MAIN,
    (text) => `argument "${text}" is wrong: ${message}`,
    'tables are numbers, main, local and default',
  );
}

const SCOPES: Readonly<Record<string, number>> = {
  global: SCOPE_GLOBAL,
  universe: SCOPE_GLOBAL,
  site: SCOPE_SITE,
  link: SCOPE_LINK,
  host: SCOPE_HOST,
  nowhere: SCOPE_NOWHERE,
};

export function readScope(words: WordReader, message: string): number {
  return words.value(
    (text) => ownValue(SCOPES, text) ?? parseNumber(text, 0, 255),
    SCOPE_GLOBAL,
    (text) => `argument "${text}" is wrong: ${message}`,
    'scopes are global, site, link and host',
  );
}

/** Who made a route (/etc/iproute2/rt_protos), and its number. */
const ROUTE_PROTOCOLS: Readonly<Record<string, number>> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};

/** The name that `ip route` prints for it, or the number where there is none. */
export function readRouteProtocol(words: WordReader): string {
  return words.value(
    (text) => {
      const number = ownValue(ROUTE_PROTOCOLS, text) ?? parseNumber(text, 0, 255);
      if (number === undefined) return undefined;
      const named = Object.entries(ROUTE_PROTOCOLS).find(([, other]) => other === number);
      return named?.[0] ?? String(number);
    },
    'boot',
    (text) => `argument "${text}" is wrong: "protocol" value is invalid`,
  );
}

/** Names of IP protocols (/etc/protocols) that a network engineer writes in rules. */
const IP_PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51 };

export function readIpProtocol(words: WordReader): number {
  return words.value(
    (text) => ownValue(IP_PROTOCOLS, text) ?? parseNumber(text, 1, 255),
    1,
    (text) => `argument "${text}" is wrong: Invalid "ipproto" value`,
  );
}

/** `53` or `1024-2047`. The kernel takes neither port 0 nor 65535 (fib_rule_port_range_valid). */
export function readPorts(words: WordReader, keyword: 'sport' | 'dport'): readonly [number, number] {
  return words.value(
    (text): readonly [number, number] | undefined => {
      const [first = '', last = first, ...rest] = text.split('-');
      const low = parseNumber(first, 1, 65534);
      const high = parseNumber(last, 1, 65534);
      return low === undefined || high === undefined || rest.length > 0 || low > high ? undefined : [low, high];
    },
    [1, 1],
    () => `Invalid ${keyword} range.`,
    'ports are 1 to 65534',
  );
}

/** The name of a device; whether it is there is seen when the command runs. */
export function readDevice(words: WordReader): string {
  return words.value(
    (text) => (/^[^/\s]{1,15}$/.test(text) ? text : undefined),
    '',
    (text) => `"dev": "${text}" is not a valid ifname`,
  );
}
