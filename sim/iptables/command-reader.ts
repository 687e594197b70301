import { ownValue } from '../core/own-value.ts';
import { Given, type OptionKind } from './extension.ts';
import { findMatch, matchOfProtocol } from './matches.ts';
import { type Loaded, type ReadCommand, RuleParts } from './rule-parts.ts';
import { findTarget } from './targets.ts';

/** Letters of commands, with the fewest and the most words that follow. */
const COMMANDS: Readonly<Record<string, readonly [number, number]>> = {
  A: [1, 1],
  C: [1, 1],
  D: [1, 2],
  I: [1, 2],
  R: [1, 2],
  L: [0, 2],
  S: [0, 2],
  F: [0, 1],
  Z: [0, 2],
  N: [1, 1],
  X: [0, 1],
  E: [1, 2],
  P: [1, 2],
};

/** Options of every rule that take a value, and those that do not. */
const RULE_OPTIONS = 'sdpiojgmf';
const PLAIN_OPTIONS = 'nvx46wW0ctVh';

/** Long names, by the letter they stand for; `0` is --line-numbers. */
const LONG: Readonly<Record<string, string>> = {
  append: 'A',
  check: 'C',
  delete: 'D',
  insert: 'I',
  replace: 'R',
  list: 'L',
  'list-rules': 'S',
  flush: 'F',
  zero: 'Z',
  'new-chain': 'N',
  'delete-chain': 'X',
  'rename-chain': 'E',
  policy: 'P',
  source: 's',
  src: 's',
  destination: 'd',
  dst: 'd',
  protocol: 'p',
  proto: 'p',
  'in-interface': 'i',
  'out-interface': 'o',
  jump: 'j',
  goto: 'g',
  match: 'm',
  fragments: 'f',
  table: 't',
  numeric: 'n',
  verbose: 'v',
  exact: 'x',
  ipv4: '4',
  ipv6: '6',
  wait: 'w',
  'wait-interval': 'W',
  'line-numbers': '0',
  'set-counters': 'c',
  version: 'V',
  help: 'h',
};

/** The full name behind a letter, for complaints. */
const fullName = (letter: string): string => Object.keys(LONG).find((name) => LONG[name] === letter) ?? letter;

/** An option that some extension understands. */
interface Owned {
  readonly given: Given;
  readonly owner: string;
  readonly name: string;
  readonly kind: OptionKind;
}

/**
 * Reads the words of a command from left to right, as getopt_long() does with the options that are loaded by then.
 * Models iptables/xshared.c do_parse().
 */
export class CommandReader {
  readonly #words: readonly string[];
  #at = 0;
  #not = false;
  #letter = '';
  #operands: string[] = [];
  #table: string | undefined;
  #counters: readonly [number, number] | undefined;
  readonly #parts = new RuleParts();

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  read(): ReadCommand | string {
    while (this.#at < this.#words.length) {
      const complaint = this.#readOne(this.#words[this.#at++] ?? '');
      if (complaint !== undefined) return complaint;
    }
    if (this.#not) return 'nothing appropriate following !';
    const { operands, table, counters } = { operands: this.#operands, table: this.#table, counters: this.#counters };
    return { table, letter: this.#letter, operands, parts: this.#parts, counters };
  }

  #readOne(word: string): string | undefined {
    if (word === '!') {
      if (this.#not) return 'multiple consecutive ! not allowed';
      this.#not = true;
      return undefined;
    }
    if (word.startsWith('--') && word.length > 2) return this.#readLong(word);
    if (!word.startsWith('-') || word.length < 2) return `Bad argument \`${word}'`;
    // A value may follow its letter at once: -s10.0.0.1.
    const attached = word.length > 2 ? word.slice(2) : undefined;
    return this.#readLetter(word[1] ?? '', attached, word.slice(0, 2));
  }

  #readLong(word: string): string | undefined {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const owned = this.#find(name, true) ?? undefined;
    if (owned !== undefined) return this.#take(owned, attached);
    const letter = ownValue(LONG, name);
    if (letter !== undefined) return this.#readLetter(letter, attached, `--${name}`);
    return this.#readShortened(name, attached);
  }

  /** A name cut short, as long as it means one option only; else one of the protocol's match, which is loaded now. */
  #readShortened(name: string, attached: string | undefined): string | undefined {
    const base = new Set(Object.keys(LONG).flatMap((long) => (long.startsWith(name) ? [LONG[long] ?? ''] : [])));
    const owned = this.#find(name, false);
    if (owned !== undefined && base.size === 0) return this.#take(owned, attached);
    if (owned === undefined && base.size === 1) return this.#readLetter([...base][0] ?? '', attached, `--${name}`);
    if (owned !== undefined || base.size > 1) return `option "--${name}" is ambiguous`;
    if (this.#loadProtocolMatch()) {
      const loaded = this.#find(name, true) ?? this.#find(name, false);
      if (loaded !== undefined) return this.#take(loaded, attached);
    }
    const all = [...this.#parts.matches, ...(this.#parts.target === undefined ? [] : [this.#parts.target])];
    const isKnown = all.some(({ extension }) => extension.notModelled?.includes(name));
    return isKnown ? `option "--${name}" is not modelled` : `unknown option "--${name}"`;
  }

  /** An option of a loaded extension, of the one loaded last first: whole, or begun and of one meaning. */
  #find(name: string, whole: boolean): Owned | undefined {
    const loaded: Loaded<unknown>[] = [...this.#parts.matches].reverse();
    if (this.#parts.target !== undefined) loaded.push(this.#parts.target);
    for (const { extension, given } of loaded) {
      const names = {
        ...Object.fromEntries(Object.keys(extension.options).map((one) => [one, one])),
        ...extension.aliases,
      };
      const fits = Object.keys(names).filter((one) => (whole ? one === name : one.startsWith(name)));
      const meanings = new Set(fits.map((one) => names[one] ?? one));
      const [meaning] = meanings;
      if (meaning === undefined || meanings.size > 1) continue;
      const kind = extension.options[meaning];
      if (kind !== undefined) return { given, owner: extension.name, name: meaning, kind };
    }
    return undefined;
  }

  #loadProtocolMatch(): boolean {
    const extension = matchOfProtocol(protocolWord(this.#parts));
    if (extension === undefined || this.#parts.matches.some((one) => one.extension === extension)) return false;
    this.#parts.load(extension);
    return true;
  }

  #take({ given, owner, name, kind }: Owned, attached: string | undefined): string | undefined {
    const not = this.#not;
    this.#not = false;
    if (given.has(name)) {
      if (owner !== 'tcp' && owner !== 'udp') return `${owner}: option "--${name}" can only be used once.`;
      return `Only one \`--${name}' allowed`;
    }
    if (not && !kind.startsWith('not')) return `${owner}: option "--${name}" cannot be inverted.`;
    const count = kind.endsWith('flag') ? 0 : kind.endsWith('two values') ? 2 : 1;
    const values: string[] = attached === undefined || count === 0 ? [] : [attached];
    while (values.length < count && this.#at < this.#words.length) values.push(this.#words[this.#at++] ?? '');
    if (values.length === 0 && count > 0) return `option "--${name}" requires an argument`;
    if (values.length < count) return `--${name} requires two args.`;
    given.set(name, { values, not });
    return undefined;
  }

  #readLetter(letter: string, attached: string | undefined, word: string): string | undefined {
    if (Object.hasOwn(COMMANDS, letter)) return this.#readCommand(letter, attached, word);
    if (RULE_OPTIONS.includes(letter)) return this.#readRuleOption(letter, attached, word);
    if (!PLAIN_OPTIONS.includes(letter)) return `unknown option "${word}"`;
    if (this.#not) return `unexpected ! flag before --${fullName(letter)}`;
    return this.#readPlain(letter, attached, word);
  }

  #readCommand(letter: string, attached: string | undefined, word: string): string | undefined {
    if (this.#not) return `unexpected ! flag before --${fullName(letter)}`;
    if (this.#letter !== '') return `Cannot use -${letter} with -${this.#letter}`;
    this.#letter = letter;
    const [fewest, most] = COMMANDS[letter] ?? [0, 0];
    if (attached !== undefined) this.#operands.push(attached);
    while (this.#operands.length < most && this.#isOperand()) this.#operands.push(this.#words[this.#at++] ?? '');
    // A chain may be called anything, even something that looks like an option.
    if (this.#operands.length < fewest && this.#at < this.#words.length) {
      this.#operands.push(this.#words[this.#at++] ?? '');
    }
    return this.#operands.length < fewest ? `option "${word}" requires an argument` : undefined;
  }

  #isOperand(): boolean {
    const next = this.#words[this.#at];
    return next !== undefined && !next.startsWith('-') && next !== '!';
  }

  #readRuleOption(letter: string, attached: string | undefined, word: string): string | undefined {
    const parts = this.#parts;
    const not = this.#not;
    this.#not = false;
    if (not && (letter === 'j' || letter === 'g')) return `cannot have ! before -${letter}`;
    if (not && letter === 'm') return 'unexpected ! flag before --match';
    const slot = letter === 'g' ? 'j' : letter;
    if (letter !== 'm' && parts.used.includes(slot)) return `multiple -${slot} flags not allowed`;
    parts.used.push(slot);
    if (letter === 'f') {
      parts.fragment = { values: [], not };
      return undefined;
    }
    const value = attached ?? this.#words[this.#at++];
    if (value === undefined) return `option "${word}" requires an argument`;
    const option = { values: [value], not };
    if (letter === 's') parts.source = option;
    else if (letter === 'd') parts.destination = option;
    else if (letter === 'p') parts.protocol = option;
    else if (letter === 'i') parts.input = option;
    else if (letter === 'o') parts.output = option;
    else if (letter === 'm') return this.#loadMatch(value);
    else return this.#jump(value, letter === 'g');
    return undefined;
  }

  #loadMatch(name: string): string | undefined {
    const extension = findMatch(name);
    if (typeof extension === 'string') return extension;
    this.#parts.load(extension);
    return undefined;
  }

  #jump(name: string, goto: boolean): string | undefined {
    this.#parts.jump = { name, goto };
    const extension = goto ? undefined : findTarget(name);
    if (typeof extension === 'string') return extension;
    if (extension !== undefined) this.#parts.target = { extension, given: new Given() };
    return undefined;
  }

  /** Options that change how the tool prints or waits, and -t and -c. */
  #readPlain(letter: string, attached: string | undefined, word: string): string | undefined {
    if (letter === 't') {
      this.#table = attached ?? this.#words[this.#at++];
      return this.#table === undefined ? `option "${word}" requires an argument` : undefined;
    }
    if (letter === 'c') {
      const [packets = '', bytes = ''] = [attached ?? this.#words[this.#at++], this.#words[this.#at++]];
      if (!/^\d{1,15}$/.test(packets)) return `-c packet counter not numeric`;
      if (!/^\d{1,15}$/.test(bytes)) return `-c byte counter not numeric`;
      this.#counters = [Number(packets), Number(bytes)];
      return undefined;
    }
    if (letter === '6') return 'This is the IPv4 version of iptables.';
    if (letter === 'w' && /^\d+$/.test(this.#words[this.#at] ?? '')) this.#at++;
    return undefined;
  }
}

/** The protocol's name in lower case, '' where none was said. */
function protocolWord({ protocol }: RuleParts): string {
  const text = (protocol?.values[0] ?? '').toLowerCase();
  const numbers: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp' };
  return ownValue(numbers, text) ?? text;
}
