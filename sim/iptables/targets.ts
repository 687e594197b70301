import type { PortRange } from '../kernel/forwarding/xtables/match.ts';
import { type NatTarget, natTarget, REJECT_TYPES, type Target } from '../kernel/forwarding/xtables/target.ts';
import { parseIpv4 } from '../wire/address.ts';
import { conflict, type Extension, type Given, missing } from './extension.ts';
import { readMarkMask, readNumber, readPort } from './values.ts';

const ALIASES: Readonly<Record<string, string>> = {
  'net-unreach': 'icmp-net-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'net-prohib': 'icmp-net-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'tcp-rst': 'tcp-reset',
  'admin-prohib': 'icmp-admin-prohibited',
};

const reject: Extension<Target> = {
  name: 'REJECT',
  options: { 'reject-with': 'value' },
  build: (given) => {
    const text = given.value('reject-with') ?? 'icmp-port-unreachable';
    const wanted = text.toLowerCase();
    const alias = Object.keys(ALIASES).find((name) => name.startsWith(wanted));
    // The first of the list that begins so, by its name or by its other name.
    const type = REJECT_TYPES.find(
      (name) => name.startsWith(wanted) || (alias !== undefined && ALIASES[alias] === name),
    );
    return type === undefined ? `unknown reject type "${text}"` : { kind: 'REJECT', with: type };
  },
};

/** A translation to addresses: what comes behind `--to-source` or `--to-destination`. */
function addressNat(kind: 'SNAT' | 'DNAT', option: string, flags: readonly string[]): Extension<Target> {
  return {
    name: kind,
    options: { [option]: 'value', ...Object.fromEntries(flags.map((flag) => [flag, 'flag' as const])) },
    build: (given) => {
      const text = given.value(option);
      if (text === undefined) return missing(kind, option);
      const range = readNatRange(text, kind === 'DNAT');
      return typeof range === 'string' ? range : natTarget(kind, { ...range, ...natFlags(given) });
    },
  };
}

function natFlags(given: Given): Pick<NatTarget, 'random' | 'randomFully' | 'persistent'> {
  return {
    random: given.has('random'),
    randomFully: given.has('random-fully'),
    persistent: given.has('persistent'),
  };
}

/** `192.0.2.1-192.0.2.4:1024-2047`; for DNAT with `/BASE`. Models libxt_NAT.c parse_to(). */
function readNatRange(text: string, hasBase: boolean): Partial<NatTarget> | string {
  const colon = text.indexOf(':');
  const addressText = colon < 0 ? text : text.slice(0, colon);
  const ports = colon < 0 ? undefined : readNatPorts(text.slice(colon + 1), hasBase);
  if (typeof ports === 'string') return ports;
  if (addressText === '') return { ...ports };
  const [first = '', last = first] = addressText.split('-', 2);
  const from = parseIpv4(first);
  const to = parseIpv4(last);
  if (from === undefined) return `Bad IP address "${first}"`;
  if (to === undefined) return `Bad IP address "${last}"`;
  return { addresses: [from, to], ...ports };
}

function readNatPorts(text: string, hasBase: boolean): Pick<NatTarget, 'ports' | 'basePort'> | string {
  const [range = '', base, ...rest] = hasBase ? text.split('/') : [text];
  const ports = readDashRange(range);
  if (typeof ports === 'string') return ports;
  const basePort = base === undefined ? 0 : readPort(base);
  if (basePort === undefined || rest.length > 0) return `Port \`${base}' not valid`;
  return { ports, basePort };
}

function readDashRange(text: string): PortRange | string {
  const dash = text.indexOf('-');
  const first = dash < 0 ? text : text.slice(0, dash);
  const last = dash < 0 ? first : text.slice(dash + 1);
  const low = readPort(first);
  const high = readPort(last);
  if (low === undefined) return `Port \`${first}' not valid`;
  if (high === undefined) return `Port \`${last}' not valid`;
  return low > high ? `Port range \`${last}' funky` : [low, high];
}

/** A translation to an address of an interface, of which ports alone may be chosen. */
function interfaceNat(kind: 'MASQUERADE' | 'REDIRECT', flags: readonly string[]): Extension<Target> {
  return {
    name: kind,
    options: { 'to-ports': 'value', ...Object.fromEntries(flags.map((flag) => [flag, 'flag' as const])) },
    build: (given) => {
      const text = given.value('to-ports');
      const ports = text === undefined ? undefined : readDashRange(text);
      return typeof ports === 'string' ? ports : natTarget(kind, { ports, ...natFlags(given) });
    },
  };
}

const SETTING = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'] as const;
const SETTING_OPTIONS = {
  'set-xmark': 'value',
  'set-mark': 'value',
  'and-mark': 'value',
  'or-mark': 'value',
  'xor-mark': 'value',
} as const;

/** What one of the options that set a mark comes to; undefined where none was given. */
function readSetting(extension: string, given: Given): { value: number; mask: number } | undefined | string {
  const option = SETTING.find((name) => given.has(name));
  if (option === undefined) return undefined;
  const text = given.value(option) ?? '';
  const read = readMarkMask(extension, option, text);
  if (typeof read === 'string') return read;
  const { value, mask, hasMask } = read;
  switch (option) {
    case 'set-xmark':
      return { value, mask };
    case 'set-mark':
      return { value, mask: (value | mask) >>> 0 };
    default:
      if (hasMask) return `${extension}: trailing garbage after value for option "--${option}".`;
  }
  if (option === 'and-mark') return { value: 0, mask: ~value >>> 0 };
  return option === 'or-mark' ? { value, mask: value } : { value, mask: 0 };
}

const mark: Extension<Target> = {
  name: 'MARK',
  options: SETTING_OPTIONS,
  build: (given) => {
    const clash = conflict('MARK', given, SETTING);
    if (clash !== undefined) return clash;
    const setting = readSetting('MARK', given);
    if (typeof setting === 'string') return setting;
    if (setting === undefined) return 'MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required';
    return { kind: 'MARK', ...setting };
  },
};

const connmark: Extension<Target> = {
  name: 'CONNMARK',
  options: {
    ...SETTING_OPTIONS,
    'save-mark': 'flag',
    'restore-mark': 'flag',
    mask: 'value',
    nfmask: 'value',
    ctmask: 'value',
  },
  build: (given) => {
    const clash =
      conflict('CONNMARK', given, [...SETTING, 'save-mark', 'restore-mark']) ??
      conflict('CONNMARK', given, ['nfmask', 'mask']) ??
      conflict('CONNMARK', given, ['ctmask', 'mask']);
    if (clash !== undefined) return clash;
    const masks = readMasks(given);
    if (typeof masks === 'string') return masks;
    const setting = readSetting('CONNMARK', given);
    if (typeof setting === 'string') return setting;
    if (setting !== undefined) {
      return { kind: 'CONNMARK', mode: 'set', value: setting.value, mask: masks.mask ?? setting.mask };
    }
    const mode = given.has('save-mark') ? 'save' : given.has('restore-mark') ? 'restore' : undefined;
    if (mode === undefined) return 'CONNMARK target: No operation specified';
    const all = masks.mask ?? 0xffffffff;
    return { kind: 'CONNMARK', mode, packetMask: masks.nfmask ?? all, connectionMask: masks.ctmask ?? all };
  },
};

const MASKS = ['mask', 'nfmask', 'ctmask'] as const;

function readMasks(given: Given): { readonly [name in (typeof MASKS)[number]]?: number } | string {
  const masks: { [name in (typeof MASKS)[number]]?: number } = {};
  for (const name of MASKS) {
    const text = given.value(name);
    if (text === undefined) continue;
    const value = readNumber(text, 0xffffffff);
    if (value === undefined) return `CONNMARK: bad integer value for option "--${name}", or out of range.`;
    masks[name] = value;
  }
  return masks;
}

const LEVELS: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

const LOG_FLAGS: Readonly<Record<string, number>> = {
  'log-tcp-sequence': 1,
  'log-tcp-options': 2,
  'log-ip-options': 4,
  'log-uid': 8,
  'log-macdecode': 32,
};

/** What fits into struct xt_log_info. */
const PREFIX_MOST = 29;

const log: Extension<Target> = {
  name: 'LOG',
  options: {
    'log-level': 'value',
    'log-prefix': 'value',
    ...Object.fromEntries(Object.keys(LOG_FLAGS).map((name) => [name, 'flag' as const])),
  },
  build: (given) => {
    const levelText = given.value('log-level') ?? 'warning';
    const level = readNumber(levelText, 7) ?? (Object.hasOwn(LEVELS, levelText) ? LEVELS[levelText] : undefined);
    if (level === undefined) return `log level "${levelText}" unknown`;
    const prefix = given.value('log-prefix');
    if (prefix === '') return 'Argument must have a minimum length of 1 characters';
    const flags = given.among(Object.keys(LOG_FLAGS)).reduce((bits, name) => bits | (LOG_FLAGS[name] ?? 0), 0);
    return { kind: 'LOG', prefix: (prefix ?? '').slice(0, PREFIX_MOST), level, flags };
  },
};

const ct: Extension<Target> = {
  name: 'CT',
  options: { notrack: 'flag' },
  notModelled: ['helper', 'timeout', 'ctevents', 'expevents', 'zone', 'zone-orig', 'zone-reply'],
  build: (given) =>
    given.has('notrack') ? { kind: 'CT', alias: false } : '"-j CT" without "--notrack" is not modelled',
};

const notrack: Extension<Target> = { name: 'NOTRACK', options: {}, build: () => ({ kind: 'CT', alias: true }) };

const ALL = [
  ...[reject, mark, connmark, log, ct, notrack],
  addressNat('SNAT', 'to-source', ['random', 'random-fully', 'persistent']),
  addressNat('DNAT', 'to-destination', ['random', 'persistent']),
  interfaceNat('MASQUERADE', ['random', 'random-fully']),
  interfaceNat('REDIRECT', ['random']),
] as readonly Extension<Target>[];

/** Targets of the real tool that the simulator does not have; they are no names of chains either. */
const NOT_MODELLED = [
  ...[
    'AUDIT',
    'CHECKSUM',
    'CLASSIFY',
    'CLUSTERIP',
    'CONNSECMARK',
    'DSCP',
    'ECN',
    'HMARK',
    'IDLETIMER',
    'LED',
    'NETMAP',
  ],
  ...['NFLOG', 'NFQUEUE', 'QUEUE', 'RATEEST', 'SECMARK', 'SET', 'SYNPROXY', 'TCPMSS', 'TCPOPTSTRIP', 'TEE', 'TOS'],
  ...['TPROXY', 'TRACE', 'TTL', 'ULOG'],
] as readonly string[];

/** The target of a name, undefined where only a chain can be meant, or why there is none. */
export function findTarget(name: string): Extension<Target> | string | undefined {
  if (NOT_MODELLED.includes(name)) return `target "${name}" is not modelled`;
  return ALL.find((extension) => extension.name === name);
}

/** A name that a chain cannot have. */
export function isTargetName(name: string): boolean {
  return ['ACCEPT', 'DROP', 'RETURN'].includes(name) || findTarget(name) !== undefined;
}
