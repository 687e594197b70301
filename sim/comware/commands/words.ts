import { type InterfaceAddress, type Ipv4, mask, parseIpv4 } from '../../wire/address.ts';
import type { PortRange } from '../forwarding/acl.ts';
import { parseInterfaceName } from '../forwarding/interface-name.ts';

/** Names that the device takes for the ports of well-known services. */
const SERVICE_PORTS = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['dns', 53],
  ['tftp', 69],
  ['www', 80],
  ['pop3', 110],
  ['snmp', 161],
  ['bgp', 179],
  ['syslog', 514],
]);

/**
 * The words of a line behind its command, read one after the other. The first word that does not fit is the fault;
 * from then on every read gives a default, so that a command may read to its end and ask once.
 */
export class Words {
  readonly #line: string;
  readonly #words: readonly string[];
  #at = 0;
  #fault: string | undefined;

  constructor(line: string, words: readonly string[]) {
    this.#line = line;
    this.#words = words;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#words.length;
  }

  /** What is left of the line, as it was written. */
  get rest(): string {
    return this.#words.slice(this.#at).join(' ');
  }

  /** The next word in lower case, '' at the end. */
  get ahead(): string {
    return (this.#words[this.#at] ?? '').toLowerCase();
  }

  fail(sentence: string): void {
    this.#fault ??= sentence;
  }

  /** Whether the next word is this keyword, which is then read. */
  accept(keyword: string): boolean {
    if (this.ahead !== keyword) return false;
    this.#at++;
    return true;
  }

  /** Reads all there is. */
  takeRest(): string {
    const { rest } = this;
    this.#at = this.#words.length;
    return rest;
  }

  /** A keyword that must stand here. */
  expect(keyword: string): void {
    if (!this.accept(keyword)) this.fail(`\`${keyword}\` is missing${this.#where()}.`);
  }

  address(what: string): Ipv4 {
    const address = parseIpv4(this.ahead);
    if (address === undefined) {
      this.fail(`Wrong ${what}: ${this.ahead === '' ? 'it is missing' : this.ahead}.`);
      return 0;
    }
    this.#at++;
    return address;
  }

  integer(what: string, least: number, most: number): number {
    const { ahead } = this;
    const value = /^\d{1,10}$/.test(ahead) ? Number(ahead) : Number.NaN;
    if (!(value >= least && value <= most)) {
      this.fail(`Wrong ${what}: ${ahead === '' ? 'it is missing' : ahead}; it must be ${least} to ${most}.`);
      return least;
    }
    this.#at++;
    return value;
  }

  /** Whether a number stands next. */
  get isNumberAhead(): boolean {
    return /^\d+$/.test(this.ahead);
  }

  get isPortAhead(): boolean {
    return this.isNumberAhead || SERVICE_PORTS.has(this.ahead);
  }

  port(): number {
    const named = SERVICE_PORTS.get(this.ahead);
    if (named === undefined) return this.integer('port', 0, 65535);
    this.#at++;
    return named;
  }

  /** `PORT` or `FIRST LAST`; undefined where none stands. */
  ports(): PortRange | undefined {
    if (!this.isPortAhead) return undefined;
    const first = this.port();
    const last = this.isPortAhead ? this.port() : first;
    if (last < first) this.fail(`Wrong ports: ${last} is below ${first}.`);
    return { first, last };
  }

  /** An interface, its number perhaps in a word of its own. */
  interfaceName(): string {
    const word = this.#words[this.#at] ?? '';
    const hasNumber = /\d$/.test(word);
    const text = hasNumber ? word : `${word} ${this.#words[this.#at + 1] ?? ''}`;
    const name = parseInterfaceName(text);
    if (name === undefined) {
      this.fail(`Wrong interface name: ${text}`);
      return '';
    }
    this.#at += hasNumber ? 1 : 2;
    return name.long;
  }

  /** The length of a mask, as a number or as the mask itself. */
  maskLength(): number {
    const length = parseMaskLength(this.ahead);
    if (length === undefined) {
      this.fail(`Wrong mask: ${this.ahead === '' ? 'it is missing' : this.ahead}.`);
      return 32;
    }
    this.#at++;
    return length;
  }

  /** The fault of the line, if it has one; words that nobody read are one. */
  end(): string | undefined {
    if (this.#fault === undefined && !this.isEmpty) return `Unrecognized command: ${this.#line}`;
    return this.#fault;
  }

  #where(): string {
    return this.isEmpty ? ' at the end' : ` before ${this.#words[this.#at]}`;
  }
}

/** `10.1.1.1 24` or `10.1.1.1 255.255.255.0`, and nothing else. */
export function parseAddressAndMask(words: readonly string[]): InterfaceAddress | undefined {
  const address = parseIpv4(words[0] ?? '');
  const length = parseMaskLength(words[1] ?? '');
  return address === undefined || length === undefined || words.length > 2 ? undefined : { address, length };
}

function parseMaskLength(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= 32 ? Number(text) : undefined;
  const bits = parseIpv4(text);
  if (bits === undefined) return undefined;
  const length = Math.clz32(~bits >>> 0);
  return mask(length) === bits ? length : undefined;
}
