import type { InterfaceMatch } from '../kernel/forwarding/xtables/rule.ts';
import { mask, parseIpv4 } from '../wire/address.ts';
import type { GivenOption } from './extension.ts';

/** A whole number from 0 to `most`, decimal or 0x hexadecimal or 0 octal, as strtoul() reads it; undefined if not. */
export function readNumber(text: string, most: number): number | undefined {
  const value = /^0[0-7]+$/.test(text)
    ? Number.parseInt(text, 8)
    : /^(\d+|0x[0-9a-f]+)$/i.test(text)
      ? Number(text)
      : Number.NaN;
  return value <= most ? value : undefined;
}

/** Names of ports (/etc/services), those that rules are written with. */
const SERVICES: Readonly<Record<string, number>> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  'snmp-trap': 162,
  bgp: 179,
  ldap: 389,
  https: 443,
  syslog: 514,
};

/** A port by number or name. */
export function readPort(text: string): number | undefined {
  return readNumber(text, 0xffff) ?? (Object.hasOwn(SERVICES, text) ? SERVICES[text] : undefined);
}

/** An address with the mask behind a slash, a length or dotted; missing parts of the address are 0 (`10/8`). */
export function readNetwork(text: string): { address: number; mask: number } | string {
  const [quad = '', length, ...rest] = text.split('/');
  const parts = quad.split('.');
  const address = parts.length > 4 ? undefined : parseIpv4([...parts, '0', '0', '0'].slice(0, 4).join('.'));
  if (address === undefined || rest.length > 0) return `host/network \`${quad}' not found`;
  const bits = length === undefined ? 0xffffffff : readMask(length);
  if (bits === undefined) return `invalid mask \`${length}' specified`;
  return { address: (address & bits) >>> 0, mask: bits };
}

function readMask(text: string): number | undefined {
  if (text.includes('.')) return parseIpv4(text);
  const length = readNumber(text, 32);
  return length === undefined ? undefined : mask(length);
}

/** `VALUE` or `VALUE/MASK`. */
export function readMarkMask(
  extension: string,
  option: string,
  text: string,
): { value: number; mask: number; hasMask: boolean } | string {
  const [first = '', second, ...rest] = text.split('/');
  const value = readNumber(first, 0xffffffff);
  const bits = second === undefined ? 0xffffffff : readNumber(second, 0xffffffff);
  if (value === undefined || bits === undefined) {
    return `${extension}: bad integer value for option "--${option}", or out of range.`;
  }
  if (rest.length > 0) return `${extension}: trailing garbage after value for option "--${option}".`;
  return { value, mask: bits, hasMask: second !== undefined };
}

/** IFNAMSIZ. */
const INTERFACE_BELOW = 16;

/** The name of a device, or what begins one with a `+` behind it. */
export function readInterface(option: GivenOption | undefined): InterfaceMatch | string {
  if (option === undefined) return { name: '', not: false };
  const name = option.values[0] ?? '';
  if (name.length >= INTERFACE_BELOW) {
    return `interface name \`${name}' must be shorter than IFNAMSIZ (${INTERFACE_BELOW - 1})`;
  }
  if (/[\s/]/.test(name)) return `weird character in interface \`${name}' ('/' and ' ' are not allowed by the kernel)`;
  return { name, not: option.not };
}
